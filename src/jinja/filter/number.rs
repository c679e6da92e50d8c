//! `int`, `float`, `round`, `abs`.

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State};

use super::filter;
use crate::jinja::arguments::{Arguments, fail};
use crate::jinja::python::Number;

pub(super) fn add(engine: &mut Environment<'static>) {
    filter(engine, "int", |_, value, args| int(&value, &args));
    filter(engine, "float", |_, value, args| float(&value, &args));
    filter(engine, "round", round);
    filter(engine, "abs", abs);
}

/// `int(default=0, base=10)`: what is no number gives the default.
fn int(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(2, &["default", "base"])?;
    let default = || args.get(0, "default").unwrap_or_else(|| Value::from(0));
    let base = u32::try_from(args.int(1, "base")?.unwrap_or(10)).ok();
    let base = base.filter(|base| *base == 0 || (2..=36).contains(base)).ok_or_else(|| fail("no such base"))?;
    let found = match (Number::of(value), value.as_str()) {
        (Some(number), _) => number.truncated(),
        (None, Some(text)) => parse_int(text, base)
            .or_else(|| text.trim().replace('_', "").parse().ok().and_then(|float| Number::Float(float).truncated())),
        (None, None) => None,
    };
    Ok(found.map_or_else(default, |int| Number::Int(int).into()))
}

/// `0x1f` and the like only in the base that they say.
fn parse_int(text: &str, base: u32) -> Option<i128> {
    let text = text.trim().replace('_', "").to_lowercase();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let prefixed = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(prefix, own)| {
        digits.strip_prefix(prefix).filter(|_| base == own || base == 0).map(|digits| (digits, own))
    });
    let (digits, base) = prefixed.unwrap_or((digits, if base == 0 { 10 } else { base }));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let number = i128::from_str_radix(digits, base).ok()?;
    Some(if negative { -number } else { number })
}

/// `float(default=0.0)`.
fn float(value: &Value, args: &Arguments) -> Result<Value, Error> {
    args.limit(1, &["default"])?;
    let found = match (Number::of(value), value.as_str()) {
        (Some(number), _) => Some(number.to_f64()),
        (None, Some(text)) => text.trim().replace('_', "").parse().ok(),
        (None, None) => None,
    };
    Ok(found.map_or_else(|| args.get(0, "default").unwrap_or_else(|| Value::from(0.0)), Value::from))
}

/// `round(precision=0, method='common')`; gives a float, but of a decimal a decimal.
fn round(state: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    args.limit(2, &["precision", "method"])?;
    let precision = args.int(0, "precision")?.unwrap_or(0);
    let method = args.text(1, "method")?.unwrap_or_else(|| "common".to_owned());
    let unit = 10_f64.powi(i32::try_from(precision).unwrap_or(0));
    let number = match Number::of(&value) {
        Some(number) => number,
        None => return asked(state, &value, "__round__", &[Value::from(precision)]),
    };
    match (method.as_str(), number) {
        // Python gives back an integer as it is.
        ("common", Number::Int(int)) if precision >= 0 => Ok(Number::Int(int).into()),
        ("common", Number::Int(int)) => Ok(Number::Int(round_int(int, precision)).into()),
        ("common", Number::Decimal(decimal)) if precision >= 0 => {
            Ok(decimal.rounded(u32::try_from(precision).unwrap_or(0)).into())
        }
        ("common", number) => Ok(Value::from(round_float(number.to_f64(), precision))),
        ("ceil", number) => Ok(Value::from((number.to_f64() * unit).ceil() / unit)),
        ("floor", number) => Ok(Value::from((number.to_f64() * unit).floor() / unit)),
        _ => Err(fail("`method` of `round` is `common`, `ceil` or `floor`")),
    }
}

/// To tens, hundreds…, halves to the even one.
fn round_int(int: i128, precision: i64) -> i128 {
    let unit = u32::try_from(precision.saturating_neg()).ok().and_then(|exponent| 10_i128.checked_pow(exponent));
    let Some(unit) = unit else { return 0 };
    let (below, rest) = (int.div_euclid(unit), int.rem_euclid(unit));
    let up = rest * 2 > unit || (rest * 2 == unit && below % 2 != 0);
    (below + i128::from(up)) * unit
}

/// Halves to the even digit, decided by the exact value of the float, which is how its digits are printed.
fn round_float(float: f64, precision: i64) -> f64 {
    match usize::try_from(precision) {
        Ok(places @ 0..=300) => format!("{float:.places$}").parse().unwrap_or(float),
        Ok(_) => float,
        Err(_) => {
            let unit = 10_f64.powi(i32::try_from(precision.saturating_neg()).unwrap_or(i32::MAX));
            (float / unit).round_ties_even() * unit
        }
    }
}

fn abs(state: &mut State<'_, '_>, value: Value, args: Arguments) -> Result<Value, Error> {
    args.limit(0, &[])?;
    match Number::of(&value) {
        Some(Number::Int(int)) => Ok(Number::Int(int.saturating_abs()).into()),
        Some(Number::Float(float)) => Ok(Value::from(float.abs())),
        Some(Number::Decimal(_)) => asked(state, &value, "copy_abs", &[]),
        None => asked(state, &value, "__abs__", &[]),
    }
}

fn asked(state: &mut State<'_, '_>, value: &Value, method: &str, args: &[Value]) -> Result<Value, Error> {
    let object = value.as_object().filter(|_| value.kind() == ValueKind::Plain);
    let answer = object.map(|object| object.call_method(state, method, args));
    match answer {
        Some(Err(error)) if error.kind() == ErrorKind::UnknownMethod => Err(no_number(value)),
        Some(answer) => answer,
        None => Err(no_number(value)),
    }
}

fn no_number(value: &Value) -> Error {
    fail(format!("a {} is no number", value.kind()))
}
