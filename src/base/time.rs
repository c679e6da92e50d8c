//! Points in time as the artifacts write them.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};

/// A point in time, UTC, shown as `2026-01-31T08:15:00.123456Z` (RFC 3339, microseconds), the form of dbt's artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub DateTime<Utc>);

impl Timestamp {
    /// Reads a date, or a time in any of the usual spellings; one without a zone is in UTC.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const ZONED: [&str; 2] = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"];
        const LOCAL: [&str; 4] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
        let text = text.trim();
        let zoned = || ZONED.iter().find_map(|format| DateTime::parse_from_str(text, format).ok());
        let local = || LOCAL.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
        let date = || Some(NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::default()));
        let time = DateTime::parse_from_rfc3339(text).ok().or_else(zoned).map(|time| time.to_utc());
        time.or_else(|| Some(local().or_else(date)?.and_utc())).map(Timestamp)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no time")))
    }
}

/// Seconds from `start` to `end`; zero when the clock was turned back in between.
#[must_use]
pub fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    (end.0 - start.0).to_std().map_or(0.0, |duration| duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn times_are_read_in_the_usual_spellings() {
        let read = |text: &str| Timestamp::parse(text).map(|time| time.to_string());
        let noon = Some("2024-05-17T12:00:00.000000Z".to_owned());
        for text in [
            "2024-05-17T12:00:00Z",
            "2024-05-17 12:00",
            " 2024-05-17T12:00:00.0 ",
            "2024-05-17 14:00:00+02:00",
            "2024-05-17 14:00:00+02",
            "2024-05-17T14:00:00+0200",
        ] {
            assert_eq!(read(text), noon, "{text}");
        }
        assert_eq!(read("2024-05-17").as_deref(), Some("2024-05-17T00:00:00.000000Z"));
        assert_eq!(read("soon"), None);
    }
}
