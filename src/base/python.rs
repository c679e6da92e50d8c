//! Values as Python prints them: dbt's digests and names are made of that text.

use serde_json::Value as Json;

/// `str(value)`.
#[must_use]
pub fn python_str(value: &Json) -> String {
    match value {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        Json::Array(items) => format!("[{}]", items.iter().map(python_value).collect::<Vec<_>>().join(", ")),
        Json::Object(map) => {
            let entries = map.iter().map(|(key, value)| format!("{}: {}", python_repr(key), python_value(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

/// `repr(value)`.
#[must_use]
pub fn python_value(value: &Json) -> String {
    match value {
        Json::String(text) => python_repr(text),
        other => python_str(other),
    }
}

/// `repr(text)`: single quotes unless only those are in the text.
#[must_use]
pub fn python_repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_python_repr(&mut out, text);
    out
}

/// Adds `repr(text)`.
pub fn push_python_repr(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\n', '\r', '\t', quote]) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut characters = special.chars();
        out.push_str(match characters.next() {
            Some('\\') => "\\\\",
            Some('\n') => "\\n",
            Some('\r') => "\\r",
            Some('\t') => "\\t",
            Some('"') => "\\\"",
            _ => "\\'",
        });
        rest = characters.as_str();
    }
    out.push_str(rest);
    out.push(quote);
}
