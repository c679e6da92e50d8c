//! `modules.datetime`: dates, times, and the spans between them, on chrono.

mod date;
mod date_time;
mod delta;
mod parse;
mod strftime;
mod strptime;
mod time;
mod zone;

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use crate::base::Timestamp;
use crate::jinja::{Arguments, Error, Value, fail};
use crate::source::World;

pub(super) use date_time::DateTime;
pub(super) use zone::Zone;

/// The module.
pub(super) fn module(world: &Arc<dyn World>) -> Value {
    Value::from_pairs([
        ("date", date::class(world)),
        ("datetime", date_time::class(world)),
        ("time", time::class()),
        ("timedelta", delta::class()),
        ("timezone", zone::class()),
        ("tzinfo", zone::class()),
        ("MINYEAR", Value::from(1)),
        ("MAXYEAR", Value::from(9999)),
    ])
}

/// A moment as a `datetime` in UTC.
pub(in crate::context) fn date_time_at(moment: Timestamp) -> Value {
    DateTime::new(utc_of(moment), Some(Zone::Utc)).into()
}

/// What a clock shows as a `datetime`, in UTC or without a zone.
pub(in crate::context) fn date_time(naive: NaiveDateTime, utc: bool) -> Value {
    DateTime::new(naive, utc.then_some(Zone::Utc)).into()
}

/// A date as a `date`.
pub(in crate::context) fn date_value(date: NaiveDate) -> Value {
    date::Date(date).into()
}

/// The date or time that a text of YAML without quotes is to Python.
pub(in crate::context) fn scalar(text: &str) -> Option<Value> {
    let bytes = text.as_bytes();
    let is_date = bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-';
    match text.as_bytes().get(10) {
        _ if !is_date => None,
        None => parse::date(text).map(date_value),
        Some(b'T' | b't' | b' ') if bytes.get(13) == Some(&b':') => {
            let (moment, zone) = parse::date_time(text)?;
            Some(DateTime::new(moment, zone).into())
        }
        Some(_) => None,
    }
}

/// A moment in UTC, to the microsecond.
fn utc_of(moment: Timestamp) -> NaiveDateTime {
    let at = moment.0.naive_utc();
    at.with_nanosecond(at.nanosecond() / 1000 * 1000).unwrap_or(at)
}

/// The number at a position or under a name, 0 if there is none.
fn number(args: &Arguments, position: usize, name: &str) -> Result<u32, Error> {
    let given = args.int(position, name)?.unwrap_or(0);
    u32::try_from(given).map_err(|_| fail(format!("`{name}` cannot be {given}")))
}

/// A date that Python has, of the years 1 to 9999.
fn date_of(year: i64, month: i64, day: i64) -> Result<NaiveDate, Error> {
    let date = || NaiveDate::from_ymd_opt(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    let date = date().filter(|date| (1..=9999).contains(&date.year()));
    date.ok_or_else(|| fail(format!("there is no date {year:04}-{month:02}-{day:02}")))
}

/// A time of a day.
fn time_of(hour: u32, minute: u32, second: u32, micro: u32) -> Result<NaiveTime, Error> {
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micro).filter(|_| micro < 1_000_000);
    time.ok_or_else(|| fail(format!("there is no time {hour:02}:{minute:02}:{second:02}.{micro:06}")))
}

/// The error of a date before the year 1 or after 9999.
fn out_of_range() -> Error {
    fail("the date is out of range: years are 1 to 9999")
}
