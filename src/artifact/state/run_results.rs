//! `run_results.json` of an earlier invocation.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::{or_default, read};
use crate::diagnostic::Diagnostic;
use crate::source::World;

/// What an earlier invocation ran.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StateRunResults {
    /// One entry a node.
    pub results: Vec<StateResult>,
    /// The arguments of the command.
    #[serde(deserialize_with = "or_default")]
    pub args: Map<String, Json>,
}

/// What became of a node.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StateResult {
    /// The node.
    #[serde(deserialize_with = "or_default")]
    pub unique_id: String,
    /// `success`, `error`, `skipped`, `pass`, `fail`, `warn`, `runtime error`, `partial success`, `no-op`.
    #[serde(deserialize_with = "or_default")]
    pub status: String,
    /// In words.
    pub message: Option<String>,
    /// The number of failures of a test.
    pub failures: Option<i64>,
    /// Seconds.
    #[serde(deserialize_with = "or_default")]
    pub execution_time: f64,
    /// Of microbatches: `successful` and `failed`, each a list of start and end.
    pub batch_results: Option<Json>,
}

impl StateRunResults {
    /// Reads the results; `None` when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or is no JSON of that shape.
    pub fn read(world: &dyn World, path: &Path) -> Result<Option<Self>, Diagnostic> {
        read(world, path)
    }

    /// The ids of the nodes that ended like this.
    pub fn with_status<'a>(&'a self, status: &'a str) -> impl Iterator<Item = &'a str> {
        self.results.iter().filter(move |result| result.status == status).map(|result| result.unique_id.as_str())
    }
}
