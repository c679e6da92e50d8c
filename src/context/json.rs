//! JSON values as values of templates.

use serde_json::Value as Json;

use crate::jinja::{Value, mutable};

/// The same value for templates; lists and mappings can be changed there.
#[must_use]
pub fn value_of(json: &Json) -> Value {
    mutable(plain(json))
}

fn plain(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(()),
        Json::Bool(flag) => Value::from(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(int), _) => Value::from(int),
            (None, Some(int)) => Value::from(int),
            (None, None) => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(map) => Value::from_pairs(map.iter().map(|(key, value)| (key.as_str(), plain(value)))),
    }
}
