//! `table`: rows, made anew each time.

use super::{Job, contract};
use crate::diagnostic::Diagnostic;
use crate::engine::Outcome;

/// Makes or replaces the table.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    let shape = contract::shape(job).await?;
    job.create_table(shape).await
}
