//! The functions, filters and tests that Jinja has in Python and minijinja has not, or has otherwise.

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, State};

use crate::jinja::collection::{Dict, Namespace, pairs};
use crate::jinja::failure::give_back;
use crate::jinja::method;

/// minijinja with what Python's Jinja has besides. Its global names are cleared: ours are resolved in `frame`.
pub(super) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine.set_debug(false);
    engine.set_unknown_method_callback(method::call);
    engine.add_test("callable", |value: &Value| is_callable(value));
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

fn return_(value: Option<Value>) -> Result<Value, Error> {
    Err(give_back(value.unwrap_or_else(|| Value::from(()))))
}

fn dict(args: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let made = Dict::default();
    for arg in args.iter() {
        for (key, value) in pairs(arg)? {
            made.set(key, value);
        }
    }
    for name in named.args() {
        made.set(Value::from(name), named.peek(name)?);
    }
    Ok(made.into())
}

fn namespace(state: &State<'_, '_>, args: Rest<Value>) -> Result<Value, Error> {
    Namespace::create(state, &args)
}

fn is_callable(value: &Value) -> bool {
    value.kind() == ValueKind::Plain
}
