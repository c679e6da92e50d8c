//! `seed`: the rows of a CSV file as a table.

use super::Job;
use crate::diagnostic::Diagnostic;
use crate::engine::{DeclaredColumn, Operation, Outcome};
use crate::run::seed_file;

/// Reads the file and makes or replaces the table.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    let types: Vec<DeclaredColumn> = job
        .node
        .config
        .column_types
        .iter()
        .map(|(name, data_type)| DeclaredColumn { name: name.clone(), data_type: Some(data_type.clone()) })
        .collect();
    let session = &job.runner.compiler.parsed().surroundings.session;
    let rows = seed_file::read(session.world.as_ref(), &session.sources, job.node)?;
    let operation = Operation::Load { relation: job.relation()?, schema: rows.schema, types, batches: rows.batches };
    job.apply(operation).await
}
