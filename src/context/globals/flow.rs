//! `log`, `print`, `render`, `try_or_compiler_error`, `validation`.

use std::sync::Arc;

use crate::context::function::{Arguments, fail, function};
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{CallSite, Error, Kwargs, Object, ObjectRepr, State, Value, raise, text};

/// The functions.
pub(super) fn functions() -> Vec<(&'static str, Value)> {
    vec![
        ("log", function("log", |_, args| log(&args))),
        ("print", function("print", |_, args| print(&args))),
        ("render", function("render", |state, args| render(state, &args.required_text(0, "string")?))),
        ("submit_python_job", function("submit_python_job", |_, _| Err(fail(PYTHON_JOB)))),
        ("try_or_compiler_error", function("try_or_compiler_error", try_or_compiler_error)),
        ("validation", Value::from_pairs([("any", Value::from_object(AnyOf))])),
    ]
}

/// What only a materialization of dbt may ask for.
const PYTHON_JOB: &str = "`submit_python_job` belongs to the materializations of Python models";

/// `log(message, info=false)`: nothing is printed into the SQL.
fn log(args: &Arguments) -> Result<Value, Error> {
    let message = text(&args.required(0, "msg")?);
    if args.flag(1, "info") {
        tracing::info!(target: "transform::log", "{message}");
    } else {
        tracing::debug!(target: "transform::log", "{message}");
    }
    Ok(Value::from(""))
}

fn print(args: &Arguments) -> Result<Value, Error> {
    tracing::info!(target: "transform::print", "{}", text(&args.required(0, "msg")?));
    Ok(Value::from(""))
}

/// `render(string)`: a text that is a template itself.
fn render(state: &mut State<'_, '_>, template: &str) -> Result<Value, Error> {
    let site = CallSite::of(state).ok_or_else(|| fail("`render` is used outside of a template"))?;
    site.render_made(template).map(Value::from).map_err(raise)
}

/// `try_or_compiler_error(message, function, …)`: the function's value, or a failure with this message.
fn try_or_compiler_error(state: &mut State<'_, '_>, args: Arguments) -> Result<Value, Error> {
    let message = args.required_text(0, "message_if_exception")?;
    let called = args.required(1, "func")?;
    let mut rest: Vec<Value> = args.positional().iter().skip(2).cloned().collect();
    if !args.named().is_empty() {
        let named: Kwargs = args.named().iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        rest.push(named.into());
    }
    called.call(state, &rest).map_err(|_| raise(Diagnostic::error(codes::JINJA_RAISED, message)))
}

/// `validation.any(…)`: a check that a value is one of these.
#[derive(Debug)]
struct AnyOf;

impl Object for AnyOf {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let allowed = args.to_vec();
        Ok(function("any", move |_, args| {
            let value = args.required(0, "value")?;
            if allowed.contains(&value) {
                return Ok(Value::from(()));
            }
            let allowed: Vec<String> = allowed.iter().map(text).collect();
            Err(fail(format!("expected one of {}, not `{}`", allowed.join(", "), text(&value))))
        }))
    }
}
