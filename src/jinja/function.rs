//! The functions, filters and tests that Jinja has in Python and minijinja has not, or has otherwise.

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind};

use crate::jinja::collection::{Dict, Namespace, pairs};
use crate::jinja::failure::give_back;
use crate::jinja::method;

/// minijinja with what Python's Jinja has besides. Its global names are cleared: ours are resolved in `frame`.
pub(super) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine.set_debug(false);
    engine.set_unknown_method_callback(method::call);
    engine.add_test("callable", |value: &Value| value.kind() == ValueKind::Plain);
    // Python's: whatever has a length and items.
    engine.add_test("sequence", |value: &Value| {
        matches!(value.kind(), ValueKind::Seq | ValueKind::String | ValueKind::Map | ValueKind::Bytes)
    });
    engine.add_filter("default", default);
    engine.add_filter("d", default);
    engine.add_filter("length", length);
    engine.add_filter("count", length);
    engine.add_filter("truncate", truncate);
    engine.add_filter("striptags", minijinja_contrib::filters::striptags);
    engine.add_filter("filesizeformat", minijinja_contrib::filters::filesizeformat);
    engine.add_filter("wordcount", |text: String| text.split_whitespace().count());
    engine.add_filter("center", |text: String, width: Option<usize>| method::center(&text, width.unwrap_or(80), ' '));
    for name in ["range", "dict", "debug", "namespace"] {
        engine.remove_global(name);
    }
    engine
}

/// The functions of Jinja itself, which are in sight of every template.
pub(super) fn globals() -> Vec<(&'static str, Value)> {
    vec![
        ("return", Value::from_function(return_)),
        ("range", Value::from_function(minijinja::functions::range)),
        ("dict", Value::from_function(dict)),
        ("namespace", Value::from_function(namespace)),
    ]
}

fn return_(value: Rest<Value>) -> Result<Value, Error> {
    match value.as_slice() {
        [] => Err(give_back(Value::from(()))),
        [value] => Err(give_back(value.clone())),
        _ => Err(Error::new(ErrorKind::TooManyArguments, "`return` takes one value")),
    }
}

fn dict(args: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    entries(&args, &named).map(|entries| entries.into_iter().collect::<Dict>().into())
}

fn namespace(args: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    entries(&args, &named).map(|entries| Value::from_object(entries.into_iter().collect::<Namespace>()))
}

/// The entries of maps and sequences of pairs, and then keyword arguments.
fn entries(args: &[Value], named: &Kwargs) -> Result<Vec<(Value, Value)>, Error> {
    let mut entries = Vec::new();
    for arg in args {
        entries.extend(pairs(arg)?);
    }
    for name in named.args() {
        entries.push((Value::from(name), named.peek(name)?));
    }
    Ok(entries)
}

/// `default(value='', boolean=false)`: with `boolean`, every false value is replaced.
fn default(value: Value, given: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let replacement = match given.first() {
        Some(given) => given.clone(),
        None => named.get::<Option<Value>>("default_value")?.unwrap_or_else(|| Value::from("")),
    };
    let all_false = match given.get(1) {
        Some(given) => given.is_true(),
        None => named.get::<Option<bool>>("boolean")?.unwrap_or_default(),
    };
    named.assert_all_used()?;
    Ok(if value.is_undefined() || (all_false && !value.is_true()) { replacement } else { value })
}

/// The length; that of an undefined value is zero.
fn length(value: Value) -> Result<usize, Error> {
    if value.is_undefined() {
        return Ok(0);
    }
    let missing = || Error::new(ErrorKind::InvalidOperation, format!("a {} has no length", value.kind()));
    value.len().ok_or_else(missing)
}

/// `truncate(length=255, killwords=false, end='...', leeway=5)`, as Jinja has it.
fn truncate(text: String, given: Rest<Value>, named: Kwargs) -> Result<String, Error> {
    let option = |at: usize, name| match given.get(at) {
        Some(value) => Ok(Some(value.clone())),
        None => named.get::<Option<Value>>(name),
    };
    let length = option(0, "length")?.map_or(Ok(255), usize::try_from)?;
    let cut_words = option(1, "killwords")?.is_some_and(|value| value.is_true());
    let end = option(2, "end")?.map_or_else(|| "...".to_owned(), |value| value.to_string());
    let leeway = option(3, "leeway")?.map_or(Ok(5), usize::try_from)?;
    named.assert_all_used()?;
    if text.chars().count() <= length.saturating_add(leeway) {
        return Ok(text);
    }
    let mut kept: String = text.chars().take(length.saturating_sub(end.chars().count())).collect();
    if !cut_words && let Some(space) = kept.rfind(' ') {
        kept.truncate(space);
    }
    Ok(kept + &end)
}
