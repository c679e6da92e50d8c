//! `tojson`, `fromjson`, `toyaml`, `fromyaml`, `local_md5`.

use serde_json::Value as Json;

use crate::base::md5_hex;
use crate::context::function::{Arguments, function};
use crate::context::modules::scalar;
use crate::context::value_of;
use crate::diagnostic::Diagnostics;
use crate::jinja::{Error, Value, json, mutable};
use crate::source::SourceMap;
use crate::yaml::{self, Node};

/// The functions.
pub(super) fn functions() -> Vec<(&'static str, Value)> {
    vec![
        ("fromjson", function("fromjson", |_, args| from_text(&args, from_json))),
        ("fromyaml", function("fromyaml", |_, args| from_text(&args, from_yaml))),
        (
            "tojson",
            function("tojson", |_, args| {
                json(&args.required(0, "value")?, args.flag(2, "sort_keys"), None).map(Value::from)
            }),
        ),
        ("toyaml", function("toyaml", |_, args| to_yaml(&args))),
        (
            "local_md5",
            function("local_md5", |_, args| Ok(Value::from(md5_hex(args.required_text(0, "value")?.as_bytes())))),
        ),
    ]
}

fn from_json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().map(|json| value_of(&json))
}

/// What a text of YAML says, read as property files are: as Python reads it. What looks like a date and has no quotes is one.
fn from_yaml(text: &str) -> Option<Value> {
    let file = SourceMap::default().add("fromyaml", "");
    yaml::parse(file, text, &mut Diagnostics::new()).ok().map(|node| mutable(said(&node, text)))
}

fn said(node: &Node, source: &str) -> Value {
    match &node.value {
        yaml::Value::Text(text) => {
            let is_plain = source.get(node.span.range()).is_some_and(|written| written.trim() == text);
            scalar(text).filter(|_| is_plain).unwrap_or_else(|| Value::from(text))
        }
        yaml::Value::List(items) => items.iter().map(|item| said(item, source)).collect(),
        yaml::Value::Map(mapping) => {
            Value::from_pairs(mapping.iter().map(|entry| (entry.key.as_str(), said(&entry.node, source))))
        }
        _ => value_of(&node.to_json()),
    }
}

fn from_text(args: &Arguments, read: impl Fn(&str) -> Option<Value>) -> Result<Value, Error> {
    let text = args.required_text(0, "string")?;
    let value = read(&text);
    Ok(value.or_else(|| args.get(1, "default")).unwrap_or_else(|| Value::from(())))
}

/// `toyaml(value, default=none, sort_keys=false)`.
fn to_yaml(args: &Arguments) -> Result<Value, Error> {
    // JSON is YAML, and says by itself what has no place in either.
    let text = json(&args.required(0, "value")?, args.flag(2, "sort_keys"), None);
    let written = text.ok().and_then(|text| serde_json::from_str::<Json>(&text).ok());
    let written = written.and_then(|json| serde_yaml::to_string(&json).ok()).map(Value::from);
    Ok(written.or_else(|| args.get(1, "default")).unwrap_or_else(|| Value::from(())))
}
