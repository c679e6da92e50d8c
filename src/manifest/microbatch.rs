//! What the configs of a model say that is built in batches of time.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde_json::Value as Json;

use super::ConfigValues;
use crate::base::Timestamp;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// The configs of `incremental_strategy: microbatch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Microbatch {
    /// The column that tells when.
    pub event_time: String,
    /// How long a batch is.
    pub batch_size: BatchSize,
    /// The time from which on there is something to build.
    pub begin: Timestamp,
    /// How many batches before the current one are built again.
    pub lookback: u32,
}

impl Microbatch {
    /// Reads them from the configs of the model `node`; all that is wrong with them is reported, each where `place` says that its
    /// config is.
    pub fn read(
        values: &ConfigValues,
        node: &str,
        place: impl Fn(&str) -> Span,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut wrong = |key: &str, what: String| {
            let message = format!("microbatch model `{node}` {what}");
            diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(place(key)));
        };
        let mut text = |key: &str, meaning: &str| {
            let value = values.get(key).filter(|value| !value.is_null());
            let text = value.and_then(Json::as_str).filter(|text| !text.is_empty());
            match (text, value) {
                (Some(text), _) => return Some(text),
                (None, None) => wrong(key, format!("must provide `{key}`, {meaning}")),
                (None, Some(value)) => wrong(key, format!("must provide `{key}`, {meaning}, and not `{value}`")),
            }
            None
        };
        let event_time = text("event_time", "the column that tells when");
        let batch_size = text("batch_size", "which is one of `hour`, `day`, `month` and `year`");
        let begin = text("begin", "the time of its first batch");
        let size = batch_size.and_then(BatchSize::named);
        if let (Some(word), None) = (batch_size, size) {
            wrong(
                "batch_size",
                format!(
                    "must provide `batch_size`, which is one of `hour`, `day`, `month` and `year`, and not `{word}`"
                ),
            );
        }
        let start = begin.and_then(Timestamp::parse);
        if let (Some(word), None) = (begin, start) {
            wrong("begin", format!("must provide `begin`, the time of its first batch, and not `{word}`"));
        }
        let lookback = match values.get("lookback").filter(|value| !value.is_null()) {
            None => 1,
            Some(value) => value.as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_else(|| {
                wrong("lookback", format!("has a `lookback`, a whole number of batches, that is `{value}`"));
                1
            }),
        };
        Some(Microbatch { event_time: event_time?.to_owned(), batch_size: size?, begin: start?, lookback })
    }
}

/// The length of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchSize {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl BatchSize {
    fn named(word: &str) -> Option<Self> {
        match word {
            "hour" => Some(BatchSize::Hour),
            "day" => Some(BatchSize::Day),
            "month" => Some(BatchSize::Month),
            "year" => Some(BatchSize::Year),
            _ => None,
        }
    }

    /// The start of the batch that holds a moment.
    #[must_use]
    pub fn floor(self, at: NaiveDateTime) -> NaiveDateTime {
        let date = match self {
            BatchSize::Hour | BatchSize::Day => at.date(),
            BatchSize::Month => at.date().with_day(1).unwrap_or(at.date()),
            BatchSize::Year => NaiveDate::from_ymd_opt(at.year(), 1, 1).unwrap_or(at.date()),
        };
        let hour = if self == BatchSize::Hour { at.hour() } else { 0 };
        date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default())
    }

    /// The first start of a batch at or after a moment.
    #[must_use]
    pub fn ceiling(self, at: NaiveDateTime) -> NaiveDateTime {
        let floor = self.floor(at);
        if floor == at { at } else { self.step(floor, 1) }
    }

    /// The start of the batch so many batches later.
    #[must_use]
    pub fn step(self, at: NaiveDateTime, by: i32) -> NaiveDateTime {
        let months = |count: i32| {
            let count = Months::new(count.unsigned_abs());
            if by < 0 { at.checked_sub_months(count) } else { at.checked_add_months(count) }
        };
        let moved = match self {
            BatchSize::Hour => at.checked_add_signed(TimeDelta::hours(i64::from(by))),
            BatchSize::Day if by < 0 => at.checked_sub_days(Days::new(u64::from(by.unsigned_abs()))),
            BatchSize::Day => at.checked_add_days(Days::new(u64::from(by.unsigned_abs()))),
            BatchSize::Month => months(by),
            BatchSize::Year => months(by.saturating_mul(12)),
        };
        moved.unwrap_or(at)
    }

    /// What the batch that starts then is called in files and messages: its start, as far as the length tells batches apart.
    #[must_use]
    pub fn batch_name(self, at: NaiveDateTime) -> String {
        let format = match self {
            BatchSize::Hour => "%Y-%m-%dT%H",
            BatchSize::Day => "%Y-%m-%d",
            BatchSize::Month => "%Y-%m",
            BatchSize::Year => "%Y",
        };
        at.format(format).to_string()
    }

    /// What that batch is called in templates.
    #[must_use]
    pub fn batch_id(self, at: NaiveDateTime) -> String {
        self.batch_name(at).replace('-', "")
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::BatchSize;
    use crate::base::Timestamp;

    fn at(text: &str) -> NaiveDateTime {
        Timestamp::parse(text).unwrap().0.naive_utc()
    }

    #[test]
    fn moments_are_cut_to_batches() {
        let moment = at("2024-05-17T13:45:10");
        assert_eq!(BatchSize::Month.floor(moment), at("2024-05-01"));
        assert_eq!(BatchSize::Month.ceiling(moment), at("2024-06-01"));
        assert_eq!(BatchSize::Day.ceiling(at("2024-05-17")), at("2024-05-17"));
    }
}
