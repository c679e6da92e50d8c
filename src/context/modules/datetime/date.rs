//! `date`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};

use super::super::{Class, unknown_method};
use super::date_time::DateTime;
use super::delta::Delta;
use super::strftime::strftime;
use super::{date_of, out_of_range, parse, utc_of};
use crate::jinja::{Arguments, DynObject, Error, Object, ObjectRepr, State, Tuple, Value, fail};
use crate::source::World;

/// A date.
#[derive(Clone, Copy, Debug)]
pub(in crate::context) struct Date(pub(in crate::context) NaiveDate);

/// The class.
pub(super) fn class(world: &Arc<dyn World>) -> Value {
    let world = Arc::clone(world);
    Value::from_object(Class {
        name: "datetime.date",
        construct: Box::new(|_, args| {
            args.limit(3, &["year", "month", "day"])?;
            let part = |at, name| args.int(at, name)?.ok_or_else(|| fail(format!("`date` needs an argument `{name}`")));
            date_of(part(0, "year")?, part(1, "month")?, part(2, "day")?).map(Date).map(Value::from)
        }),
        method: Box::new(move |_, method, args| match method {
            "today" => Ok(Some(Date(utc_of(world.now()).date()).into())),
            "fromisoformat" => {
                let text = args.required_text(0, "date_string")?;
                let found = parse::date(&text).ok_or_else(|| fail(format!("`{text}` is not a date of ISO 8601")))?;
                Ok(Some(Date(found).into()))
            }
            _ => from_number(method, args).map(|found| found.map(|date| Date(date).into())),
        }),
        attribute: |name| match name {
            "min" => NaiveDate::from_ymd_opt(1, 1, 1).map(|date| Date(date).into()),
            "max" => NaiveDate::from_ymd_opt(9999, 12, 31).map(|date| Date(date).into()),
            "resolution" => Some(Delta(86_400_000_000).into()),
            _ => None,
        },
    })
}

/// The methods of the class that read a date from numbers.
pub(super) fn from_number(method: &str, args: &Arguments) -> Result<Option<NaiveDate>, Error> {
    let part = |at, name| args.int(at, name)?.ok_or_else(|| fail(format!("`{method}` needs an argument `{name}`")));
    Ok(Some(match method {
        "fromordinal" => {
            let ordinal = i32::try_from(part(0, "ordinal")?).ok();
            ordinal.and_then(NaiveDate::from_num_days_from_ce_opt).ok_or_else(out_of_range)?
        }
        "fromtimestamp" => {
            let seconds = f64::try_from(args.required(0, "timestamp")?)?;
            chrono::DateTime::from_timestamp(seconds.floor() as i64, 0).ok_or_else(out_of_range)?.date_naive()
        }
        "fromisocalendar" => {
            let (year, week, day) = (part(0, "year")?, part(1, "week")?, part(2, "day")?);
            let weekday = u8::try_from(day - 1).ok().and_then(|day| chrono::Weekday::try_from(day).ok());
            let found = weekday.and_then(|weekday| {
                NaiveDate::from_isoywd_opt(i32::try_from(year).ok()?, u32::try_from(week).ok()?, weekday)
            });
            found.ok_or_else(|| fail(format!("there is no day {day} of week {week} of {year}")))?
        }
        _ => return Ok(None),
    }))
}

/// The attributes and methods that dates and datetimes have in common.
pub(super) fn common(date: NaiveDate, method: &str) -> Option<Value> {
    Some(match method {
        "weekday" => Value::from(date.weekday().num_days_from_monday()),
        "isoweekday" => Value::from(date.weekday().number_from_monday()),
        "toordinal" => Value::from(date.num_days_from_ce()),
        "isocalendar" => {
            let week = date.iso_week();
            let parts =
                [i64::from(week.year()), i64::from(week.week()), i64::from(date.weekday().number_from_monday())];
            Value::from(Tuple::from(parts.map(Value::from).to_vec()))
        }
        _ => return None,
    })
}

/// `replace` of the parts of a date.
pub(super) fn replaced(date: NaiveDate, args: &Arguments) -> Result<NaiveDate, Error> {
    let part = |at, name, now: u32| Ok::<i64, Error>(args.int(at, name)?.unwrap_or_else(|| i64::from(now)));
    let year = args.int(0, "year")?.unwrap_or_else(|| i64::from(date.year()));
    date_of(year, part(1, "month", date.month())?, part(2, "day", date.day())?)
}

impl Date {
    fn midnight(self) -> DateTime {
        DateTime::new(self.0.and_time(NaiveTime::default()), None)
    }

    fn plus(self, delta: Delta, sign: i128) -> Result<Value, Error> {
        let days = i64::try_from(sign * delta.0.div_euclid(86_400_000_000)).unwrap_or(i64::MAX);
        let moved = TimeDelta::try_days(days).and_then(|days| self.0.checked_add_signed(days));
        let moved = moved.filter(|date| (1..=9999).contains(&date.year())).ok_or_else(out_of_range)?;
        Ok(Date(moved).into())
    }

    fn operate(self, operator: &str, other: &Value) -> Result<Value, Error> {
        let (delta, date) = (other.downcast_object_ref::<Delta>(), other.downcast_object_ref::<Date>());
        match (operator, delta, date) {
            ("__add__" | "__radd__", Some(delta), _) => self.plus(*delta, 1),
            ("__sub__", Some(delta), _) => self.plus(*delta, -1),
            ("__sub__", _, Some(date)) => {
                Delta::new(i128::from((self.0 - date.0).num_days()) * 86_400_000_000).map(Value::from)
            }
            _ => Err(unknown_method()),
        }
    }
}

impl Object for Date {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let date = self.0;
        Some(match key.as_str()? {
            "year" => Value::from(date.year()),
            "month" => Value::from(date.month()),
            "day" => Value::from(date.day()),
            "__repr__" => Value::from(format!("datetime.date({}, {}, {})", date.year(), date.month(), date.day())),
            _ => return None,
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Date>()?.0))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let given = Arguments::of("date", args)?;
        match method {
            "isoformat" => Ok(Value::from(self.0.to_string())),
            "strftime" | "__format__" => {
                let format = given.required_text(0, "format")?;
                Ok(Value::from(strftime(&self.midnight(), &format)?))
            }
            "ctime" => Ok(Value::from(strftime(&self.midnight(), "%a %b %e %H:%M:%S %Y")?)),
            "replace" => {
                given.limit(3, &["year", "month", "day"])?;
                replaced(self.0, &given).map(Date).map(Value::from)
            }
            _ => match common(self.0, method) {
                Some(value) => Ok(value),
                None => self.operate(method, &args.first().cloned().unwrap_or_default()),
            },
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl From<Date> for Value {
    fn from(date: Date) -> Value {
        Value::from_object(date)
    }
}
