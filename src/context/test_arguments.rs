//! What a generic test's macro is called with.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};

use super::value_of;
use crate::diagnostic::Diagnostic;
use crate::jinja::{self, Environment, Scope, Value, mutable};
use crate::source::Span;

/// A text that is a call of `ref` and the like, which property files may hold without braces: `to: ref('customers')`.
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\s*(ref|source|var|env_var)\s*\(.*\)\s*$").ok());

/// Renders the arguments of a test; what `model` gives takes the place of the one in `arguments`. As in dbt it is rendered last.
///
/// # Errors
/// When the Jinja of an argument fails, or `model`; `at` is where the test stands.
pub fn test_arguments(
    environment: &Environment,
    scope: &Scope,
    arguments: &Map<String, Json>,
    at: Span,
    model: impl FnOnce() -> Result<Value, Diagnostic>,
) -> Result<Vec<(String, Value)>, Diagnostic> {
    let rendered = arguments.iter().filter(|(name, _)| *name != "model").map(|(name, json)| {
        // A column's name is text, whatever it looks like.
        let value = match json {
            Json::String(text) if name == "column_name" => Value::from(environment.render_text(text, at, scope).text?),
            other => argument(environment, scope, other, at)?,
        };
        Ok((name.clone(), value))
    });
    let mut all: Vec<(String, Value)> = rendered.collect::<Result<_, Diagnostic>>()?;
    all.push(("model".to_owned(), model()?));
    Ok(all)
}

/// The template that an argument is, if it is one.
#[must_use]
pub fn as_template(text: &str) -> Option<Cow<'_, str>> {
    match text {
        text if CALL.as_ref().is_some_and(|call| call.is_match(text)) => Some(format!("{{{{ {text} }}}}").into()),
        text => jinja::is_template(text).then(|| text.into()),
    }
}

/// The templates in an argument.
#[must_use]
pub fn argument_templates(json: &Json) -> Vec<Cow<'_, str>> {
    match json {
        Json::String(text) => as_template(text).into_iter().collect(),
        Json::Array(items) => items.iter().flat_map(argument_templates).collect(),
        _ => Vec::new(),
    }
}

fn argument(environment: &Environment, scope: &Scope, json: &Json, at: Span) -> Result<Value, Diagnostic> {
    match json {
        Json::String(text) => match as_template(text) {
            Some(template) => environment.native(&template, at, scope),
            None => Ok(value_of(json)),
        },
        Json::Array(items) => {
            let items = items.iter().map(|item| argument(environment, scope, item, at));
            items.collect::<Result<Value, _>>().map(mutable)
        }
        other => Ok(value_of(other)),
    }
}
