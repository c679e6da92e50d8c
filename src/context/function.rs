//! Functions of templates that carry state.

use std::fmt;
use std::sync::Arc;

pub(super) use crate::jinja::{Arguments, fail};
use crate::jinja::{Error, Object, ObjectRepr, State, Value};

type Body = dyn Fn(&mut State<'_, '_>, Arguments) -> Result<Value, Error> + Send + Sync;

/// A function as a template's value.
struct Function {
    name: &'static str,
    body: Box<Body>,
}

/// Makes a function that templates can call.
pub(super) fn function(
    name: &'static str,
    body: impl Fn(&mut State<'_, '_>, Arguments) -> Result<Value, Error> + Send + Sync + 'static,
) -> Value {
    Value::from_object(Function { name, body: Box::new(body) })
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

impl Object for Function {
    // What is called is no mapping.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.body)(state, Arguments::of(self.name, args)?)
    }
}
