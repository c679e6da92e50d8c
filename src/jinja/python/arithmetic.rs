//! The operators `+ - * / // % **`.

use minijinja::value::{Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};

use super::number::Number;
use super::percent::percent;
use crate::jinja::collection::{List, Set};

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jinja) enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    IntDiv,
    /// `%`
    Rem,
    /// `**`
    Pow,
}

/// The longest text that `*` makes, in bytes, and the longest list.
const LONGEST: [usize; 2] = [10_000_000, 1_000_000];

/// `left + right`.
///
/// # Errors
/// When the two cannot be added.
pub fn add(state: &mut State<'_, '_>, left: &Value, right: &Value) -> Result<Value, Error> {
    binary(state, Arithmetic::Add, left, right)
}

/// Applies an operator as Python does.
pub(in crate::jinja) fn binary(
    state: &mut State<'_, '_>,
    operator: Arithmetic,
    left: &Value,
    right: &Value,
) -> Result<Value, Error> {
    if operator == Arithmetic::Rem && left.kind() == ValueKind::String {
        return percent(state, left.as_str().unwrap_or_default(), right);
    }
    if let (Some(a), Some(b)) = (Number::of(left), Number::of(right)) {
        return numbers(operator, a, b).map(Value::from);
    }
    if let Some(result) = sequences(operator, left, right)? {
        return Ok(result);
    }
    let (forward, backward) = operator.methods();
    match asked(state, left, forward, right)? {
        Some(result) => return Ok(result),
        None => {
            if let Some(result) = asked(state, right, backward, left)? {
                return Ok(result);
            }
        }
    }
    let (sign, one, two) = (operator.sign(), left.kind(), right.kind());
    Err(failed(format!("`{sign}` does not work on a {one} and a {two}")))
}

/// `-value`.
pub(in crate::jinja) fn negate(state: &mut State<'_, '_>, value: &Value) -> Result<Value, Error> {
    let negated = match Number::of(value) {
        Some(Number::Int(int)) => int.checked_neg().map(Number::Int),
        Some(Number::Float(float)) => Some(Number::Float(-float)),
        Some(Number::Decimal(decimal)) => decimal.negated().map(Number::Decimal),
        None => match asked(state, value, "__neg__", &Value::UNDEFINED)? {
            Some(result) => return Ok(result),
            None => None,
        },
    };
    negated.map(Value::from).ok_or_else(|| failed(format!("`-` does not work on a {}", value.kind())))
}

/// What an object answers to a method of Python's protocol; `None` when it does not know it.
fn asked(state: &mut State<'_, '_>, object: &Value, method: &str, other: &Value) -> Result<Option<Value>, Error> {
    let Some(found) = object.as_object().filter(|_| object.kind() == ValueKind::Plain) else { return Ok(None) };
    match found.call_method(state, method, std::slice::from_ref(other)) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == ErrorKind::UnknownMethod => Ok(None),
        Err(error) => Err(error),
    }
}

impl Arithmetic {
    fn methods(self) -> (&'static str, &'static str) {
        match self {
            Arithmetic::Add => ("__add__", "__radd__"),
            Arithmetic::Sub => ("__sub__", "__rsub__"),
            Arithmetic::Mul => ("__mul__", "__rmul__"),
            Arithmetic::Div => ("__truediv__", "__rtruediv__"),
            Arithmetic::IntDiv => ("__floordiv__", "__rfloordiv__"),
            Arithmetic::Rem => ("__mod__", "__rmod__"),
            Arithmetic::Pow => ("__pow__", "__rpow__"),
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Arithmetic::Add => "+",
            Arithmetic::Sub => "-",
            Arithmetic::Mul => "*",
            Arithmetic::Div => "/",
            Arithmetic::IntDiv => "//",
            Arithmetic::Rem => "%",
            Arithmetic::Pow => "**",
        }
    }
}

fn failed(message: impl Into<String>) -> Error {
    let message: String = message.into();
    Error::new(ErrorKind::InvalidOperation, message)
}

fn by_zero(operator: Arithmetic) -> Error {
    failed(if operator == Arithmetic::Rem { "modulo by zero" } else { "division by zero" })
}

fn numbers(operator: Arithmetic, left: Number, right: Number) -> Result<Number, Error> {
    match (left, right) {
        (Number::Int(left), Number::Int(right)) => integers(operator, left, right),
        (Number::Decimal(_), Number::Float(_)) | (Number::Float(_), Number::Decimal(_)) => {
            let hint = "convert one of them with `| float`";
            Err(failed(format!("`{}` does not work on a decimal and a float: {hint}", operator.sign())))
        }
        (Number::Float(_), _) | (_, Number::Float(_)) => {
            floats(operator, left.to_f64(), right.to_f64()).map(Number::Float)
        }
        _ => decimals(operator, left, right),
    }
}

fn integers(operator: Arithmetic, left: i128, right: i128) -> Result<Number, Error> {
    let result = match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Sub => left.checked_sub(right),
        Arithmetic::Mul => left.checked_mul(right),
        Arithmetic::Div | Arithmetic::IntDiv | Arithmetic::Rem if right == 0 => return Err(by_zero(operator)),
        Arithmetic::Div => return Ok(Number::Float(left as f64 / right as f64)),
        // Python rounds down, and what remains has the sign of the divisor.
        Arithmetic::IntDiv => left.checked_div_euclid(right).map(|quotient| {
            let rest = left.wrapping_rem_euclid(right);
            if right < 0 && rest != 0 { quotient - 1 } else { quotient }
        }),
        Arithmetic::Rem => {
            left.checked_rem(right).map(|rest| if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest })
        }
        Arithmetic::Pow if right < 0 && left == 0 => return Err(by_zero(operator)),
        Arithmetic::Pow if right < 0 => return Ok(Number::Float((left as f64).powf(right as f64))),
        Arithmetic::Pow => u32::try_from(right).ok().and_then(|exponent| left.checked_pow(exponent)),
    };
    result.map(Number::Int).ok_or_else(|| failed("the number is too large: integers have at most 38 digits"))
}

fn floats(operator: Arithmetic, left: f64, right: f64) -> Result<f64, Error> {
    Ok(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Sub => left - right,
        Arithmetic::Mul => left * right,
        Arithmetic::Div | Arithmetic::IntDiv | Arithmetic::Rem if right == 0.0 => return Err(by_zero(operator)),
        Arithmetic::Div => left / right,
        Arithmetic::IntDiv => (left / right).floor(),
        Arithmetic::Rem => {
            let rest = left % right;
            if rest != 0.0 && (rest < 0.0) != (right < 0.0) { rest + right } else { rest }
        }
        Arithmetic::Pow if left == 0.0 && right < 0.0 => return Err(by_zero(operator)),
        Arithmetic::Pow => left.powf(right),
    })
}

fn decimals(operator: Arithmetic, left: Number, right: Number) -> Result<Number, Error> {
    let (Some(a), Some(b)) = (left.to_decimal(), right.to_decimal()) else {
        return Err(failed("a float is no decimal"));
    };
    let is_zero = b.order(super::Decimal::new(0, 0)) == Some(std::cmp::Ordering::Equal);
    let result = match operator {
        Arithmetic::Add => a.plus(b),
        Arithmetic::Sub => b.negated().and_then(|b| a.plus(b)),
        Arithmetic::Mul => a.times(b),
        Arithmetic::Div | Arithmetic::IntDiv | Arithmetic::Rem if is_zero => return Err(by_zero(operator)),
        Arithmetic::Div => a.divided(b),
        Arithmetic::IntDiv => a.whole_and_rest(b).map(|(whole, _)| whole),
        Arithmetic::Rem => a.whole_and_rest(b).map(|(_, rest)| rest),
        Arithmetic::Pow => match right {
            Number::Int(exponent @ 0..=1000) => {
                (0..exponent).try_fold(super::Decimal::new(1, 0), |power, _| power.times(a))
            }
            _ => return Ok(Number::Float(a.to_f64().powf(b.to_f64()))),
        },
    };
    result.map(Number::Decimal).ok_or_else(|| failed("the decimal has too many digits"))
}

/// Texts, lists and tuples that are joined or repeated, sets that are subtracted.
fn sequences(operator: Arithmetic, left: &Value, right: &Value) -> Result<Option<Value>, Error> {
    match operator {
        Arithmetic::Add => joined(left, right),
        Arithmetic::Mul => match (Number::of(left), Number::of(right)) {
            (Some(Number::Int(times)), None) => repeated(right, times),
            (None, Some(Number::Int(times))) => repeated(left, times),
            _ => Ok(None),
        },
        Arithmetic::Sub => match (left.downcast_object_ref::<Set>(), right.downcast_object_ref::<Set>()) {
            (Some(left), Some(right)) => Ok(Some(left.without(&right.items()).into())),
            _ => Ok(None),
        },
        _ => Ok(None),
    }
}

fn joined(left: &Value, right: &Value) -> Result<Option<Value>, Error> {
    if let (ValueKind::String, ValueKind::String, Some(a), Some(b)) =
        (left.kind(), right.kind(), left.as_str(), right.as_str())
    {
        return Ok(Some(Value::from([a, b].concat())));
    }
    let is_list = |value: &Value| matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable);
    if !is_list(left) || !is_list(right) || left.is_tuple() != right.is_tuple() {
        return Ok(None);
    }
    let mut items = left.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
    for item in right.try_iter()?.checked() {
        items.push(item?);
    }
    Ok(Some(if left.is_tuple() { Value::from(Tuple::from(items)) } else { items.into_iter().collect::<List>().into() }))
}

fn repeated(value: &Value, times: i128) -> Result<Option<Value>, Error> {
    let times = usize::try_from(times.max(0)).unwrap_or(usize::MAX);
    let fits = |len: usize, most: usize| match len.checked_mul(times) {
        Some(total) if total <= most => Ok(()),
        _ => Err(failed("the repeated text or list is too long")),
    };
    if let (ValueKind::String, Some(text)) = (value.kind(), value.as_str()) {
        fits(text.len(), LONGEST[0])?;
        return Ok(Some(Value::from(text.repeat(times))));
    }
    if value.kind() != ValueKind::Seq {
        return Ok(None);
    }
    let items = value.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
    fits(items.len(), LONGEST[1])?;
    let all = (0..times).flat_map(|_| items.iter().cloned());
    Ok(Some(if value.is_tuple() {
        Value::from(Tuple::from(all.collect::<Vec<_>>()))
    } else {
        all.collect::<List>().into()
    }))
}
