//! `view`: a stored query.

use super::{Job, contract};
use crate::diagnostic::Diagnostic;
use crate::engine::{Operation, Outcome};

/// Makes or replaces the view.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    let shape = contract::shape(job).await?;
    job.apply_behind(Operation::CreateView { relation: job.relation()?, query: shape.query }, shape.lines_before).await
}
