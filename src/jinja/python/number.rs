//! Python's numbers as operators see them: integers, floats and decimals.

use minijinja::value::{Value, ValueKind};

use super::decimal::Decimal;

/// A number; `True` is one and `False` is zero.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::jinja) enum Number {
    /// An integer. Python's have no end; ours end at 38 digits.
    Int(i128),
    /// A float.
    Float(f64),
    /// A decimal.
    Decimal(Decimal),
}

impl Number {
    /// The number that a value is.
    pub(in crate::jinja) fn of(value: &Value) -> Option<Number> {
        match value.kind() {
            ValueKind::Bool => Some(Number::Int(i128::from(value.is_true()))),
            ValueKind::Number if value.is_integer() => match i128::try_from(value.clone()) {
                Ok(int) => Some(Number::Int(int)),
                Err(_) => f64::try_from(value.clone()).ok().map(Number::Float),
            },
            ValueKind::Number => f64::try_from(value.clone()).ok().map(Number::Float),
            ValueKind::Plain => value.downcast_object_ref::<Decimal>().copied().map(Number::Decimal),
            _ => None,
        }
    }

    /// The number as a float.
    pub(in crate::jinja) fn to_f64(self) -> f64 {
        match self {
            Number::Int(int) => int as f64,
            Number::Float(float) => float,
            Number::Decimal(decimal) => decimal.to_f64(),
        }
    }

    /// The whole part.
    pub(in crate::jinja) fn truncated(self) -> Option<i128> {
        match self {
            Number::Int(int) => Some(int),
            // 2^127 is the first float that no longer fits.
            Number::Float(float) => (float.is_finite() && float.abs() < 2_f64.powi(127)).then_some(float as i128),
            Number::Decimal(decimal) => Some(decimal.truncated()),
        }
    }

    /// How two numbers are ordered; a float that is no number has no place.
    pub(in crate::jinja) fn order(self, other: Number) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Number::Int(left), Number::Int(right)) => Some(left.cmp(&right)),
            (Number::Float(_), _) | (_, Number::Float(_)) => self.to_f64().partial_cmp(&other.to_f64()),
            (left, right) => left.to_decimal()?.order(right.to_decimal()?),
        }
    }

    /// The number as a decimal; floats are not mixed with them.
    pub(in crate::jinja) fn to_decimal(self) -> Option<Decimal> {
        match self {
            Number::Int(int) => Some(Decimal::new(int, 0)),
            Number::Float(_) => None,
            Number::Decimal(decimal) => Some(decimal),
        }
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Value {
        match number {
            Number::Int(int) => i64::try_from(int).map_or_else(|_| Value::from(int), Value::from),
            Number::Float(float) => Value::from(float),
            Number::Decimal(decimal) => decimal.into(),
        }
    }
}
