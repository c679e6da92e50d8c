//! `str()` and `repr()`.

use std::fmt::{self, Write};

use minijinja::value::{Tuple, Value, ValueKind};

use crate::jinja::collection::{native_dict, native_list};

/// A value as Python prints it by itself.
#[must_use]
pub fn text(value: &Value) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut text, value);
    text
}

/// A value as Python prints it inside of a list.
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut text = String::new();
    let _ = write_repr(&mut text, value);
    text
}

/// See [`text`].
pub(in crate::jinja) fn write_text(out: &mut dyn Write, value: &Value) -> fmt::Result {
    if value.as_object().is_none() && value.as_bytes().is_some() {
        return match value.as_str() {
            Some(text) if !is_bytes(value) => out.write_str(text),
            _ => write!(out, "{value:?}"),
        };
    }
    if value.is_undefined() {
        return Ok(());
    }
    write_other(out, value)
}

/// See [`repr`].
pub(in crate::jinja) fn write_repr(out: &mut dyn Write, value: &Value) -> fmt::Result {
    if value.is_undefined() {
        return out.write_str("Undefined");
    }
    if let Some(object) = value.as_object() {
        if let Some(special) = object.get_value_by_str("__repr__").filter(|_| value.kind() == ValueKind::Plain) {
            return write_text(out, &special);
        }
    } else if value.as_bytes().is_some() {
        return write!(out, "{value:?}");
    }
    write_other(out, value)
}

/// What prints the same by itself and inside of a list.
fn write_other(out: &mut dyn Write, value: &Value) -> fmt::Result {
    if let Some(float) = float(value) {
        return write_float(out, float);
    }
    if let Some(tuple) = value.downcast_object_ref::<Tuple>() {
        return write_tuple(out, tuple);
    }
    if let Some(items) = native_list(value) {
        return write_items(out, '[', items.iter(), ']');
    }
    if let Some(entries) = native_dict(value) {
        return write_entries(out, entries.iter());
    }
    write!(out, "{value}")
}

/// `(1, 2)`, `(1,)`.
fn write_tuple(out: &mut dyn Write, items: &[Value]) -> fmt::Result {
    match items {
        [one] => {
            out.write_char('(')?;
            write_repr(out, one)?;
            out.write_str(",)")
        }
        items => write_items(out, '(', items.iter(), ')'),
    }
}

/// Items in brackets.
pub(in crate::jinja) fn write_items<'v>(
    out: &mut dyn Write,
    open: char,
    items: impl Iterator<Item = &'v Value>,
    close: char,
) -> fmt::Result {
    out.write_char(open)?;
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.write_str(", ")?;
        }
        write_repr(out, item)?;
    }
    out.write_char(close)
}

/// Keys and values in braces.
pub(in crate::jinja) fn write_entries<'v>(
    out: &mut dyn Write,
    entries: impl Iterator<Item = (&'v Value, &'v Value)>,
) -> fmt::Result {
    out.write_char('{')?;
    for (at, (key, value)) in entries.enumerate() {
        if at > 0 {
            out.write_str(", ")?;
        }
        write_repr(out, key)?;
        out.write_str(": ")?;
        write_repr(out, value)?;
    }
    out.write_char('}')
}

/// The number, if the value is a float.
pub(super) fn float(value: &Value) -> Option<f64> {
    (value.is_number() && !value.is_integer()).then(|| f64::try_from(value.clone()).ok()).flatten()
}

/// Whether a value is bytes, which print as `b'…'`.
fn is_bytes(value: &Value) -> bool {
    value.kind() == ValueKind::Bytes
}

/// The shortest digits that give the float back, with an exponent below 1e-4 and from 1e16 on.
pub(super) fn write_float(out: &mut dyn Write, float: f64) -> fmt::Result {
    if float.is_nan() {
        return out.write_str("nan");
    }
    if float.is_infinite() {
        return out.write_str(if float > 0.0 { "inf" } else { "-inf" });
    }
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if float != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return write!(out, "{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{float}");
    let point = if plain.contains('.') { "" } else { ".0" };
    write!(out, "{plain}{point}")
}
