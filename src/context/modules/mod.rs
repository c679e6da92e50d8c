//! `modules`: the parts of Python's library that dbt shows to templates, a file each.

mod datetime;
mod itertools;
mod pytz;
mod re;

use std::fmt;
use std::sync::Arc;

use crate::jinja::{Arguments, Enumerator, Error, ErrorKind, Object, State, Value};
use crate::source::World;

pub(super) use datetime::{date_time, date_time_at, date_value, scalar};

/// `modules` in templates.
pub(super) struct Modules {
    world: Arc<dyn World>,
}

impl Modules {
    /// The modules; the time is what `world` says.
    pub(super) fn value(world: Arc<dyn World>) -> Value {
        Value::from_object(Modules { world })
    }
}

impl fmt::Debug for Modules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("modules")
    }
}

impl Object for Modules {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "datetime" => Some(datetime::module(&self.world)),
            "itertools" => Some(itertools::module()),
            "pytz" => Some(pytz::module()),
            "re" => Some(re::module()),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["datetime", "itertools", "pytz", "re"])
    }
}

/// The error for a method that an object does not have.
fn unknown_method() -> Error {
    Error::from(ErrorKind::UnknownMethod)
}

type Construct = dyn Fn(&mut State<'_, '_>, &Arguments) -> Result<Value, Error> + Send + Sync;
type Method = dyn Fn(&mut State<'_, '_>, &str, &Arguments) -> Result<Option<Value>, Error> + Send + Sync;

/// A class of Python: it is called to make a value, and has methods and attributes of its own.
struct Class {
    name: &'static str,
    construct: Box<Construct>,
    method: Box<Method>,
    attribute: fn(&str) -> Option<Value>,
}

impl fmt::Debug for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class '{}'>", self.name)
    }
}

impl Object for Class {
    fn repr(self: &Arc<Self>) -> crate::jinja::ObjectRepr {
        crate::jinja::ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (self.attribute)(key.as_str()?)
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.construct)(state, &Arguments::of(self.name, args)?)
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        (self.method)(state, method, &Arguments::of(self.name, args)?)?.ok_or_else(unknown_method)
    }
}
