//! What compiled code calls where minijinja's machine has no instruction for what dbt's Jinja means.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::jinja::callable::Closure;
use crate::jinja::code::Definition;
use crate::jinja::collection::{List, Namespace, own};
use crate::jinja::frame::Frame;
use crate::jinja::native::{Literal, Marked};
use crate::jinja::python::{Arithmetic, Comparison, binary, compare, negate, text, write_text};
use crate::jinja::shared::Namespace as Package;
use crate::jinja::trace::printed;
use crate::source::Span;

/// An operation; it is called with the values it works on.
#[derive(Debug)]
pub(super) enum Operation {
    /// A list or dict made changeable.
    Own,
    /// An operator, of a list of both values.
    Binary(Arithmetic),
    /// `-value`.
    Negate,
    /// A comparison, of a list of both values.
    Compare(Comparison),
    /// `a ~ b`, of a list of both.
    Concatenate,
    /// `name(…)`, of a list of the arguments, where a name that nothing defines is called without harm.
    TryCall(&'static str, Span),
    /// `object.method(…)`, of a list of the object and the arguments, likewise; with the name that the object has, if it has one.
    TryMethod(&'static str, Option<&'static str>, Span),
    /// `object(…)`, of a list of the object and the arguments, likewise.
    TryObject,
    /// `value[start:stop:step]` of a list of the four.
    Slice,
    /// `loop.cycle(…)` of a list of the loop and the values.
    Cycle,
    /// What a loop goes through: the characters of a text as a list, so that the loop knows its end.
    Walk,
    /// Notes it when nothing defines a name that is printed.
    Known(&'static str, Span),
    /// Keeps account of a value that is printed, and gives it.
    Piece,
    /// A value that is printed, as a text with the marks of the expression that prints it.
    Trace(Span),
    /// A text that is a literal, where it is all that is printed.
    Mark(Literal),
    /// Keeps the value of a name where the macros of the template find it.
    Share(&'static str),
    /// Sets the attribute of a pair of a value and a namespace.
    SetAttribute(&'static str),
    /// Makes a macro or call block of a definition and the names it sees, each followed by its value.
    Close(Arc<Definition>),
}

impl Object for Operation {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let value = || args.first().cloned().unwrap_or_default();
        match &**self {
            Operation::Own => own(value()),
            Operation::Binary(operator) => with_pair(args, |a, b| binary(state, *operator, a, b)),
            Operation::Negate => negate(state, &value()),
            Operation::Compare(comparison) => with_pair(args, |a, b| compare(*comparison, a, b).map(Value::from)),
            Operation::Concatenate => with_pair(args, |a, b| {
                let mut joined = text(a);
                let _ = write_text(&mut joined, b);
                Ok(Value::from(joined))
            }),
            Operation::TryCall(name, span) => with_items(args, |items| try_call(state, name, *span, items)),
            Operation::TryMethod(name, base, span) => {
                with_items(args, |items| try_method(state, (name, *base), *span, items))
            }
            Operation::TryObject => with_items(args, |items| match items {
                [object, rest @ ..] if !object.is_undefined() => object.call(state, rest),
                _ => Ok(Value::UNDEFINED),
            }),
            Operation::Slice => with_items(args, slice),
            Operation::Cycle => with_items(args, |items| cycle(state, items)),
            Operation::Walk => match value() {
                text if text.kind() == ValueKind::String => Ok(text.try_iter()?.collect::<List>().into()),
                other => Ok(other),
            },
            Operation::Known(name, span) => Ok(known(state, name, *span)),
            Operation::Piece => {
                let value = value();
                if let Some(frame) = Frame::current(state) {
                    frame.add_piece(value.clone());
                }
                Ok(value)
            }
            Operation::Trace(span) => Ok(Value::from(printed(&text(&value()), *span))),
            Operation::Mark(literal) => Ok(Value::from_object(Marked { literal: *literal, text: text(&value()) })),
            Operation::Share(name) => {
                let value = value();
                if let Some(frame) = Frame::current(state) {
                    frame.share(name, value.clone());
                }
                Ok(value)
            }
            Operation::SetAttribute(name) => set_attribute(name, &value()),
            Operation::Close(definition) => {
                let frame = Frame::current(state).ok_or_else(|| lost("macro"))?;
                let seen =
                    args.chunks_exact(2).filter_map(|pair| Some((frame.intern(pair[0].as_str()?), pair[1].clone())));
                Ok(Value::from_object(Closure::new(Arc::clone(definition), Arc::clone(&frame), seen.collect())))
            }
        }
    }
}

impl From<Operation> for Value {
    fn from(operation: Operation) -> Value {
        Value::from_object(operation)
    }
}

/// The error of code that runs without a frame of ours, which no way leads to.
fn lost(what: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("a {what} is used outside of a template"))
}

fn with_items(args: &[Value], work: impl FnOnce(&[Value]) -> Result<Value, Error>) -> Result<Value, Error> {
    match args.first().and_then(|list| list.downcast_object_ref::<Vec<Value>>()) {
        Some(items) => work(items),
        None => Err(lost("operator")),
    }
}

fn with_pair(args: &[Value], work: impl FnOnce(&Value, &Value) -> Result<Value, Error>) -> Result<Value, Error> {
    with_items(args, |items| match items {
        [left, right] => work(left, right),
        _ => Err(lost("operator")),
    })
}

/// Printing a name that nothing defines prints nothing; the user is told.
fn known(state: &State<'_, '_>, name: &str, span: Span) -> Value {
    if let Some(frame) = Frame::current(state).filter(|_| state.lookup(name).is_none()) {
        frame.note(frame.unknown(name).at(span).with_severity(Severity::Warning));
    }
    Value::UNDEFINED
}

fn try_call(state: &mut State<'_, '_>, name: &str, span: Span, args: &[Value]) -> Result<Value, Error> {
    match state.lookup(name) {
        Some(found) if !found.is_undefined() => {
            let result = found.call(state, args);
            place_notes(state, span);
            result
        }
        _ => Ok(known(state, name, span)),
    }
}

/// Gives what a call noted its place.
fn place_notes(state: &State<'_, '_>, span: Span) {
    if let Some(frame) = Frame::current(state) {
        frame.place_notes(span);
    }
}

fn try_method(
    state: &mut State<'_, '_>,
    (name, base): (&str, Option<&str>),
    span: Span,
    args: &[Value],
) -> Result<Value, Error> {
    let [object, rest @ ..] = args else { return Err(lost("method")) };
    if object.is_undefined() {
        return Ok(base.map_or(Value::UNDEFINED, |base| known(state, base, span)));
    }
    if let Some(package) = object.downcast_object_ref::<Package>().filter(|package| !package.has(name)) {
        if let Some(frame) = Frame::current(state) {
            frame.note(package.unknown(name).at(span).with_severity(Severity::Warning));
        }
        return Ok(Value::UNDEFINED);
    }
    match object.call_method(state, name, rest) {
        Err(error) if error.kind() == ErrorKind::UnknownMethod => {
            if let Some(frame) = Frame::current(state) {
                let message = match base.filter(|_| object.kind() == ValueKind::Plain) {
                    Some(base) => format!("`{base}` has no method `{name}`"),
                    None => format!("a {} has no method `{name}`", object.kind()),
                };
                frame.note(Diagnostic::warning(codes::JINJA_UNDEFINED, message).at(span));
            }
            Ok(Value::UNDEFINED)
        }
        result => {
            place_notes(state, span);
            result
        }
    }
}

fn set_attribute(name: &str, pair: &Value) -> Result<Value, Error> {
    let (value, target) = (pair.get_item_by_index(0)?, pair.get_item_by_index(1)?);
    let Some(namespace) = target.downcast_object::<Namespace>() else {
        let message = format!("can only assign to attributes of a namespace, not of a {}", target.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    };
    namespace.set(name, value)?;
    Ok(Value::UNDEFINED)
}

fn cycle(state: &mut State<'_, '_>, items: &[Value]) -> Result<Value, Error> {
    match items {
        [] => Err(lost("loop")),
        // minijinja divides by the number of arguments.
        [_] => Err(Error::new(ErrorKind::MissingArgument, "`cycle` needs at least one argument")),
        [object, values @ ..] => object.call_method(state, "cycle", values),
    }
}

fn slice(operands: &[Value]) -> Result<Value, Error> {
    let [value, start, stop, step] = operands else { return Err(lost("operator")) };
    let step = bound(step)?.unwrap_or(1);
    if step == 0 {
        return Err(Error::new(ErrorKind::InvalidOperation, "the step of a slice cannot be zero"));
    }
    let pick = |len: usize| Ok::<_, Error>(indexes(len, bound(start)?, bound(stop)?, step));
    if let Some(text) = value.as_str() {
        let characters: Vec<char> = text.chars().collect();
        return Ok(Value::from(pick(characters.len())?.map(|at| characters[at]).collect::<String>()));
    }
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        let message = format!("a {} cannot be sliced", value.kind());
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    let items = value.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
    let picked = pick(items.len())?.map(|at| items[at].clone());
    Ok(if value.is_tuple() {
        Value::from(Tuple::from(picked.collect::<Vec<_>>()))
    } else {
        picked.collect::<List>().into()
    })
}

fn bound(value: &Value) -> Result<Option<i64>, Error> {
    if value.is_none() || value.is_undefined() {
        return Ok(None);
    }
    i64::try_from(value.clone()).map(Some)
}

/// The indexes that Python's slice picks from a sequence of `len`.
fn indexes(len: usize, start: Option<i64>, stop: Option<i64>, step: i64) -> impl Iterator<Item = usize> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let (lowest, highest) = if step > 0 { (0, len) } else { (-1, len - 1) };
    let clamp = |at: i64| (if at < 0 { at.saturating_add(len) } else { at }).clamp(lowest, highest);
    let (first, last) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
    let (mut at, stop) = (start.map_or(first, clamp), stop.map_or(last, clamp));
    std::iter::from_fn(move || {
        let within = if step > 0 { at < stop } else { at > stop };
        let index = usize::try_from(at).ok().filter(|_| within);
        at = at.saturating_add(step);
        index
    })
}
