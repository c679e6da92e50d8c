//! The record of a command.

use serde::{Deserialize, Serialize};

use crate::base::{IndexMap, Timestamp};

/// What is remembered of a command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The command.
    pub invocation: Invocation,
    /// Its nodes, in the order in which they ended.
    pub results: Vec<NodeRecord>,
}

/// A command that ran nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invocation {
    /// Its id, a UUID.
    pub invocation_id: String,
    /// The project's name.
    pub project: String,
    /// `build`, `run`, …; with `--empty` or `--sample` behind it where it read no rows, or not all.
    pub command: String,
    /// The target's name.
    pub target: String,
    /// `success`, `failed` or `interrupted`.
    pub outcome: String,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Who ran it, where the environment says so.
    pub invoked_by: Option<String>,
    /// The commit that the project was at.
    pub git_commit: Option<String>,
    /// How many nodes could run at once.
    pub threads: u32,
}

/// What became of a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeRecord {
    /// Its unique id.
    pub unique_id: String,
    /// Its name.
    pub name: String,
    /// dbt's word: `success`, `pass`, …
    pub status: String,
    /// The worker that ran it.
    pub thread: String,
    /// When all that it waited for had ended.
    pub queued_at: Option<Timestamp>,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// By how many seconds it could have taken longer before the critical path did.
    pub slack: Option<f64>,
    /// Whether it is on the critical path.
    pub is_critical: bool,
    /// Rows written.
    pub rows_affected: Option<u64>,
    /// Failures of a test.
    pub failures: Option<u64>,
    /// What is said of a failure.
    pub message: Option<String>,
}

/// A command, and how many of its nodes ended how.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// The command.
    pub invocation: Invocation,
    /// The numbers of nodes by status, the status that comes first in the alphabet first.
    pub counts: IndexMap<String, u64>,
}

impl Invocation {
    /// Whether it read all rows: only then can its times be compared with those of others.
    #[must_use]
    pub fn reads_all(&self) -> bool {
        !self.command.contains(" --")
    }
}

impl Record {
    /// The command, and how many of its nodes ended how.
    #[must_use]
    pub fn head(&self) -> Head {
        let mut counts: IndexMap<String, u64> = IndexMap::default();
        for result in &self.results {
            *counts.entry(result.status.clone()).or_default() += 1;
        }
        counts.sort_unstable_keys();
        Head { invocation: self.invocation.clone(), counts }
    }
}

impl Head {
    /// How many nodes it ran.
    #[must_use]
    pub fn nodes(&self) -> u64 {
        self.counts.values().sum()
    }
}
