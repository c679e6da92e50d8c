//! Time zones: UTC, fixed offsets, and those of the time zone database as pytz has them.

use std::fmt;
use std::sync::Arc;

use chrono::{NaiveDateTime, Offset, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

use super::super::{Class, unknown_method};
use super::date_time::DateTime;
use super::delta::Delta;
use crate::jinja::{Arguments, Error, Object, ObjectRepr, State, Value, fail};

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::context::modules) enum Zone {
    /// UTC.
    Utc,
    /// So many seconds east of Greenwich, always.
    Fixed(i32),
    /// A zone of the database with one of its offsets. Like pytz, a `datetime` keeps the offset that it got when the zone was
    /// put to it.
    Named(Tz, Pinned),
}

/// One of the offsets of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::context::modules) struct Pinned {
    seconds: i32,
    name: String,
    daylight: i32,
}

impl Zone {
    /// A zone of the database, with the first offset that it ever had.
    pub(in crate::context::modules) fn named(name: &str) -> Option<Zone> {
        let zone = *chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name))?;
        if zone == Tz::UTC {
            return Some(Zone::Utc);
        }
        let first = chrono::NaiveDate::from_ymd_opt(1, 1, 2)?.and_hms_opt(0, 0, 0)?;
        Some(Zone::Named(zone, pinned(&zone.offset_from_utc_datetime(&first))))
    }

    /// A fixed offset.
    pub(in crate::context::modules) fn fixed(seconds: i32) -> Zone {
        if seconds == 0 { Zone::Utc } else { Zone::Fixed(seconds) }
    }

    /// The same zone with the offset that it has at a moment in UTC.
    pub(super) fn at_utc(&self, utc: NaiveDateTime) -> Zone {
        match self {
            Zone::Named(zone, _) => Zone::Named(*zone, pinned(&zone.offset_from_utc_datetime(&utc))),
            other => other.clone(),
        }
    }

    /// The same zone with the offset that its clocks have when they show a time. Of two the later one, without daylight saving;
    /// `None` when the clocks never show it.
    fn at_local(&self, local: NaiveDateTime, daylight: bool) -> Option<Zone> {
        let Zone::Named(zone, _) = self else { return Some(self.clone()) };
        let found = zone.offset_from_local_datetime(&local);
        let offset = if daylight { found.earliest() } else { found.latest() }?;
        Some(Zone::Named(*zone, pinned(&offset)))
    }

    /// Seconds east of Greenwich.
    pub(super) fn seconds(&self) -> i32 {
        match self {
            Zone::Utc => 0,
            Zone::Fixed(seconds) => *seconds,
            Zone::Named(_, pinned) => pinned.seconds,
        }
    }

    /// The name of the offset.
    pub(super) fn name(&self) -> String {
        match self {
            Zone::Utc => "UTC".to_owned(),
            Zone::Fixed(seconds) => format!("UTC{}", offset_text(*seconds)),
            Zone::Named(_, pinned) => pinned.name.clone(),
        }
    }

    /// The seconds of daylight saving in the offset.
    pub(super) fn daylight(&self) -> Option<i32> {
        match self {
            Zone::Utc => Some(0),
            Zone::Fixed(_) => None,
            Zone::Named(_, pinned) => Some(pinned.daylight),
        }
    }

    /// What prints inside of a `datetime`.
    pub(super) fn representation(&self) -> String {
        match self {
            Zone::Utc => "<UTC>".to_owned(),
            Zone::Fixed(seconds) => {
                let delta = Value::from(Delta(i128::from(*seconds) * 1_000_000));
                format!("datetime.timezone({})", crate::jinja::repr(&delta))
            }
            Zone::Named(zone, pinned) => {
                let delta = Value::from(Delta(i128::from(pinned.seconds) * 1_000_000));
                let kind = if pinned.daylight == 0 { "STD" } else { "DST" };
                let sign = if pinned.seconds >= 0 { "+" } else { "" };
                format!("<DstTzInfo '{zone}' {}{sign}{delta} {kind}>", pinned.name)
            }
        }
    }
}

fn pinned(offset: &chrono_tz::TzOffset) -> Pinned {
    Pinned {
        // To the minute, as pytz has the times before there were zones.
        seconds: (offset.fix().local_minus_utc() + 30).div_euclid(60) * 60,
        name: offset.abbreviation().unwrap_or_default().to_owned(),
        daylight: i32::try_from(offset.dst_offset().num_seconds()).unwrap_or(0),
    }
}

/// `+01:00`, with seconds where there are any.
pub(super) fn offset_text(seconds: i32) -> String {
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let rest = if all % 60 == 0 { String::new() } else { format!(":{:02}", all % 60) };
    format!("{sign}{:02}:{:02}{rest}", all / 3600, all / 60 % 60)
}

/// `timezone(offset)`, and `timezone.utc`.
pub(super) fn class() -> Value {
    Value::from_object(Class {
        name: "datetime.timezone",
        construct: Box::new(|_, args| {
            let offset = args.required(0, "offset")?;
            let offset = offset.downcast_object_ref::<Delta>().ok_or_else(|| fail("`timezone` takes a `timedelta`"))?;
            let seconds = i32::try_from(offset.0 / 1_000_000).ok().filter(|seconds| seconds.abs() < 86_400);
            let seconds = seconds.ok_or_else(|| fail("the offset of a time zone is less than a day"))?;
            Ok(Zone::fixed(seconds).into())
        }),
        method: Box::new(|_, _, _| Ok(None)),
        attribute: |name| (name == "utc").then(|| Zone::Utc.into()),
    })
}

impl Object for Zone {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "zone" => Some(match &**self {
                Zone::Utc => Value::from("UTC"),
                Zone::Fixed(_) => Value::from(()),
                Zone::Named(zone, _) => Value::from(zone.name()),
            }),
            "__repr__" => Some(Value::from(self.representation())),
            _ => None,
        }
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("tzinfo", args)?;
        let moment = args.given(0, "dt");
        let moment = moment.as_ref().and_then(|value| value.downcast_object_ref::<DateTime>());
        let needed = || moment.cloned().ok_or_else(|| fail(format!("`{method}` takes a `datetime`")));
        match method {
            "localize" => {
                let moment = needed()?;
                if moment.zone.is_some() {
                    return Err(fail("the `datetime` already has a time zone"));
                }
                let daylight = args.flag(1, "is_dst");
                let zone = self.at_local(moment.naive, daylight).unwrap_or_else(|| {
                    // The clocks jump over it: without daylight saving they are taken not to have done so yet.
                    let day = chrono::TimeDelta::days(if daylight { 1 } else { -1 });
                    self.at_utc(moment.naive + day)
                });
                Ok(DateTime::new(moment.naive, Some(zone)).into())
            }
            "normalize" => needed()?.in_zone(self).map(Value::from),
            "utcoffset" | "dst" | "tzname" => {
                let zone = moment.and_then(|moment| self.at_local(moment.naive, false)).unwrap_or((**self).clone());
                let span = |seconds: i32| Value::from(Delta(i128::from(seconds) * 1_000_000));
                Ok(match method {
                    "utcoffset" => span(zone.seconds()),
                    "dst" => zone.daylight().map_or(Value::from(()), span),
                    _ => Value::from(zone.name()),
                })
            }
            "fromutc" => {
                let moment = needed()?;
                DateTime::new(moment.naive, Some(Zone::Utc)).in_zone(self).map(Value::from)
            }
            _ => Err(unknown_method()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &**self {
            Zone::Named(zone, _) => f.write_str(zone.name()),
            zone => f.write_str(&zone.name()),
        }
    }
}

impl From<Zone> for Value {
    fn from(zone: Zone) -> Value {
        Value::from_object(zone)
    }
}
