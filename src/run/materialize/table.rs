//! `table`: rows, made anew each time.

use super::Job;
use crate::diagnostic::Diagnostic;
use crate::engine::{Operation, Outcome, Rules};

/// Makes or replaces the table.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    job.apply(Operation::CreateTable { relation: job.relation()?, query: job.query(), rules: Rules::default() }).await
}
