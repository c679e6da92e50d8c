//! `datetime`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};

use super::super::{Class, unknown_method};
use super::date::{self, Date, common};
use super::delta::Delta;
use super::strftime::strftime;
use super::strptime::strptime;
use super::time::{self, Time, arguments, iso, micros};
use super::zone::{Zone, offset_text};
use super::{date_of, number, out_of_range, parse, time_of, utc_of};
use crate::jinja::{Arguments, DynObject, Error, Object, ObjectRepr, State, Value, fail};
use crate::source::World;

/// A date and a time, with or without a zone.
#[derive(Clone, Debug)]
pub(in crate::context) struct DateTime {
    /// What the clock shows.
    pub(in crate::context) naive: NaiveDateTime,
    /// The zone of the clock.
    pub(in crate::context::modules) zone: Option<Zone>,
}

const PARTS: [&str; 9] = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"];

impl DateTime {
    /// What a clock shows in a zone.
    pub(in crate::context::modules) fn new(naive: NaiveDateTime, zone: Option<Zone>) -> Self {
        DateTime { naive, zone }
    }

    /// The moment in UTC; a clock without a zone is taken to show that.
    pub(super) fn utc(&self) -> NaiveDateTime {
        let offset = self.zone.as_ref().map_or(0, Zone::seconds);
        self.naive.checked_sub_signed(TimeDelta::seconds(i64::from(offset))).unwrap_or(self.naive)
    }

    /// The same moment on the clocks of another zone.
    pub(in crate::context::modules) fn in_zone(&self, zone: &Zone) -> Result<DateTime, Error> {
        let utc = self.utc();
        let zone = zone.at_utc(utc);
        let local = utc.checked_add_signed(TimeDelta::seconds(i64::from(zone.seconds()))).ok_or_else(out_of_range)?;
        Ok(DateTime::new(local, Some(zone)))
    }

    fn plus(&self, delta: Delta, sign: i128) -> Result<Value, Error> {
        let moved = Delta(sign * delta.0).to_chrono().and_then(|delta| self.naive.checked_add_signed(delta));
        let moved = moved.filter(|at| (1..=9999).contains(&at.year())).ok_or_else(out_of_range)?;
        Ok(DateTime::new(moved, self.zone.clone()).into())
    }

    fn operate(&self, operator: &str, other: &Value) -> Result<Value, Error> {
        let (delta, moment) = (other.downcast_object_ref::<Delta>(), other.downcast_object_ref::<DateTime>());
        match (operator, delta, moment) {
            ("__add__" | "__radd__", Some(delta), _) => self.plus(*delta, 1),
            ("__sub__", Some(delta), _) => self.plus(*delta, -1),
            ("__sub__", _, Some(other)) => {
                if self.zone.is_some() != other.zone.is_some() {
                    return Err(fail("a `datetime` with a time zone and one without cannot be subtracted"));
                }
                let span = self.utc() - other.utc();
                let micros = i128::from(span.num_seconds()) * 1_000_000 + i128::from(span.subsec_nanos() / 1000);
                Delta::new(micros).map(Value::from)
            }
            _ => Err(unknown_method()),
        }
    }

    fn iso(&self, separator: &str, timespec: &str) -> Result<String, Error> {
        let offset = self.zone.as_ref().map(|zone| offset_text(zone.seconds())).unwrap_or_default();
        Ok(format!("{}{separator}{}{offset}", self.naive.date(), iso(self.naive.time(), timespec)?))
    }

    fn replace(&self, args: &Arguments) -> Result<Value, Error> {
        args.limit(8, &PARTS)?;
        let naive = date::replaced(self.naive.date(), args)?.and_time(time::replaced(self.naive.time(), args, 3)?);
        let zone = match args.get(7, "tzinfo") {
            Some(zone) => zone.downcast_object_ref::<Zone>().cloned(),
            None => self.zone.clone(),
        };
        Ok(DateTime::new(naive, zone).into())
    }

    fn timestamp(&self) -> f64 {
        let utc = self.utc().and_utc();
        utc.timestamp() as f64 + f64::from(micros(self.naive.time())) / 1e6
    }

    fn method(&self, method: &str, args: &Arguments) -> Result<Option<Value>, Error> {
        let span = |seconds: i32| Value::from(Delta(i128::from(seconds) * 1_000_000));
        let nothing = || Value::from(());
        Ok(Some(match method {
            "strftime" | "__format__" => Value::from(strftime(self, &args.required_text(0, "format")?)?),
            "ctime" => Value::from(strftime(self, "%a %b %e %H:%M:%S %Y")?),
            "isoformat" => {
                let separator = args.text(0, "sep")?.unwrap_or_else(|| "T".to_owned());
                let timespec = args.text(1, "timespec")?.unwrap_or_else(|| "auto".to_owned());
                Value::from(self.iso(&separator, &timespec)?)
            }
            "date" => Date(self.naive.date()).into(),
            "time" => Time::new(self.naive.time()).into(),
            "timetz" => Time { time: self.naive.time(), zone: self.zone.clone() }.into(),
            "timestamp" => Value::from(self.timestamp()),
            "replace" => self.replace(args)?,
            "astimezone" => {
                let zone = args.given(0, "tz");
                let zone = zone.as_ref().map(|zone| {
                    zone.downcast_object_ref::<Zone>().ok_or_else(|| fail("`astimezone` takes a time zone"))
                });
                self.in_zone(zone.transpose()?.unwrap_or(&Zone::Utc))?.into()
            }
            "utcoffset" => self.zone.as_ref().map_or_else(nothing, |zone| span(zone.seconds())),
            "dst" => self.zone.as_ref().and_then(Zone::daylight).map_or_else(nothing, span),
            "tzname" => self.zone.as_ref().map_or_else(nothing, |zone| Value::from(zone.name())),
            _ => return Ok(common(self.naive.date(), method)),
        }))
    }
}

/// The class.
pub(super) fn class(world: &Arc<dyn World>) -> Value {
    let world = Arc::clone(world);
    Value::from_object(Class {
        name: "datetime.datetime",
        construct: Box::new(|_, args| construct(args)),
        method: Box::new(move |_, method, args| match method {
            "now" | "today" | "utcnow" => {
                let now = DateTime::new(utc_of(world.now()), None);
                match args.given(0, "tz") {
                    Some(zone) => {
                        let zone = zone.downcast_object_ref::<Zone>().ok_or_else(|| fail("`now` takes a time zone"))?;
                        now.in_zone(zone).map(|now| Some(now.into()))
                    }
                    None => Ok(Some(now.into())),
                }
            }
            _ => from_other(method, args),
        }),
        attribute: |name| {
            let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day);
            match name {
                "min" => Some(DateTime::new(day(1, 1, 1)?.and_time(NaiveTime::default()), None).into()),
                "max" => Some(DateTime::new(day(9999, 12, 31)?.and_hms_micro_opt(23, 59, 59, 999_999)?, None).into()),
                "resolution" => Some(Delta(1).into()),
                _ => None,
            }
        },
    })
}

fn construct(args: &Arguments) -> Result<Value, Error> {
    args.limit(8, &PARTS)?;
    let needed = |at, name| args.int(at, name)?.ok_or_else(|| fail(format!("`datetime` needs an argument `{name}`")));
    let date = date_of(needed(0, "year")?, needed(1, "month")?, needed(2, "day")?)?;
    let part = |at, name| number(args, at, name);
    let time = time_of(part(3, "hour")?, part(4, "minute")?, part(5, "second")?, part(6, "microsecond")?)?;
    let zone = args.given(7, "tzinfo").and_then(|zone| zone.downcast_object_ref::<Zone>().cloned());
    Ok(DateTime::new(date.and_time(time), zone).into())
}

/// The methods of the class that make a `datetime` of something else.
fn from_other(method: &str, args: &Arguments) -> Result<Option<Value>, Error> {
    let found = match method {
        "fromisoformat" => {
            let text = args.required_text(0, "date_string")?;
            let (naive, zone) =
                parse::date_time(&text).ok_or_else(|| fail(format!("`{text}` is not a time of ISO 8601")))?;
            DateTime::new(naive, zone)
        }
        "strptime" => {
            let (text, format) = (args.required_text(0, "date_string")?, args.required_text(1, "format")?);
            strptime(&text, &format)?
        }
        "fromtimestamp" | "utcfromtimestamp" => {
            let seconds = f64::try_from(args.required(0, "timestamp")?)?;
            let micros = (seconds * 1e6).round_ties_even();
            let utc = chrono::DateTime::from_timestamp_micros(micros as i64).filter(|_| micros.abs() < 2.6e17);
            let moment = DateTime::new(utc.ok_or_else(out_of_range)?.naive_utc(), None);
            match args.given(1, "tz").and_then(|zone| zone.downcast_object_ref::<Zone>().cloned()) {
                Some(zone) => moment.in_zone(&zone)?,
                None => moment,
            }
        }
        "combine" => {
            let (date, time) = (args.required(0, "date")?, args.required(1, "time")?);
            let day = match (date.downcast_object_ref::<Date>(), date.downcast_object_ref::<DateTime>()) {
                (Some(date), _) => date.0,
                (None, Some(moment)) => moment.naive.date(),
                (None, None) => return Err(fail("`combine` takes a `date` and a `time`")),
            };
            let time = time.downcast_object_ref::<Time>();
            let time = time.ok_or_else(|| fail("`combine` takes a `date` and a `time`"))?;
            DateTime::new(day.and_time(time.time), time.zone.clone())
        }
        _ => match date::from_number(method, args)? {
            Some(date) => DateTime::new(date.and_time(NaiveTime::default()), None),
            None => return Ok(None),
        },
    };
    Ok(Some(found.into()))
}

impl Object for DateTime {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let naive = self.naive;
        Some(match key.as_str()? {
            "year" => Value::from(naive.year()),
            "month" => Value::from(naive.month()),
            "day" => Value::from(naive.day()),
            "hour" => Value::from(naive.hour()),
            "minute" => Value::from(naive.minute()),
            "second" => Value::from(naive.second()),
            "microsecond" => Value::from(micros(naive.time())),
            "tzinfo" => self.zone.clone().map_or(Value::from(()), Value::from),
            "fold" => Value::from(0),
            "__repr__" => {
                let day = format!("{}, {}, {}", naive.year(), naive.month(), naive.day());
                let zone = self.zone.as_ref().map(|zone| format!(", tzinfo={}", zone.representation()));
                let zone = zone.unwrap_or_default();
                Value::from(format!("datetime.datetime({day}, {}{zone})", arguments(naive.time())))
            }
            _ => return None,
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<DateTime>()?;
        (self.zone.is_some() == other.zone.is_some()).then(|| self.utc().cmp(&other.utc()))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match self.method(method, &Arguments::of("datetime", args)?)? {
            Some(value) => Ok(value),
            None => self.operate(method, &args.first().cloned().unwrap_or_default()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso(" ", "auto").map_err(|_| fmt::Error)?)
    }
}

impl From<DateTime> for Value {
    fn from(moment: DateTime) -> Value {
        Value::from_object(moment)
    }
}
