//! `attr`: an attribute whose name is a value. Methods are attributes too; entries of a dict are none.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Environment, Error, State};

use super::filter;
use crate::jinja::collection::Dict;
use crate::jinja::method;

/// Adds the filter.
pub(super) fn add(engine: &mut Environment<'static>) {
    filter(engine, "attr", |_, value, args| {
        args.limit(1, &["name"])?;
        Ok(attribute(&value, &args.required_text(0, "name")?))
    });
}

fn attribute(value: &Value, name: &str) -> Value {
    let is_dict = value.downcast_object_ref::<Dict>().is_some();
    let own = if is_dict { Value::UNDEFINED } else { value.get_attr(name).unwrap_or_default() };
    if own.is_undefined() && method::has(value.kind(), name) {
        return Value::from_object(Method { object: value.clone(), name: name.to_owned() });
    }
    own
}

/// A method that is not called yet.
struct Method {
    object: Value,
    name: String,
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<method {}>", self.name)
    }
}

impl Object for Method {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.object.call_method(state, &self.name, args)
    }
}
