//! `persist_docs`: descriptions kept with the relation, where other readers of the database find them.

use serde_json::Value as Json;

use super::Job;
use crate::diagnostic::Diagnostic;
use crate::engine::{Comments, Operation};

/// Whether `persist_docs` asks for this part.
fn asked(job: &Job<'_>, part: &str) -> bool {
    job.node.config.values.get("persist_docs").and_then(|docs| docs.get(part)) == Some(&Json::Bool(true))
}

/// The descriptions of columns that are kept with the relation, by the columns' names in the properties.
fn described<'j>(job: &'j Job<'_>) -> Vec<(&'j str, bool, &'j str)> {
    if !asked(job, "columns") {
        return Vec::new();
    }
    let columns = job.node.columns.values().filter(|column| !column.description.is_empty());
    columns.map(|column| (column.name.as_str(), column.quote == Some(true), column.description.as_str())).collect()
}

/// Sets the remarks on the relation that was made. Columns that it does not have are left out, with a warning.
///
/// # Errors
/// When the engine cannot keep them.
pub(super) async fn persist(job: &Job<'_>) -> Result<(), Diagnostic> {
    let relation = job.relation()?;
    let comment = asked(job, "relation").then(|| job.node.description.clone());
    let described = described(job);
    if comment.is_none() && described.is_empty() {
        return Ok(());
    }
    let dialect = job.runner.engine.dialect();
    let found = job.columns(&format!("select * from {}", relation.render(dialect))).await?;
    let mut columns = Vec::new();
    let mut missing = Vec::new();
    for (name, quoted, text) in described {
        // A name without quotes is any spelling of it; one in quotes is itself.
        let same = |known: &str| known == name || !quoted && known.eq_ignore_ascii_case(name);
        match found.fields().iter().find(|field| same(field.name())) {
            Some(field) => columns.push((field.name().clone(), text.to_owned())),
            None => missing.push(name),
        }
    }
    if !missing.is_empty() {
        tracing::warn!(
            "{} `{}`: The following columns are specified in the schema but are not present in the database: {}",
            job.node.resource,
            job.node.name,
            missing.join(", ")
        );
    }
    let comments = Comments { relation: comment, columns };
    job.apply(Operation::Describe { relation, comments }).await?;
    Ok(())
}

/// Grants are of no account here: there is nobody to grant to. That is said rather than passed over.
pub(super) fn refuse_grants(job: &Job<'_>) {
    let grants = job.node.config.values.get("grants").and_then(Json::as_object);
    if grants.is_some_and(|grants| !grants.is_empty()) && !job.runner.engine.capabilities().grants {
        tracing::warn!(
            "{} `{}`: `grants` are not applied: this engine has no users to grant to",
            job.node.resource,
            job.node.name
        );
    }
}
