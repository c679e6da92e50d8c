//! The filters that Python's Jinja has and minijinja has not, or has otherwise.

mod attribute;
mod number;
mod sequence;
mod texts;
mod wrap;

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error, State};

use crate::jinja::arguments::Arguments;
use crate::jinja::python::text;

/// Adds all of them.
pub(super) fn add(engine: &mut Environment<'static>) {
    attribute::add(engine);
    number::add(engine);
    sequence::add(engine);
    texts::add(engine);
    // dbt's filters for YAML values leave a text what it is in SQL.
    for name in ["as_text", "as_bool", "as_native", "as_number"] {
        engine.add_filter(name, |value: Value| value);
    }
    engine.add_filter("is_list", |value: &Value| value.kind() == ValueKind::Seq && !value.is_tuple());
}

/// dbt's filters for values of YAML make a text of what they are given; where one of them is the last thing that an expression
/// does, the text is then read as that [`Literal`](crate::jinja::native::Literal).
pub(super) fn add_native(engine: &mut Environment<'static>) {
    for name in ["as_text", "as_bool", "as_native", "as_number"] {
        engine.add_filter(name, |value: &Value| text(value));
    }
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
