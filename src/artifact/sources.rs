//! `sources.json`, version 3: how fresh the sources are.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::{Metadata, Timing};
use crate::base::Timestamp;
use crate::manifest::UniqueId;

/// The whole artifact.
#[derive(Clone, Debug, Serialize)]
pub struct Sources {
    /// Of its making.
    pub metadata: Metadata,
    /// One entry a source table that has a freshness.
    pub results: Vec<SourceFreshness>,
    /// Seconds from start to end.
    pub elapsed_time: f64,
}

/// How fresh a source table is.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum SourceFreshness {
    /// It could be measured.
    Measured(Box<MeasuredFreshness>),
    /// It could not.
    Failed {
        /// The table.
        unique_id: UniqueId,
        /// Why not.
        error: String,
        /// `runtime error`.
        status: &'static str,
    },
}

/// A freshness that was measured.
#[derive(Clone, Debug, Serialize)]
pub struct MeasuredFreshness {
    /// The table.
    pub unique_id: UniqueId,
    /// The time of its newest row.
    pub max_loaded_at: Timestamp,
    /// When that was looked up.
    pub snapshotted_at: Timestamp,
    /// Seconds between the two.
    pub max_loaded_at_time_ago_in_s: f64,
    /// `pass`, `warn` or `error`.
    pub status: &'static str,
    /// `warn_after`, `error_after` and `filter`.
    pub criteria: Json,
    /// Facts from the engine.
    pub adapter_response: Map<String, Json>,
    /// `compile` and `execute`.
    pub timing: Vec<Timing>,
    /// The worker.
    pub thread_id: String,
    /// Seconds.
    pub execution_time: f64,
}
