//! `run_results.json`, version 6.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::Metadata;
use crate::base::Timestamp;

/// The whole artifact.
#[derive(Clone, Debug, Serialize)]
pub struct RunResults {
    /// Of its making.
    pub metadata: Metadata,
    /// One entry a node.
    pub results: Vec<RunResult>,
    /// Seconds from start to end.
    pub elapsed_time: f64,
    /// The arguments of the command.
    pub args: Map<String, Json>,
}

/// What became of a node.
#[derive(Clone, Debug, Serialize)]
pub struct RunResult {
    /// `success`, `error`, `skipped`, `pass`, `fail`, `warn`, `no-op`.
    pub status: &'static str,
    /// `compile` and `execute`.
    pub timing: Vec<Timing>,
    /// The worker.
    pub thread_id: String,
    /// Seconds.
    pub execution_time: f64,
    /// Facts from the engine.
    pub adapter_response: Map<String, Json>,
    /// In words.
    pub message: Option<String>,
    /// The number of failures of a test.
    pub failures: Option<u64>,
    /// The node.
    pub unique_id: String,
    /// Whether it was compiled.
    pub compiled: Option<bool>,
    /// Its SQL.
    pub compiled_code: Option<String>,
    /// What SQL calls it.
    pub relation_name: Option<String>,
    /// Of microbatches; not yet.
    pub batch_results: Option<Json>,
}

/// A step of a node's run.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    /// `compile` or `execute`.
    pub name: &'static str,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub completed_at: Timestamp,
}
