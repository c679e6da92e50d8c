//! Versions of a table: each commit makes one, and the earlier ones stay for a while.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value as Json};

use crate::base::Timestamp;

/// A version of a table.
#[derive(Clone, Debug)]
pub struct RelationVersion {
    /// Its number; each is greater than those before it.
    pub number: u64,
    /// When it was made, where the table's log says it.
    pub at: Option<Timestamp>,
    /// What made it, in the engine's word: `WRITE`, `MERGE`, …
    pub operation: Option<String>,
    /// The rows of the table, where they are counted.
    pub rows: Option<u64>,
    /// Whether its files are all there, so that it can be read and restored.
    pub is_kept: bool,
    /// What was noted when it was published: see [`Operation::Publish`](super::Operation::Publish).
    pub note: Map<String, Json>,
}

/// A version, or a time: the version that was the table then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointInTime {
    /// The version of this number.
    Version(u64),
    /// The last version that was made by this time.
    Time(Timestamp),
}

impl FromStr for PointInTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().map(PointInTime::Version);
        let time = || Timestamp::parse(text).map(PointInTime::Time);
        number.or_else(time).ok_or_else(|| "a version's number, or a time such as `2026-01-31 08:15`".to_owned())
    }
}

/// As SQL says it behind the name of a table.
impl fmt::Display for PointInTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PointInTime::Version(number) => write!(f, "version as of {number}"),
            PointInTime::Time(time) => write!(f, "timestamp as of '{time}'"),
        }
    }
}
