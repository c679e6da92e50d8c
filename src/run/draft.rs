//! Nobody reads a relation that is half made or that its tests refuse.
//!
//! On an engine that has drafts, a node is made as a draft, its hooks and remarks included, and published when it is whole: one step for
//! readers. In a build the data tests of a node are its audit: it is published when they have passed. When one fails, the node has
//! failed, the relation stays what it was, and what it would have become can be looked at (`transform show --rejected`).
//!
//! A test of several nodes audits the last of them, in the order of the graph; one that is skipped refuses nothing. What reads a node waits
//! for its audit. A model of which some batches failed is published without one, as far as it came.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use tokio_util::sync::CancellationToken;

use super::{NodeResult, Runner, Status, materialize};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{EngineError, Operation, Outcome, WriteGuard};
use crate::manifest::Node;
use crate::session::Session;
use crate::sql::Relation;

/// What is kept with a version that is made of a node: by which command, by whom, and how many rows it wrote.
#[must_use]
pub fn note(session: &Session, node: &Node, rows: Option<u64>) -> Map<String, Json> {
    let said = json!({
        "unique_id": node.id,
        "invocation_id": session.invocation_id,
        "user": session.user(),
        "rows": rows,
    });
    Map::from_iter([("transform".to_owned(), said)])
}

impl Runner {
    /// The relation that a node makes as a draft; `None` where it makes none, or makes it by a macro of its own, which may do what a draft
    /// cannot.
    pub(super) fn drafted(&self, node: &Node) -> Option<Relation> {
        let relation = node.relation.clone().filter(|_| self.engine.capabilities().drafts)?;
        (node.resource.can_be_referenced() && materialize::is_built_in(self, node)).then_some(relation)
    }

    /// Whether the tests of a node decide if it is published. The config `audit: false` says no.
    pub(super) fn is_audited(&self, node: &Node) -> bool {
        let said = node.config.values.get("audit").and_then(Json::as_bool);
        said.unwrap_or(true) && self.drafted(node).is_some()
    }

    /// Makes the node's draft the relation.
    async fn publish(&self, node: &Arc<Node>, result: &NodeResult) -> Result<Outcome, Diagnostic> {
        let Some(relation) = self.drafted(node) else { return Ok(Outcome::default()) };
        let note = note(self.session(), node, result.rows);
        self.apply(node, Operation::Publish { relation, note }, &self.cancel).await
    }

    /// Ends the node's draft; with a reason it is kept for inspection.
    /// Says whether it is.
    pub(super) async fn reject(&self, node: &Arc<Node>, why: Option<String>) -> Result<bool, Diagnostic> {
        let Some(relation) = self.drafted(node) else { return Ok(false) };
        // Also of a run that was stopped nothing is left.
        let rejected = self.apply(node, Operation::Reject { relation, why }, &CancellationToken::new()).await?;
        Ok(rejected.response.get("kept") == Some(&Json::Bool(true)))
    }

    /// Begins the node's draft, when no other process makes a version of its relation: all that is found out for the new one, the
    /// compiling of its query included, is then true of what it follows. What has no draft is held so all the same, until the guard goes.
    pub(super) async fn begin_draft(&self, node: &Arc<Node>) -> Result<WriteGuard, Diagnostic> {
        match (self.drafted(node), &node.relation) {
            (Some(relation), _) => {
                self.apply(node, Operation::Draft { relation }, &self.cancel).await.map(|_| WriteGuard::free())
            }
            (None, Some(relation)) => {
                let held = self.engine.hold(relation, &self.cancel).await;
                held.map_err(|error| self.failure(node, &error))
            }
            (None, None) => Ok(WriteGuard::free()),
        }
    }

    /// What a node's own work has come to: published at once unless it is to be audited; of what has failed nothing is left.
    pub(super) async fn end_draft(
        &self,
        node: &Arc<Node>,
        made: Result<NodeResult, Diagnostic>,
        is_audited: bool,
    ) -> Result<NodeResult, Diagnostic> {
        match made {
            Ok(result) if result.status == Status::Error => self.reject(node, None).await.map(|_| result),
            Ok(result) if is_audited && result.status == Status::Success => Ok(result),
            Ok(result) => self.published(node, result).await,
            Err(diagnostic) => {
                // A draft that cannot be removed is in nobody's way, and the first failure is the one to tell of.
                let _ = self.reject(node, None).await;
                Err(diagnostic)
            }
        }
    }

    /// What becomes of a node whose audit has ended: published, or failed because of the tests that `failed`.
    pub(super) async fn settle(&self, node: &Arc<Node>, result: NodeResult, failed: &[String]) -> NodeResult {
        let NodeResult { thread, compiled, compile, execute, .. } = result.clone();
        let settled = match failed {
            [] if self.cancel.is_cancelled() => {
                // Some of its tests were stopped, too. A draft that cannot be removed is in nobody's way.
                let _ = self.reject(node, None).await;
                Ok(NodeResult::skipped(node, "the run was stopped"))
            }
            [] => self.published(node, result).await,
            failed => Err(self.refuse(node, failed).await),
        };
        let settled = settled.unwrap_or_else(|diagnostic| NodeResult::failed(node, diagnostic));
        NodeResult { thread, compiled, compile, execute, ..settled }
    }

    async fn published(&self, node: &Arc<Node>, mut result: NodeResult) -> Result<NodeResult, Diagnostic> {
        match self.publish(node, &result).await {
            Ok(outcome) => {
                result.response.extend(outcome.response);
                Ok(result)
            }
            Err(diagnostic) => {
                let _ = self.reject(node, None).await;
                Err(diagnostic)
            }
        }
    }

    async fn refuse(&self, node: &Arc<Node>, failed: &[String]) -> Diagnostic {
        let names: Vec<String> = failed.iter().map(|name| format!("`{name}`")).collect();
        let tests = if names.len() == 1 { "test" } else { "tests" };
        let why = format!("{tests} {} failed", names.join(", "));
        let message = format!("{} `{}` is not published: {why} on its new version", node.resource, node.name);
        let diagnostic = Diagnostic::error(codes::NOT_PUBLISHED, message).at(node.span);
        match self.reject(node, Some(why)).await {
            Ok(true) => diagnostic.help(format!("`transform show --rejected {}` shows that version", node.name)),
            Ok(false) => diagnostic.note("nothing was changed: the version that is published fails, too"),
            Err(failure) => diagnostic.note(failure.message.clone()),
        }
    }

    async fn apply(
        &self,
        node: &Node,
        operation: Operation,
        cancel: &CancellationToken,
    ) -> Result<Outcome, Diagnostic> {
        self.engine.apply(operation, cancel).await.map_err(|error| self.failure(node, &error))
    }

    fn failure(&self, node: &Node, error: &EngineError) -> Diagnostic {
        let message = format!("{} `{}`: {}", node.resource, node.name, error.message);
        error.diagnostic(self.session().scrub(&message)).at(node.span)
    }
}
