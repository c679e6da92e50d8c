//! `decimal.Decimal`: what the number columns of query results hold.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{DynObject, Kwargs, Object, ObjectRepr, Tuple, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::number::Number;

/// The digits that division keeps, Python's default precision.
const PRECISION: u32 = 28;

/// A decimal: `digits / 10^scale`. It keeps its trailing zeros, as Python's does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    /// `digits / 10^scale`.
    #[must_use]
    pub fn new(digits: i128, scale: u32) -> Self {
        Decimal { digits, scale }
    }

    /// The decimal that a text like `-1.50` or `1e3` stands for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().replace('_', "");
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text.as_str(), 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.starts_with(['+', '-']) || !number.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut digits: i128 = format!("{whole}{fraction}").parse().ok()?;
        let mut scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        while scale < 0 {
            digits = digits.checked_mul(10)?;
            scale += 1;
        }
        Some(Decimal { digits, scale: u32::try_from(scale).ok()? })
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// The whole part.
    pub(super) fn truncated(self) -> i128 {
        10_i128.checked_pow(self.scale).map_or(0, |unit| self.digits / unit)
    }

    /// How two decimals are ordered.
    pub(super) fn order(self, other: Decimal) -> Option<Ordering> {
        match self.aligned(other) {
            Some((left, right, _)) => Some(left.cmp(&right)),
            None => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    /// Both with the same scale.
    fn aligned(self, other: Decimal) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |one: Decimal| 10_i128.checked_pow(scale - one.scale)?.checked_mul(one.digits);
        Some((raise(self)?, raise(other)?, scale))
    }

    /// `self + other`.
    pub(super) fn plus(self, other: Decimal) -> Option<Decimal> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Decimal::new(left.checked_add(right)?, scale))
    }

    /// `-self`.
    pub(super) fn negated(self) -> Option<Decimal> {
        Some(Decimal::new(self.digits.checked_neg()?, self.scale))
    }

    /// `self * other`.
    pub(super) fn times(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.checked_add(other.scale)?;
        Some(Decimal::new(self.digits.checked_mul(other.digits)?, scale).shortened())
    }

    /// `self / other` to 28 digits; `None` when it cannot be computed, by zero among others.
    pub(super) fn divided(self, other: Decimal) -> Option<Decimal> {
        if other.digits == 0 {
            return None;
        }
        let negative = (self.digits < 0) != (other.digits < 0);
        let ideal = i64::from(self.scale) - i64::from(other.scale);
        let raise = u32::try_from((-ideal).max(0)).ok().and_then(|exponent| 10_u128.checked_pow(exponent))?;
        let (above, by) = (self.digits.unsigned_abs().checked_mul(raise)?, other.digits.unsigned_abs());
        let (mut quotient, mut rest) = (above / by, above % by);
        let mut scale = ideal.max(0);
        while rest != 0 && count_digits(quotient) < PRECISION {
            rest = rest.checked_mul(10)?;
            quotient = quotient * 10 + rest / by;
            rest %= by;
            scale += 1;
        }
        if rest.checked_mul(2)? > by || (rest * 2 == by && quotient % 2 == 1) {
            quotient += 1;
        }
        let digits = i128::try_from(quotient).ok()?;
        Some(Decimal::new(if negative { -digits } else { digits }, u32::try_from(scale).ok()?))
    }

    /// `self // other`, rounded to zero as decimals are, and what remains.
    pub(super) fn whole_and_rest(self, other: Decimal) -> Option<(Decimal, Decimal)> {
        let (left, right, scale) = self.aligned(other)?;
        Some((Decimal::new(left.checked_div(right)?, 0), Decimal::new(left.checked_rem(right)?, scale)))
    }

    /// To so many places behind the point, halves to the even digit.
    pub(in crate::jinja) fn rounded(self, places: u32) -> Decimal {
        if places >= self.scale {
            let raised = 10_i128.checked_pow(places - self.scale).and_then(|unit| unit.checked_mul(self.digits));
            return raised.map_or(self, |digits| Decimal::new(digits, places));
        }
        let Some(unit) = 10_i128.checked_pow(self.scale - places) else { return Decimal::new(0, places) };
        let (whole, rest) = (self.digits / unit, (self.digits % unit).unsigned_abs());
        let half = unit.unsigned_abs() / 2;
        let up = rest > half || (rest == half && whole % 2 != 0);
        Decimal::new(whole + if up { self.digits.signum() } else { 0 }, places)
    }

    /// To at most 28 digits.
    fn shortened(self) -> Decimal {
        let excess = count_digits(self.digits.unsigned_abs()).saturating_sub(PRECISION).min(self.scale);
        if excess == 0 { self } else { self.rounded(self.scale - excess) }
    }

    /// Without trailing zeros behind the point.
    fn normalized(self) -> Decimal {
        let mut result = self;
        while result.scale > 0 && result.digits % 10 == 0 {
            result = Decimal::new(result.digits / 10, result.scale - 1);
        }
        result
    }

    fn ratio(self) -> Value {
        let reduced = self.normalized();
        let mut below = 10_i128.checked_pow(reduced.scale).unwrap_or(1);
        let mut above = reduced.digits;
        for prime in [2, 5] {
            while above % prime == 0 && below % prime == 0 {
                (above, below) = (above / prime, below / prime);
            }
        }
        Value::from(Tuple::from([Number::Int(above).into(), Number::Int(below).into()]))
    }
}

fn count_digits(number: u128) -> u32 {
    number.checked_ilog10().map_or(1, |log| log + 1)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        // Python writes an exponent once there are more than six zeros before the first digit.
        let adjusted = digits.len() as i64 - 1 - scale as i64;
        if adjusted < -6 {
            let (first, rest) = digits.split_at(1);
            let point = if rest.is_empty() { "" } else { "." };
            return write!(f, "{sign}{first}{point}{rest}E{adjusted}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl Object for Decimal {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str()? == "__repr__").then(|| Value::from(format!("Decimal('{self}')")))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.digits != 0
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        self.order(*other.downcast_ref::<Decimal>()?)
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let decimal = **self;
        match method {
            "normalize" => Ok(decimal.normalized().into()),
            "is_zero" => Ok(Value::from(decimal.digits == 0)),
            "is_signed" => Ok(Value::from(decimal.digits < 0)),
            "is_nan" | "is_infinite" => Ok(Value::from(false)),
            "is_finite" => Ok(Value::from(true)),
            "as_integer_ratio" => Ok(decimal.ratio()),
            "copy_abs" => Ok(Decimal::new(decimal.digits.saturating_abs(), decimal.scale).into()),
            "copy_negate" => Ok(decimal.negated().unwrap_or(decimal).into()),
            "to_eng_string" => Ok(Value::from(decimal.to_string())),
            "to_integral_value" | "to_integral" | "to_integral_exact" => Ok(decimal.rounded(0).into()),
            "quantize" => {
                let (like, _): (Value, Kwargs) = from_args(args)?;
                let like = Number::of(&like).and_then(Number::to_decimal);
                let like = like.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "`quantize` takes a decimal"))?;
                Ok(decimal.rounded(like.scale).into())
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl From<Decimal> for Value {
    fn from(decimal: Decimal) -> Value {
        Value::from_object(decimal)
    }
}
