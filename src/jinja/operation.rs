//! What compiled code calls where minijinja's machine has no instruction for what dbt's Jinja means.

use std::sync::Arc;

use minijinja::formatting::{FormatStyle, format};
use minijinja::value::{Object, ObjectRepr, Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use crate::jinja::callable::Closure;
use crate::jinja::code::Definition;
use crate::jinja::collection::{List, Namespace, own};
use crate::jinja::failure::raise;
use crate::jinja::frame::Frame;

/// An operation; it is called with the values it works on.
#[derive(Debug)]
pub(super) enum Operation {
    /// A list or dict made changeable.
    Own,
    /// `a % b` of a list of both: the remainder, or a text with its places filled.
    Remainder,
    /// `value[start:stop:step]` of a list of the four.
    Slice,
    /// `loop.cycle(…)` of a list of the loop and the values.
    Cycle,
    /// Fails unless something defines the name.
    Known(&'static str),
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
            Operation::Remainder => with_items(args, remainder),
            Operation::Slice => with_items(args, slice),
            Operation::Cycle => with_items(args, |items| cycle(state, items)),
            Operation::Known(name) => known(state, name),
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

fn known(state: &State<'_, '_>, name: &str) -> Result<Value, Error> {
    match Frame::current(state) {
        Some(frame) if state.lookup(name).is_none() => Err(raise(frame.unknown(name))),
        _ => Ok(Value::UNDEFINED),
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

fn remainder(operands: &[Value]) -> Result<Value, Error> {
    let [left, right] = operands else { return Err(lost("operator")) };
    if let Some(template) = left.as_str() {
        let args = match right.downcast_object_ref::<Tuple>() {
            Some(tuple) => tuple.to_vec(),
            None => vec![right.clone()],
        };
        return format(FormatStyle::Printf, template, &args).map(Value::from);
    }
    let zero = || Error::new(ErrorKind::InvalidOperation, "modulo by zero");
    if let (Ok(left), Ok(right)) = (i128::try_from(left.clone()), i128::try_from(right.clone())) {
        let rest = left.checked_rem(right).ok_or_else(zero)?;
        // Python's has the sign of the divisor.
        let rest = if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest };
        return Ok(i64::try_from(rest).map_or_else(|_| Value::from(rest), Value::from));
    }
    match (f64::try_from(left.clone()), f64::try_from(right.clone())) {
        (Ok(_), Ok(0.0)) => Err(zero()),
        (Ok(left), Ok(right)) => Ok(Value::from(left - right * (left / right).floor())),
        _ => {
            let message = format!("`%` does not work on a {} and a {}", left.kind(), right.kind());
            Err(Error::new(ErrorKind::InvalidOperation, message))
        }
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
