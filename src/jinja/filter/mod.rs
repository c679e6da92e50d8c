//! The filters that Python's Jinja has and minijinja has not, or has otherwise.

mod number;
mod sequence;
mod texts;
mod wrap;

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, State};

use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::native::literal;
use crate::jinja::python::text;

/// Adds all of them.
pub(super) fn add(engine: &mut Environment<'static>) {
    number::add(engine);
    sequence::add(engine);
    texts::add(engine);
    // dbt's filters for YAML values leave a text what it is in SQL.
    for name in ["as_text", "as_bool", "as_native", "as_number"] {
        engine.add_filter(name, |value: Value| value);
    }
    engine.add_filter("is_list", |value: &Value| value.kind() == ValueKind::Seq && !value.is_tuple());
}

/// The filters that make a value of a text, for values of YAML.
pub(super) fn add_native(engine: &mut Environment<'static>) {
    filter(engine, "as_native", |_, value, _| Ok(read(&value)));
    filter(engine, "as_bool", |_, value, _| {
        let read = read(&value);
        match read.kind() {
            ValueKind::Bool => Ok(read),
            _ => Err(fail(format!("`{}` is neither `True` nor `False`", text(&value)))),
        }
    });
    filter(engine, "as_number", |_, value, _| {
        let read = read(&value);
        match read.kind() {
            ValueKind::Number => Ok(read),
            _ => Err(fail(format!("`{}` is no number", text(&value)))),
        }
    });
    filter(engine, "as_text", |_, value, _| Ok(Value::from(text(&value))));
}

/// The value that a text stands for in Python; the text itself where it stands for none.
fn read(value: &Value) -> Value {
    literal(&text(value)).unwrap_or_else(|| Value::from(text(value)))
}

/// Adds one filter, whose arguments are read as those of our functions.
fn filter(
    engine: &mut Environment<'static>,
    name: &'static str,
    work: impl Fn(&mut State<'_, '_>, Value, Arguments) -> Result<Value, Error> + Send + Sync + 'static,
) {
    engine.add_filter(name, move |state: &mut State<'_, '_>, value: Value, args: Rest<Value>, named: Kwargs| {
        work(state, value, Arguments::new(name, args.to_vec(), &named)?)
    });
}
