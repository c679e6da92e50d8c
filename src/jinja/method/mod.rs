//! The methods that Python's strings, numbers, tuples and mappings have, for values that are minijinja's own.

mod split;
mod strings;

use minijinja::value::{Tuple, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};

use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::collection::{View, mutable, pairs};
use crate::jinja::python::{Number, repr, same};

pub(super) use strings::{capitalize, center};

/// Calls a method that minijinja does not know.
pub(super) fn call(state: &mut State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    let found = match value.kind() {
        ValueKind::String => strings::call(state, value.as_str().unwrap_or_default(), method, args)?,
        ValueKind::Bytes => bytes(value, method)?,
        ValueKind::Map => mapping(value, method, args)?,
        ValueKind::Seq | ValueKind::Iterable => sequence(value, method, args)?,
        ValueKind::Number | ValueKind::Bool => number(value, method),
        _ => None,
    };
    found.ok_or_else(|| Error::from(ErrorKind::UnknownMethod))
}

/// Whether values of a kind have a method of this name. What those of objects are called, only calling them tells.
pub(super) fn has(kind: ValueKind, name: &str) -> bool {
    match kind {
        ValueKind::String => strings::METHODS.contains(&name),
        ValueKind::Map => DICT.contains(&name),
        ValueKind::Seq => LIST.contains(&name),
        ValueKind::Plain => true,
        _ => false,
    }
}

const DICT: [&str; 10] = ["clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"];

const LIST: [&str; 11] =
    ["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"];

fn mapping(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "keys" | "values" | "items" => {
            let () = from_args(args)?;
            View::of(method, pairs(value)?).into()
        }
        "get" => {
            let args = Arguments::of("get", args)?;
            let found = value.get_item(&args.required(0, "key")?)?;
            if found.is_undefined() { args.get(1, "default").unwrap_or_else(|| Value::from(())) } else { found }
        }
        "copy" => {
            let () = from_args(args)?;
            mutable(value.clone())
        }
        _ => return Ok(None),
    }))
}

fn sequence(value: &Value, method: &str, args: &[Value]) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "copy" if !value.is_tuple() => {
            let () = from_args(args)?;
            mutable(value.clone())
        }
        "count" => {
            let (wanted,): (Value,) = from_args(args)?;
            Value::from(value.try_iter()?.filter(|item| same(item, &wanted)).count())
        }
        "index" => {
            let (wanted,): (Value,) = from_args(args)?;
            let found = value.try_iter()?.position(|item| same(&item, &wanted));
            Value::from(found.ok_or_else(|| fail(format!("{} is not in the list", repr(&wanted))))?)
        }
        _ => return Ok(None),
    }))
}

fn number(value: &Value, method: &str) -> Option<Value> {
    let number = Number::of(value)?;
    Some(match (method, number) {
        ("bit_length", Number::Int(int)) => Value::from(128 - int.unsigned_abs().leading_zeros()),
        ("is_integer", Number::Int(_)) => Value::from(true),
        ("is_integer", Number::Float(float)) => Value::from(float.fract() == 0.0),
        ("as_integer_ratio", Number::Int(int)) => ratio(int, 1),
        ("as_integer_ratio", Number::Float(float)) => {
            let mut below = 1_i128;
            let mut above = float;
            while above.fract() != 0.0 && below < 1 << 100 {
                (above, below) = (above * 2.0, below * 2);
            }
            ratio(Number::Float(above).truncated()?, below)
        }
        ("conjugate", number) => number.into(),
        _ => return None,
    })
}

fn ratio(above: i128, below: i128) -> Value {
    Value::from(Tuple::from([Number::Int(above).into(), Number::Int(below).into()]))
}

fn bytes(value: &Value, method: &str) -> Result<Option<Value>, Error> {
    let bytes = value.as_bytes().unwrap_or_default();
    Ok(Some(match method {
        "decode" => match std::str::from_utf8(bytes) {
            Ok(text) => Value::from(text),
            Err(_) => return Err(fail("the bytes are no text in UTF-8")),
        },
        "hex" => Value::from(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()),
        _ => return Ok(None),
    }))
}
