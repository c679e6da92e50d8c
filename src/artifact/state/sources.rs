//! `sources.json` of an earlier invocation.

use std::path::Path;

use serde::Deserialize;

use super::{or_default, read};
use crate::base::HashMap;
use crate::diagnostic::Diagnostic;
use crate::source::World;

/// How fresh sources were.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StateSources {
    /// One entry a source table.
    pub results: Vec<StateFreshness>,
}

/// How fresh a source table was.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StateFreshness {
    /// The table.
    #[serde(deserialize_with = "or_default")]
    pub unique_id: String,
    /// `pass`, `warn`, `error`, `runtime error`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// The newest row, in RFC 3339; absent when it could not be told.
    pub max_loaded_at: Option<String>,
    /// When that was looked up.
    pub snapshotted_at: Option<String>,
    /// Seconds between the two.
    pub max_loaded_at_time_ago_in_s: Option<f64>,
}

impl StateSources {
    /// Reads the freshness of sources; `None` when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or is no JSON of that shape.
    pub fn read(world: &dyn World, path: &Path) -> Result<Option<Self>, Diagnostic> {
        read(world, path)
    }

    /// The ids of the tables that have newer rows here than in `earlier`, or are not in `earlier`.
    #[must_use]
    pub fn fresher_than<'a>(&'a self, earlier: &StateSources) -> Vec<&'a str> {
        let moment = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
        let known: HashMap<&str, _> = earlier
            .results
            .iter()
            .filter_map(|result| Some((result.unique_id.as_str(), moment(result.max_loaded_at.as_deref()?)?)))
            .collect();
        let fresher = |result: &&StateFreshness| {
            let Some(now) = result.max_loaded_at.as_deref().and_then(moment) else { return false };
            known.get(result.unique_id.as_str()).is_none_or(|before| now > *before)
        };
        self.results.iter().filter(fresher).map(|result| result.unique_id.as_str()).collect()
    }
}
