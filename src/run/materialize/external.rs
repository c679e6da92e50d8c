//! `external`: rows written to files, which the model's relation is a view of.

use super::{Job, contract};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Operation, Outcome};

/// Writes the files, and makes or replaces the view.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    if !job.runner.engine.capabilities().exports {
        let message = format!("model `{}`: this engine writes no files", job.node.name);
        return Err(Diagnostic::error(codes::SQL_UNSUPPORTED, message).at(job.node.span));
    }
    let Some(export) = job.node.config.export.as_deref().cloned() else {
        let message = format!("model `{}` does not say how it is written", job.node.name);
        return Err(Diagnostic::error(codes::INTERNAL, message).at(job.node.span));
    };
    let shape = contract::shape(job).await?;
    let (relation, query, rules, layout) =
        (job.relation()?, shape.query, shape.rules.unwrap_or_default(), job.layout());
    job.apply_behind(Operation::Export { relation, query, rules, export, layout }, shape.lines_before).await
}
