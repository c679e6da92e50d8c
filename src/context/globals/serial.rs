//! `tojson`, `fromjson`, `toyaml`, `fromyaml`, `local_md5`.

use serde_json::Value as Json;

use crate::base::md5_hex;
use crate::context::function::{Arguments, function};
use crate::context::value_of;
use crate::diagnostic::Diagnostics;
use crate::jinja::{Error, Value, json};
use crate::source::SourceMap;
use crate::yaml;

/// The functions.
pub(super) fn functions() -> Vec<(&'static str, Value)> {
    vec![
        ("fromjson", function("fromjson", |_, args| from_text(&args, |text| serde_json::from_str(text).ok()))),
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

/// What a text of YAML says, read as property files are: as Python reads it.
fn from_yaml(text: &str) -> Option<Json> {
    let file = SourceMap::default().add("fromyaml", "");
    yaml::parse(file, text, &mut Diagnostics::new()).ok().map(|node| node.to_json())
}

fn from_text(args: &Arguments, read: impl Fn(&str) -> Option<Json>) -> Result<Value, Error> {
    let text = args.required_text(0, "string")?;
    let value = read(&text).map(|json| value_of(&json));
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
