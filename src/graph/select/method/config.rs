//! `config.<key>`: a resource by the value of a config.

use serde_json::Value as Json;

use crate::manifest::ConfigValues;

/// Whether the config below the keys has the value, or holds it if it is a list. Booleans are matched in any case of letters, and
/// so is the severity of tests.
pub(super) fn matches(keys: &[String], wanted: &str, config: &ConfigValues) -> bool {
    let (first, rest) = match keys {
        [first, rest @ ..] => (config.get(first), rest),
        [] => return false,
    };
    let found = rest.iter().fold(first, |value, key| value.and_then(|value| value.get(key.as_str())));
    let any_case = matches!(keys, [key] if key == "severity");
    match found {
        Some(Json::Array(items)) => items.iter().any(|item| is(item, wanted, any_case)),
        Some(value) => is(value, wanted, any_case),
        None => false,
    }
}

fn is(value: &Json, wanted: &str, any_case: bool) -> bool {
    match value {
        Json::String(text) => text == wanted || (any_case && text.eq_ignore_ascii_case(wanted)),
        Json::Bool(flag) => wanted.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
        Json::Number(number) => number.to_string() == wanted,
        _ => false,
    }
}
