//! Points in time as the artifacts write them.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time, UTC, shown as `2026-01-31T08:15:00.123456Z` (RFC 3339, microseconds), the form of dbt's artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(pub DateTime<Utc>);

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

/// Seconds from `start` to `end`; zero when the clock was turned back in between.
#[must_use]
pub fn seconds_between(start: Timestamp, end: Timestamp) -> f64 {
    (end.0 - start.0).to_std().map_or(0.0, |duration| duration.as_secs_f64())
}
