//! `view`: a stored query.

use super::Job;
use crate::diagnostic::Diagnostic;
use crate::engine::{Operation, Outcome};

/// Makes or replaces the view.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    job.apply(Operation::CreateView { relation: job.relation()?, query: job.query() }).await
}
