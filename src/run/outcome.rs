//! What became of a node.

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::artifact::{RunResult, Timing};
use crate::base::{Timestamp, seconds_between};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Node, ResourceType, UniqueId};
use crate::session::Session;
use crate::sql::Relation;

/// The thread of what no worker does.
pub const MAIN_THREAD: &str = "MainThread";

/// dbt's statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It was built.
    Success,
    /// It could not be built, or a test could not be run.
    Error,
    /// Some of its batches were built.
    PartialSuccess,
    /// It did not run because of another node.
    Skipped,
    /// A test found nothing.
    Pass,
    /// A test found failures.
    Fail,
    /// A test found failures that only warn.
    Warn,
    /// There was nothing to do.
    NoOp,
}

impl Status {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Success => "success",
            Status::Error => "error",
            Status::PartialSuccess => "partial success",
            Status::Skipped => "skipped",
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Warn => "warn",
            Status::NoOp => "no-op",
        }
    }

    /// Whether it is a failure of its own.
    #[must_use]
    pub fn is_failure(self) -> bool {
        matches!(self, Status::Error | Status::Fail | Status::PartialSuccess)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of a node.
#[derive(Clone, Debug)]
pub struct NodeResult {
    /// The node.
    pub id: UniqueId,
    /// Its name.
    pub name: String,
    /// How it ended.
    pub status: Status,
    /// In words: what was done, or why not.
    pub message: String,
    /// Why it failed, with the place.
    pub diagnostic: Option<Diagnostic>,
    /// Failures of a test.
    pub failures: Option<u64>,
    /// Rows written.
    pub rows: Option<u64>,
    /// Facts from the engine.
    pub response: Map<String, Json>,
    /// The compiled node, when it came so far.
    pub compiled: Option<Compiled>,
    /// When compiling started and ended.
    pub compile: Option<(Timestamp, Timestamp)>,
    /// When executing started and ended.
    pub execute: Option<(Timestamp, Timestamp)>,
    /// The worker that ran it, counted from 1 as dbt names its threads.
    pub thread: String,
    /// What SQL calls it, where it is a query.
    pub relation: Option<Relation>,
    /// The periods of its batches: which were built, and which failed.
    pub batch_results: Option<Json>,
}

impl NodeResult {
    /// A result of a node that has not done anything yet.
    #[must_use]
    pub(super) fn new(node: &Node, status: Status, message: impl Into<String>) -> Self {
        NodeResult {
            id: node.id.clone(),
            name: node.name.clone(),
            status,
            message: message.into(),
            diagnostic: None,
            failures: None,
            rows: None,
            response: Map::new(),
            compiled: None,
            compile: None,
            execute: None,
            thread: MAIN_THREAD.to_owned(),
            relation: node.relation.clone().filter(|_| node.resource != ResourceType::Seed),
            batch_results: None,
        }
    }

    /// A node with which all went well.
    #[must_use]
    pub fn done(node: &Node, message: &str) -> Self {
        Self::new(node, Status::Success, message)
    }

    /// A node that did not run, and why.
    #[must_use]
    pub(super) fn skipped(node: &Node, why: &str) -> Self {
        Self::new(node, Status::Skipped, format!("skipped: {why}"))
    }

    /// A node that did not run because an ephemeral model that it reads cannot be compiled.
    #[must_use]
    pub(super) fn skipped_because_of(node: &Node, ephemeral: &Node, diagnostic: Diagnostic) -> Self {
        let message = told(ephemeral, &diagnostic);
        NodeResult { diagnostic: Some(diagnostic), ..Self::new(node, Status::Skipped, message) }
    }

    /// Whether the command has failed because of it.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        self.status.is_failure() || self.status == Status::Skipped && self.diagnostic.is_some()
    }

    /// A node that failed.
    #[must_use]
    pub fn failed(node: &Node, diagnostic: Diagnostic) -> Self {
        let message = told(node, &diagnostic);
        NodeResult { diagnostic: Some(diagnostic), ..Self::new(node, Status::Error, message) }
    }

    /// Seconds of compiling and executing together.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        let stretches = [self.compile, self.execute].into_iter().flatten();
        stretches.fold(0.0, |sum, (start, end)| sum + seconds_between(start, end))
    }

    /// From when to when it ran, if it did.
    #[must_use]
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        let steps = || [self.compile, self.execute].into_iter().flatten();
        Some((steps().map(|(start, _)| start).min()?, steps().map(|(_, end)| end).max()?))
    }

    /// Its steps.
    #[must_use]
    pub fn timing(&self) -> Vec<Timing> {
        let steps = [("compile", self.compile), ("execute", self.execute)].into_iter();
        let timing = steps.filter_map(|(name, step)| {
            step.map(|(started_at, completed_at)| Timing { name, started_at, completed_at })
        });
        timing.collect()
    }

    /// Facts from the engine, as dbt's artifacts have them.
    #[must_use]
    pub fn adapter_response(&self) -> Map<String, Json> {
        let mut response = Map::new();
        if self.execute.is_some() && !matches!(self.status, Status::Error | Status::Skipped) {
            response.insert("_message".to_owned(), Json::from("OK"));
        }
        response.extend(self.response.clone());
        if let Some(rows) = self.rows {
            response.insert("rows_affected".to_owned(), Json::from(rows));
        }
        response
    }

    /// The entry of `run_results.json`.
    #[must_use]
    pub fn to_artifact(&self, session: &Session) -> RunResult {
        let compiled = self.compiled.as_ref();
        // Of seeds and unit tests dbt does not say that they are not compiled.
        let is_silent = ["seed.", "unit_test."].iter().any(|kind| self.id.as_str().starts_with(kind));
        let relation = self.relation.as_ref();
        RunResult {
            status: self.status.as_str(),
            timing: self.timing(),
            thread_id: self.thread.clone(),
            execution_time: self.seconds(),
            adapter_response: self.adapter_response(),
            message: Some(self.message.clone()).filter(|message| !message.is_empty()),
            failures: self.failures,
            unique_id: self.id.to_string(),
            compiled: Some(compiled.is_some()).filter(|is_compiled| *is_compiled || !is_silent),
            compiled_code: compiled.map(|compiled| compiled.sql.clone()),
            relation_name: relation.map(|relation| relation.render_with(session.dialect, session.quoting)),
            batch_results: self.batch_results.clone(),
        }
    }
}

/// A failure as dbt's artifacts tell it: of which kind, of which node, in which file; then what happened.
fn told(node: &Node, diagnostic: &Diagnostic) -> String {
    let kind = match diagnostic.code {
        codes::SCHEMA_CHANGED | codes::CONTRACT | codes::CONFIG_VALUE => "Compilation Error",
        code if code.id.starts_with("T02") || code.id.starts_with("T03") => "Compilation Error",
        code if code.id.starts_with("T05") => "Database Error",
        _ => "Runtime Error",
    };
    let place = format!("{kind} in {} {} ({})", node.resource, node.name, node.original_path);
    let lines = std::iter::once(&diagnostic.message).chain(&diagnostic.notes).map(|line| format!("\n  {line}"));
    std::iter::once(place).chain(lines).collect()
}
