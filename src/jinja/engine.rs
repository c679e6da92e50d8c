//! minijinja with the filters and tests of Python's Jinja.

use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};

use crate::jinja::filter;
use crate::jinja::method;
use crate::jinja::python::{Comparison, Number, compare, write_text};

/// minijinja with what Python's Jinja has besides. Its global names are cleared: ours are resolved in `frame`.
pub(super) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_auto_escape_callback(|_| AutoEscape::None);
    engine.set_debug(false);
    engine.set_unknown_method_callback(method::call);
    engine.set_formatter(|out, _, value| write_text(out, value).map_err(Error::from));
    filter::add(&mut engine);
    tests(&mut engine);
    for name in ["range", "dict", "debug", "namespace"] {
        engine.remove_global(name);
    }
    engine
}

/// The same for templates that are only read: what is undefined has attributes, which are undefined.
pub(super) fn lenient_engine() -> Environment<'static> {
    let mut engine = engine();
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine
}

/// The same for values of YAML: dbt's filters make values of text there.
pub(super) fn native_engine() -> Environment<'static> {
    let mut engine = engine();
    filter::add_native(&mut engine);
    engine
}

fn tests(engine: &mut Environment<'static>) {
    engine.add_test("callable", |value: &Value| value.kind() == ValueKind::Plain && Number::of(value).is_none());
    // Python's: whatever has a length and items.
    engine.add_test("sequence", |value: &Value| {
        matches!(value.kind(), ValueKind::Seq | ValueKind::String | ValueKind::Map | ValueKind::Bytes)
    });
    engine.add_test("number", |value: &Value| Number::of(value).is_some());
    let comparisons: [(&[&'static str], Comparison); 6] = [
        (&["eq", "equalto", "=="], Comparison::Eq),
        (&["ne", "!="], Comparison::Ne),
        (&["lt", "lessthan", "<"], Comparison::Lt),
        (&["le", "<="], Comparison::Le),
        (&["gt", "greaterthan", ">"], Comparison::Gt),
        (&["ge", ">="], Comparison::Ge),
    ];
    for (names, comparison) in comparisons {
        for name in names {
            engine.add_test(*name, move |value: Value, other: Value| compare(comparison, &value, &other));
        }
    }
}
