//! Functions that are the same in every template.

use std::sync::Arc;

use serde_json::Value as Json;

use super::function::{Arguments, fail, function};
use super::value_of;
use crate::base::md5_hex;
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Builder, Error, Value, mutable, raise};
use crate::source::World;

/// Whether secrets may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// In profiles and package files.
    Allowed,
    /// Everywhere else: what is rendered there is written to disk.
    Forbidden,
}

/// The prefix of variables that hold secrets.
pub const SECRET_PREFIX: &str = "DBT_ENV_SECRET";

/// Adds the functions to an environment.
pub fn add(builder: &mut Builder, world: &Arc<dyn World>) {
    builder.global("env_var", env_var(Arc::clone(world), Secrets::Forbidden));
    builder.global("exceptions", exceptions());
    builder
        .global("fromjson", function("fromjson", |_, args| from_text(&args, |text| serde_json::from_str(text).ok())));
    builder
        .global("fromyaml", function("fromyaml", |_, args| from_text(&args, |text| serde_yaml::from_str(text).ok())));
    builder.global("tojson", function("tojson", |_, args| to_text(&args, |json| serde_json::to_string(json).ok())));
    builder.global("toyaml", function("toyaml", |_, args| to_text(&args, |json| serde_yaml::to_string(json).ok())));
    builder.global(
        "local_md5",
        function("local_md5", |_, args| Ok(Value::from(md5_hex(args.required_text(0, "value")?.as_bytes())))),
    );
    builder.global("log", function("log", |_, args| log(&args)));
    builder.global("print", function("print", |_, args| print(&args)));
    builder.global("set", function("set", |_, args| set(&args)));
    builder.global("zip", function("zip", |_, args| zip(&args)));
}

/// `env_var(name, default)`.
#[must_use]
pub fn env_var(world: Arc<dyn World>, secrets: Secrets) -> Value {
    function("env_var", move |_, args| {
        let name = args.required_text(0, "var")?;
        if secrets == Secrets::Forbidden && name.starts_with(SECRET_PREFIX) {
            let message = format!("the secret `{name}` may only be used in `profiles.yml`");
            return Err(raise(Diagnostic::error(codes::ENV_VAR_SECRET, message)));
        }
        if let Some(value) = world.env(&name) {
            return Ok(Value::from(value));
        }
        args.get(1, "default").ok_or_else(|| {
            let message = format!("environment variable `{name}` is not set");
            raise(
                Diagnostic::error(codes::ENV_VAR_MISSING, message)
                    .help(format!("set it, or give a default: `env_var('{name}', '…')`")),
            )
        })
    })
}

fn exceptions() -> Value {
    let raise_error = |name| {
        function(name, |_, args| {
            let message = args.text(0, "msg")?.unwrap_or_default();
            Err(raise(Diagnostic::error(codes::JINJA_RAISED, message.trim().to_owned())))
        })
    };
    let warn = function("warn", |_, args| {
        let message = args.required_text(0, "msg")?;
        tracing::warn!(target: "transform::log", "{message}");
        Ok(Value::from(""))
    });
    Value::from_pairs([
        ("raise_compiler_error", raise_error("raise_compiler_error")),
        ("raise_database_error", raise_error("raise_database_error")),
        ("warn", warn),
    ])
}

fn from_text(args: &Arguments, read: impl Fn(&str) -> Option<Json>) -> Result<Value, Error> {
    let text = args.required_text(0, "string")?;
    let value = read(&text).map(|json| value_of(&json));
    Ok(value.or_else(|| args.get(1, "default")).unwrap_or_else(|| Value::from(())))
}

fn to_text(args: &Arguments, write: impl Fn(&Json) -> Option<String>) -> Result<Value, Error> {
    let value = args.required(0, "value")?;
    let text = serde_json::to_value(&value).ok().and_then(|json| write(&json)).map(Value::from);
    Ok(text.or_else(|| args.get(1, "default")).unwrap_or_else(|| Value::from(())))
}

/// `log(message, info=false)`: nothing is printed into the SQL.
fn log(args: &Arguments) -> Result<Value, Error> {
    let message = args.required_text(0, "msg")?;
    if args.flag(1, "info") {
        tracing::info!(target: "transform::log", "{message}");
    } else {
        tracing::debug!(target: "transform::log", "{message}");
    }
    Ok(Value::from(""))
}

fn print(args: &Arguments) -> Result<Value, Error> {
    tracing::info!(target: "transform::print", "{}", args.required_text(0, "msg")?);
    Ok(Value::from(""))
}

/// `set(list)`: each item once, in the order of first use.
fn set(args: &Arguments) -> Result<Value, Error> {
    let mut found: Vec<Value> = Vec::new();
    for item in args.required(0, "value")?.try_iter()? {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    Ok(mutable(Value::from(found)))
}

fn zip(args: &Arguments) -> Result<Value, Error> {
    let mut lists = Vec::new();
    for list in args.positional() {
        lists.push(list.try_iter().map_err(|_| fail("`zip` takes lists"))?.collect::<Vec<_>>());
    }
    let length = lists.iter().map(Vec::len).min().unwrap_or(0);
    let rows = (0..length).map(|row| lists.iter().map(|list| list[row].clone()).collect::<Value>());
    Ok(mutable(rows.collect()))
}
