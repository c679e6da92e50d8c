//! `seed`: the rows of a CSV file as a table.

use super::Job;
use crate::diagnostic::Diagnostic;
use crate::engine::{DeclaredColumn, Operation, Outcome};

/// Reads the file and makes or replaces the table.
pub(super) async fn run(job: &Job<'_>) -> Result<Outcome, Diagnostic> {
    let session = job.runner.session();
    let rows = job.runner.seeds.read(session.world.as_ref(), &session.sources, job.node)?;
    // The types are of columns however they are spelt: the names of a file without quotes are in lower case by now.
    let named = |wanted: &str| {
        let same = rows.schema.fields().iter().find(|field| field.name().eq_ignore_ascii_case(wanted));
        same.map_or_else(|| wanted.to_owned(), |field| field.name().clone())
    };
    let types: Vec<DeclaredColumn> = job
        .node
        .config
        .column_types
        .iter()
        .map(|(name, data_type)| DeclaredColumn { name: named(name), data_type: Some(data_type.clone()) })
        .collect();
    let is_empty = session.flags.is("empty");
    let batches = if is_empty { Vec::new() } else { rows.batches };
    let operation =
        Operation::Load { relation: job.relation()?, schema: rows.schema, types, batches, layout: job.layout() };
    job.apply(operation).await
}
