//! Materializations: how a node becomes a relation. One file each, over the engine's operations.

mod incremental;
mod seed;
mod table;
mod view;

use std::sync::Arc;

use super::{NodeResult, Runner, Status};
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Operation, Outcome};
use crate::manifest::{Materialized, Node};
use crate::sql::Relation;

/// A node on its way to a relation.
pub(super) struct Job<'a> {
    pub(super) runner: &'a Runner,
    pub(super) node: &'a Arc<Node>,
    pub(super) compiled: &'a Compiled,
}

/// Makes the node's relation.
pub(super) async fn run(job: &Job<'_>) -> Result<NodeResult, Diagnostic> {
    let (outcome, what) = match &job.node.config.materialized {
        Materialized::View => (view::run(job).await?, "created view"),
        Materialized::Table => (table::run(job).await?, "created table"),
        Materialized::Incremental => incremental::run(job).await?,
        Materialized::Seed => (seed::run(job).await?, "loaded seed"),
        Materialized::Ephemeral | Materialized::Test => (Outcome::default(), "nothing to run"),
        Materialized::Other(name) => return Err(unknown(job, name)),
    };
    Ok(NodeResult {
        rows: outcome.rows,
        response: outcome.response,
        ..NodeResult::new(job.node, Status::Success, what)
    })
}

fn unknown(job: &Job<'_>, name: &str) -> Diagnostic {
    const KNOWN: [&str; 5] = ["view", "table", "incremental", "ephemeral", "seed"];
    let message = format!("model `{}`: there is no materialization `{name}`", job.node.name);
    Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span).suggest(name, KNOWN)
}

impl Job<'_> {
    /// The relation that the node makes.
    fn relation(&self) -> Result<Relation, Diagnostic> {
        self.node.relation.clone().ok_or_else(|| {
            Diagnostic::error(codes::INTERNAL, format!("`{}` makes no relation", self.node.name)).at(self.node.span)
        })
    }

    /// Applies an operation, after writing its SQL to `target/run`.
    pub(super) async fn apply(&self, operation: Operation) -> Result<Outcome, Diagnostic> {
        if let Operation::CreateView { query, .. }
        | Operation::CreateTable { query, .. }
        | Operation::Insert { query, .. }
        | Operation::Merge { query, .. } = &operation
        {
            self.runner.write("run", self.node, query)?;
        }
        self.runner.engine.apply(operation, &self.runner.cancel).await.map_err(|error| self.failure(error, 0))
    }
}
