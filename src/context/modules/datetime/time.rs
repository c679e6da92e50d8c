//! `time`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, Timelike};

use super::super::{Class, unknown_method};
use super::date_time::DateTime;
use super::delta::Delta;
use super::strftime::strftime;
use super::zone::{Zone, offset_text};
use super::{number, parse, time_of};
use crate::jinja::{Arguments, DynObject, Error, Object, ObjectRepr, State, Value, fail};

/// A time of a day.
#[derive(Clone, Debug)]
pub(in crate::context) struct Time {
    pub(in crate::context) time: NaiveTime,
    pub(super) zone: Option<Zone>,
}

impl Time {
    /// A time without a zone.
    pub(in crate::context) fn new(time: NaiveTime) -> Self {
        Time { time, zone: None }
    }
}

/// The class.
pub(super) fn class() -> Value {
    Value::from_object(Class {
        name: "datetime.time",
        construct: Box::new(|_, args| {
            args.limit(5, &["hour", "minute", "second", "microsecond", "tzinfo", "fold"])?;
            let part = |at, name| number(args, at, name);
            let time = time_of(part(0, "hour")?, part(1, "minute")?, part(2, "second")?, part(3, "microsecond")?)?;
            let zone = args.given(4, "tzinfo").and_then(|zone| zone.downcast_object_ref::<Zone>().cloned());
            Ok(Time { time, zone }.into())
        }),
        method: Box::new(|_, method, args| match method {
            "fromisoformat" => {
                let text = args.required_text(0, "time_string")?;
                let (time, zone) =
                    parse::time(&text).ok_or_else(|| fail(format!("`{text}` is not a time of ISO 8601")))?;
                Ok(Some(Time { time, zone }.into()))
            }
            _ => Ok(None),
        }),
        attribute: |name| match name {
            "min" => Some(Time::new(NaiveTime::default()).into()),
            "max" => NaiveTime::from_hms_micro_opt(23, 59, 59, 999_999).map(|time| Time::new(time).into()),
            "resolution" => Some(Delta(1).into()),
            _ => None,
        },
    })
}

/// Microseconds; a leap second of chrono counts as the second before.
pub(super) fn micros(time: NaiveTime) -> u32 {
    (time.nanosecond() / 1000).min(999_999)
}

/// `replace` of the parts of a time.
pub(super) fn replaced(time: NaiveTime, args: &Arguments, first: usize) -> Result<NaiveTime, Error> {
    let part = |at, name, now: u32| match args.int(first + at, name)? {
        Some(given) => u32::try_from(given).map_err(|_| fail(format!("`{name}` cannot be {given}"))),
        None => Ok(now),
    };
    time_of(
        part(0, "hour", time.hour())?,
        part(1, "minute", time.minute())?,
        part(2, "second", time.second())?,
        part(3, "microsecond", micros(time))?,
    )
}

/// `isoformat` of a time: `auto` writes what is not zero.
pub(super) fn iso(time: NaiveTime, timespec: &str) -> Result<String, Error> {
    let (hour, minute, second, micro) = (time.hour(), time.minute(), time.second(), micros(time));
    Ok(match timespec {
        "auto" if micro == 0 => format!("{hour:02}:{minute:02}:{second:02}"),
        "auto" | "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{micro:06}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", micro / 1000),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "hours" => format!("{hour:02}"),
        other => return Err(fail(format!("`{other}` is no `timespec`"))),
    })
}

/// `12, 30, 5` of a representation: seconds and microseconds only where they are not zero.
pub(super) fn arguments(time: NaiveTime) -> String {
    let (second, micro) = (time.second(), micros(time));
    let mut parts = vec![time.hour(), time.minute()];
    if second > 0 || micro > 0 {
        parts.push(second);
    }
    if micro > 0 {
        parts.push(micro);
    }
    parts.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}

impl Object for Time {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let time = self.time;
        Some(match key.as_str()? {
            "hour" => Value::from(time.hour()),
            "minute" => Value::from(time.minute()),
            "second" => Value::from(time.second()),
            "microsecond" => Value::from(micros(time)),
            "tzinfo" => self.zone.clone().map_or(Value::from(()), Value::from),
            "fold" => Value::from(0),
            "__repr__" => Value::from(format!("datetime.time({})", arguments(time))),
            _ => return None,
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.time.cmp(&other.downcast_ref::<Time>()?.time))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("time", args)?;
        match method {
            "isoformat" => {
                let timespec = args.text(0, "timespec")?.unwrap_or_else(|| "auto".to_owned());
                let offset = self.zone.as_ref().map(|zone| offset_text(zone.seconds())).unwrap_or_default();
                Ok(Value::from(iso(self.time, &timespec)? + &offset))
            }
            "strftime" | "__format__" => {
                let day = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or_default();
                let moment = DateTime::new(day.and_time(self.time), self.zone.clone());
                Ok(Value::from(strftime(&moment, &args.required_text(0, "format")?)?))
            }
            "replace" => {
                args.limit(4, &["hour", "minute", "second", "microsecond", "tzinfo", "fold"])?;
                Ok(Time { time: replaced(self.time, &args, 0)?, zone: self.zone.clone() }.into())
            }
            "utcoffset" => Ok(match &self.zone {
                Some(zone) => Delta(i128::from(zone.seconds()) * 1_000_000).into(),
                None => Value::from(()),
            }),
            "tzname" => Ok(self.zone.as_ref().map_or(Value::from(()), |zone| Value::from(zone.name()))),
            _ => Err(unknown_method()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = iso(self.time, "auto").map_err(|_| fmt::Error)?;
        let offset = self.zone.as_ref().map(|zone| offset_text(zone.seconds())).unwrap_or_default();
        write!(f, "{text}{offset}")
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Value {
        Value::from_object(time)
    }
}
