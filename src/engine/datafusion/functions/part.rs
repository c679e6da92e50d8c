//! The parts of dates that functions count in, and the text that names one.

use arrow::array::{Array, ArrayRef, AsArray, StringArray};
use arrow::compute::cast;
use chrono::{DateTime, Datelike, Months, NaiveDateTime};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DataFusionError, Result, exec_err, plan_err};

use crate::engine::datafusion::type_names::sql_name;

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// So many months; a year is twelve.
    Months(i64),
    /// So many microseconds, which for days and less is all there is to them.
    Micros(i64),
    /// Seven days; they start on this day, counted from Monday.
    Week(i64),
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

impl Part {
    /// The part of this name; the warehouses' short names and plurals count. A week starts on Monday, and on another day where that is
    /// named: `week(sunday)`.
    pub(super) fn named(name: &str) -> Result<Self> {
        Ok(match name.trim().to_ascii_lowercase().as_str() {
            "millennium" | "millennia" => Part::Months(12_000),
            "century" | "centuries" => Part::Months(1_200),
            "decade" | "decades" => Part::Months(120),
            "year" | "years" | "y" | "yy" | "yyyy" | "yr" | "yrs" => Part::Months(12),
            "quarter" | "quarters" | "q" | "qtr" | "qtrs" => Part::Months(3),
            "month" | "months" | "mon" | "mons" | "mm" => Part::Months(1),
            "week" | "weeks" | "w" | "wk" | "isoweek" | "weekofyear" => Part::Week(0),
            "day" | "days" | "d" | "dd" | "dayofmonth" | "dayofyear" => Part::Micros(DAY),
            "hour" | "hours" | "h" | "hh" | "hr" | "hrs" => Part::Micros(3_600 * SECOND),
            "minute" | "minutes" | "m" | "mi" | "min" | "mins" => Part::Micros(60 * SECOND),
            "second" | "seconds" | "s" | "sec" | "secs" => Part::Micros(SECOND),
            "millisecond" | "milliseconds" | "ms" | "msec" => Part::Micros(1_000),
            "microsecond" | "microseconds" | "us" | "usec" => Part::Micros(1),
            other => {
                let day = other.strip_prefix("week(").and_then(|day| weekday(day.strip_suffix(')')?));
                match day {
                    Some(day) => Part::Week(day.into()),
                    None => return exec_err!("there is no part of a date `{other}`"),
                }
            }
        })
    }

    /// The moment so many parts later; `None` where it is outside of what can be stored. A day that the month does not have is its
    /// last one.
    pub(super) fn add(self, moment: i64, count: i64) -> Option<i64> {
        match self {
            Part::Micros(micros) => moment.checked_add(micros.checked_mul(count)?),
            Part::Week(_) => moment.checked_add((7 * DAY).checked_mul(count)?),
            Part::Months(months) => {
                let months = months.checked_mul(count)?;
                let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
                let moment = date_time(moment)?;
                let moved = if months < 0 { moment.checked_sub_months(by) } else { moment.checked_add_months(by) };
                Some(moved?.and_utc().timestamp_micros())
            }
        }
    }

    /// How many boundaries of the part lie between the two.
    pub(super) fn between(self, first: i64, second: i64) -> Option<i64> {
        Some(self.number(second)? - self.number(first)?)
    }

    /// The moment at which the part starts that a moment is in.
    pub(super) fn start(self, moment: i64) -> Option<i64> {
        match self {
            Part::Micros(micros) => Some(moment.div_euclid(micros) * micros),
            Part::Week(first) => Some((self.number(moment)? * 7 - 3 + first) * DAY),
            Part::Months(months) => {
                let first = self.number(moment)? * months;
                let year = i32::try_from(first.div_euclid(12)).ok()?;
                let month = u32::try_from(first.rem_euclid(12)).ok()? + 1;
                Some(
                    chrono::NaiveDate::from_ymd_opt(year, month, 1)?.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros(),
                )
            }
        }
    }

    /// The number of the part that a moment is in.
    fn number(self, moment: i64) -> Option<i64> {
        Some(match self {
            Part::Micros(micros) => moment.div_euclid(micros),
            // The first day of 1970 was a Thursday.
            Part::Week(first) => (moment.div_euclid(DAY) + 3 - first).div_euclid(7),
            Part::Months(months) => {
                let date = date_time(moment)?;
                (i64::from(date.year()) * 12 + i64::from(date.month0())).div_euclid(months)
            }
        })
    }
}

/// The day of the week of this name, counted from Monday; its first two letters are enough.
pub(super) fn weekday(name: &str) -> Option<i32> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let name = name.trim().to_ascii_lowercase();
    let day = NAMES.iter().position(|known| name.len() > 1 && known.starts_with(&name))?;
    i32::try_from(day).ok()
}

fn date_time(micros: i64) -> Option<NaiveDateTime> {
    DateTime::from_timestamp_micros(micros).map(|moment| moment.naive_utc())
}

/// The type of moments that functions work with: microseconds, in the zone of the argument where it has one.
pub(super) fn moment_type(given: &DataType) -> DataType {
    match given {
        DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
        _ => DataType::Timestamp(TimeUnit::Microsecond, None),
    }
}

/// Checks that arguments of a function are moments, or texts of them: a number would be read as so many microseconds, or days, without
/// a word.
pub(super) fn takes_moments(function: &str, given: &[DataType]) -> Result<()> {
    match given.iter().find(|given| given.is_numeric() || **given == DataType::Boolean) {
        Some(found) => plan_err!("`{function}` takes dates and timestamps, where a `{}` is given", sql_name(found)),
        None => Ok(()),
    }
}

/// Texts of an argument.
pub(super) fn texts(array: &ArrayRef) -> Result<StringArray> {
    Ok(cast(array, &DataType::Utf8)?.as_string::<i32>().clone())
}

/// The part that a row names. Most columns of parts hold one name, which is read once.
#[derive(Default)]
pub(super) struct Parts {
    last: Option<(String, Part)>,
}

impl Parts {
    /// The part of a row; `None` where the row has none.
    pub(super) fn of(&mut self, names: &StringArray, row: usize) -> Result<Option<Part>> {
        if names.is_null(row) {
            return Ok(None);
        }
        let name = names.value(row);
        match &self.last {
            Some((known, part)) if known == name => Ok(Some(*part)),
            _ => {
                let part = Part::named(name)?;
                self.last = Some((name.to_owned(), part));
                Ok(Some(part))
            }
        }
    }
}

/// The error of a result that no date can hold.
pub(super) fn out_of_range(function: &str) -> DataFusionError {
    DataFusionError::Execution(format!("`{function}` gives a date that is out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn micros(text: &str) -> i64 {
        let parsed = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").expect("a time");
        parsed.and_utc().timestamp_micros()
    }

    fn part(name: &str) -> Part {
        Part::named(name).expect("a part")
    }

    #[test]
    fn months_end_where_they_end() {
        let end = micros("2020-01-31 10:00:00");
        assert_eq!(part("month").add(end, 1), Some(micros("2020-02-29 10:00:00")));
        assert_eq!(part("quarter").add(end, -1), Some(micros("2019-10-31 10:00:00")));
        assert_eq!(part("years").add(end, i64::MAX), None);
        assert_eq!(part("week").add(end, 2), Some(micros("2020-02-14 10:00:00")));
    }

    #[test]
    fn boundaries_are_counted() {
        let (first, second) = (micros("1999-12-31 23:59:59.999999"), micros("2000-01-01 00:00:00"));
        for name in ["microsecond", "second", "minute", "hour", "day", "month", "quarter", "year", "century"] {
            assert_eq!(part(name).between(first, second), Some(1), "{name}");
            assert_eq!(part(name).between(second, first), Some(-1), "{name}");
        }
        let tuesday = micros("2019-12-31 00:00:00");
        for (day, weeks) in [("2019-12-27", -1), ("2019-12-30", 0), ("2020-01-05", 0), ("2020-01-06", 1)] {
            let day = micros(&format!("{day} 02:00:00"));
            assert_eq!(part("week").between(tuesday, day), Some(weeks));
        }
        let (saturday, sunday) = (micros("2020-01-04 00:00:00"), micros("2020-01-05 00:00:00"));
        assert_eq!(part("week(sunday)").between(saturday, sunday), Some(1));
    }

    #[test]
    fn parts_start_where_they_start() {
        let moment = micros("1969-05-14 03:04:05");
        for (name, start) in [
            ("year", "1969-01-01"),
            ("quarter", "1969-04-01"),
            ("week", "1969-05-12"),
            ("week(sunday)", "1969-05-11"),
            ("WEEK(Wednesday)", "1969-05-14"),
            ("week(th)", "1969-05-08"),
            ("day", "1969-05-14"),
        ] {
            assert_eq!(part(name).start(moment), Some(micros(&format!("{start} 00:00:00"))), "{name}");
        }
    }

    #[test]
    fn what_is_no_part_is_refused() {
        assert!(Part::named("fortnight").is_err());
        assert!(Part::named("week(someday)").is_err());
    }
}
