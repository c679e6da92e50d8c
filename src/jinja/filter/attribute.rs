//! `attr`: an attribute whose name is a value. Methods are attributes too; entries of a dict are none.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value, ValueKind};
use minijinja::{Environment, Error, State};

use super::filter;
use crate::jinja::collection::Dict;

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
    if own.is_undefined() && has_method(value.kind(), name) {
        return Value::from_object(Method { object: value.clone(), name: name.to_owned() });
    }
    own
}

/// Whether a value has a method of this name. What those of objects are called, only calling them tells.
fn has_method(kind: ValueKind, name: &str) -> bool {
    match kind {
        ValueKind::String => STRING.contains(&name),
        ValueKind::Map => DICT.contains(&name),
        ValueKind::Seq => LIST.contains(&name),
        ValueKind::Plain => true,
        _ => false,
    }
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

const STRING: &[&str] = &[
    "capitalize",
    "casefold",
    "center",
    "count",
    "encode",
    "endswith",
    "expandtabs",
    "find",
    "format",
    "index",
    "isalnum",
    "isalpha",
    "isascii",
    "isdecimal",
    "isdigit",
    "isidentifier",
    "islower",
    "isnumeric",
    "isspace",
    "istitle",
    "isupper",
    "join",
    "ljust",
    "lower",
    "lstrip",
    "partition",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rindex",
    "rjust",
    "rpartition",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

const DICT: &[&str] = &["clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];

const LIST: &[&str] =
    &["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];
