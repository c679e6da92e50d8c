//! `timedelta`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::super::{Class, unknown_method};
use crate::jinja::{Arguments, DynObject, Error, Object, ObjectRepr, State, Value, fail};

/// Microseconds of a day.
const DAY: i128 = 86_400_000_000;

/// A span of time in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::context::modules) struct Delta(pub(super) i128);

impl Delta {
    /// So many microseconds; Python's spans have at most 999999999 days.
    pub(super) fn new(micros: i128) -> Result<Self, Error> {
        let days = micros.div_euclid(DAY);
        if days.abs() > 999_999_999 {
            return Err(fail("the time span is too long"));
        }
        Ok(Delta(micros))
    }

    /// As chrono has it.
    pub(super) fn to_chrono(self) -> Option<chrono::TimeDelta> {
        i64::try_from(self.0).ok().map(chrono::TimeDelta::microseconds)
    }

    /// Days, seconds of the day, microseconds of the second.
    fn parts(self) -> (i128, i128, i128) {
        let rest = self.0.rem_euclid(DAY);
        (self.0.div_euclid(DAY), rest / 1_000_000, rest % 1_000_000)
    }

    fn operate(self, operator: &str, other: &Value) -> Result<Option<Value>, Error> {
        let span = other.downcast_object_ref::<Delta>().copied();
        let number = f64::try_from(other.clone()).ok().filter(|_| other.is_number());
        let whole = i128::try_from(other.clone()).ok().filter(|_| other.is_integer());
        let micros = match (operator, span, number) {
            ("__add__" | "__radd__", Some(span), _) => self.0.checked_add(span.0),
            ("__sub__", Some(span), _) => self.0.checked_sub(span.0),
            ("__rsub__", Some(span), _) => span.0.checked_sub(self.0),
            ("__truediv__", Some(Delta(0)), _) | ("__floordiv__" | "__mod__", Some(Delta(0)), _) => {
                return Err(fail("division by zero"));
            }
            ("__truediv__", Some(span), _) => return Ok(Some(Value::from(self.0 as f64 / span.0 as f64))),
            ("__floordiv__", Some(span), _) => {
                let quotient = self.0.div_euclid(span.0);
                return Ok(Some(i64::try_from(quotient).map_or_else(|_| Value::from(quotient), Value::from)));
            }
            ("__mod__", Some(span), _) => self.0.checked_rem_euclid(span.0),
            ("__mul__" | "__rmul__", _, Some(number)) => match whole {
                Some(whole) => self.0.checked_mul(whole),
                None => micros(self.0 as f64 * number),
            },
            ("__truediv__" | "__floordiv__", _, Some(0.0)) => return Err(fail("division by zero")),
            ("__truediv__", _, Some(number)) => micros(self.0 as f64 / number),
            ("__floordiv__", ..) => match whole {
                Some(whole) => self.0.checked_div_euclid(whole),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        let micros = micros.ok_or_else(|| fail("the time span is too long"))?;
        Delta::new(micros).map(|delta| Some(delta.into()))
    }
}

fn micros(value: f64) -> Option<i128> {
    (value.is_finite() && value.abs() < 1e24).then(|| value.round_ties_even() as i128)
}

/// The class.
pub(super) fn class() -> Value {
    Value::from_object(Class {
        name: "datetime.timedelta",
        construct: Box::new(|_, args| construct(args)),
        method: Box::new(|_, method, args| match method {
            "total_seconds" => {
                let delta = args.required(0, "self")?;
                Ok(delta.downcast_object_ref::<Delta>().map(|delta| Value::from(delta.0 as f64 / 1e6)))
            }
            _ => Ok(None),
        }),
        attribute: |name| match name {
            "resolution" => Some(Delta(1).into()),
            "min" => Some(Delta(-999_999_999 * DAY).into()),
            "max" => Some(Delta(1_000_000_000 * DAY - 1).into()),
            _ => None,
        },
    })
}

/// `timedelta(days, seconds, microseconds, milliseconds, minutes, hours, weeks)`.
fn construct(args: &Arguments) -> Result<Value, Error> {
    const UNITS: [(&str, i128); 7] = [
        ("days", DAY),
        ("seconds", 1_000_000),
        ("microseconds", 1),
        ("milliseconds", 1_000),
        ("minutes", 60_000_000),
        ("hours", 3_600_000_000),
        ("weeks", 7 * DAY),
    ];
    args.limit(7, &UNITS.map(|(name, _)| name))?;
    let mut total = 0_i128;
    for (position, (name, unit)) in UNITS.into_iter().enumerate() {
        let Some(value) = args.given(position, name) else { continue };
        let whole = i128::try_from(value.clone()).ok().filter(|_| value.is_integer());
        let part = match (whole, f64::try_from(value.clone())) {
            (Some(whole), _) => whole.checked_mul(unit),
            (None, Ok(number)) => micros(number * unit as f64),
            _ => return Err(fail(format!("`{name}` of `timedelta` is a number, not a {}", value.kind()))),
        };
        total = part.and_then(|part| total.checked_add(part)).ok_or_else(|| fail("the time span is too long"))?;
    }
    Delta::new(total).map(Value::from)
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds, micros) = self.parts();
        if days != 0 {
            let s = if days.abs() == 1 { "" } else { "s" };
            write!(f, "{days} day{s}, ")?;
        }
        write!(f, "{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if micros == 0 { Ok(()) } else { write!(f, ".{micros:06}") }
    }
}

impl Object for Delta {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (days, seconds, micros) = self.parts();
        let int = |number: i128| i64::try_from(number).ok().map(Value::from);
        match key.as_str()? {
            "days" => int(days),
            "seconds" => int(seconds),
            "microseconds" => int(micros),
            "__repr__" => {
                let parts = [("days", days), ("seconds", seconds), ("microseconds", micros)];
                let parts = parts.into_iter().filter(|(_, part)| *part != 0);
                let parts: Vec<String> = parts.map(|(name, part)| format!("{name}={part}")).collect();
                let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
                Some(Value::from(format!("datetime.timedelta({parts})")))
            }
            _ => None,
        }
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0 != 0
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Delta>()?.0))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "total_seconds" => Ok(Value::from(self.0 as f64 / 1e6)),
            "__neg__" => Delta::new(-self.0).map(Value::from),
            "__abs__" => Delta::new(self.0.abs()).map(Value::from),
            operator => {
                let other = args.first().cloned().unwrap_or_default();
                self.operate(operator, &other)?.ok_or_else(unknown_method)
            }
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl From<Delta> for Value {
    fn from(delta: Delta) -> Value {
        Value::from_object(delta)
    }
}
