//! `on_schema_change`: what becomes of an incremental model's table when its query has other columns.

use std::sync::Arc;

use arrow::datatypes::{Field, FieldRef, Schema};

use super::Job;
use super::contract::Shape;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{ColumnChange, Operation};
use crate::manifest::OnSchemaChange;
use crate::sql::Dialect;

/// A value that does not exist changes nothing, as in dbt; it is told of.
fn policy(job: &Job<'_>) -> OnSchemaChange {
    let Some(word) = job.node.config.values.get("on_schema_change").and_then(serde_json::Value::as_str) else {
        return OnSchemaChange::default();
    };
    OnSchemaChange::named(word).unwrap_or_else(|| {
        let known = quoted_list(&OnSchemaChange::NAMES);
        tracing::warn!(
            "model `{}`: `on_schema_change` is one of {known}, not `{word}`; `ignore` is assumed",
            job.node.name
        );
        OnSchemaChange::default()
    })
}

/// How the columns of a query differ from those of a table.
#[derive(Debug, Default)]
struct Differences {
    added: Vec<FieldRef>,
    missing: Vec<FieldRef>,
    retyped: Vec<(FieldRef, String)>,
}

impl Differences {
    fn between(query: &Schema, table: &Schema, name: impl Fn(&Field) -> String) -> Self {
        let find = |schema: &Schema, field: &FieldRef| {
            schema.fields().iter().find(|known| known.name().eq_ignore_ascii_case(field.name())).cloned()
        };
        let mut found = Differences::default();
        for field in query.fields() {
            match find(table, field) {
                None => found.added.push(Arc::clone(field)),
                Some(known) if field.data_type().is_null() || name(&known) == name(field) => {}
                Some(known) => {
                    found.retyped.push((Arc::new(field.as_ref().clone().with_name(known.name())), name(&known)))
                }
            }
        }
        found.missing = table.fields().iter().filter(|field| find(query, field).is_none()).cloned().collect();
        found
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && self.missing.is_empty() && self.retyped.is_empty()
    }
}

/// What the rest of the run must know of it.
#[derive(Debug, Default)]
pub(super) struct Adapted {
    /// Columns of the table that the query does not have and that stay: they are null in new rows and kept in old ones.
    pub(super) kept: Vec<String>,
}

impl Adapted {
    /// The query with the columns that it lacks, as nulls, and how many lines of ours stand before the node's own.
    pub(super) fn padded(&self, shape: &Shape, dialect: Dialect) -> (String, usize) {
        let query = &shape.query;
        if self.kept.is_empty() {
            return (query.clone(), shape.lines_before);
        }
        if dialect == Dialect::BigQuery {
            // A null there is a whole number, which other columns refuse; columns that rows lack are null anyway.
            return (query.clone(), shape.lines_before);
        }
        let null = |name: &String| format!("null as {}", dialect.quote(name));
        let nulls = self.kept.iter().map(null).collect::<Vec<_>>().join(", ");
        (format!("select *, {nulls} from (\n{query}\n) as dbt_internal_rows"), shape.lines_before + 1)
    }
}

/// Makes the table fit for the rows of the query: its columns as the config says, its constraints those of the contract.
///
/// # Errors
/// When the columns differ and the config is `fail`, or the table cannot be changed.
pub(super) async fn adapt(job: &Job<'_>, shape: &Shape) -> Result<Adapted, Diagnostic> {
    let adapted = adapt_columns(job, &shape.query).await?;
    if let Some(rules) = &shape.rules {
        job.apply(Operation::Constrain { relation: job.relation()?, rules: rules.clone() }).await?;
    }
    Ok(adapted)
}

/// Compares the columns of the query with those of the table and does what the config says.
async fn adapt_columns(job: &Job<'_>, query: &str) -> Result<Adapted, Diagnostic> {
    let policy = policy(job);
    if policy == OnSchemaChange::Ignore {
        return Ok(Adapted::default());
    }
    let relation = job.relation()?;
    let info = job.runner.engine.relation(&relation).await.map_err(|error| job.failure(error, 0))?;
    let Some(table) = info.and_then(|info| info.schema) else { return Ok(Adapted::default()) };
    let new = job.columns(query).await?;
    let engine = &job.runner.engine;
    // A time is text in a table: that is no change of the query.
    let name = |field: &Field| engine.type_name(&engine.stored_type(field.data_type()));
    let differences = Differences::between(&new, &table, name);
    if differences.is_empty() {
        return Ok(Adapted::default());
    }
    let changes: Vec<ColumnChange> = match policy {
        OnSchemaChange::Ignore => Vec::new(),
        OnSchemaChange::Fail => return Err(refused(job, &differences, name)),
        OnSchemaChange::Append => added(&differences),
        OnSchemaChange::Sync => {
            let dropped = differences.missing.iter().map(|field| ColumnChange::Drop { name: field.name().clone() });
            let retyped =
                differences.retyped.iter().map(|(field, _)| ColumnChange::Retype { field: Arc::clone(field) });
            added(&differences).into_iter().chain(dropped).chain(retyped).collect()
        }
    };
    if !changes.is_empty() {
        job.apply(Operation::Alter { relation, changes }).await?;
    }
    let kept = match policy {
        OnSchemaChange::Append => differences.missing.iter().map(|field| field.name().clone()).collect(),
        _ => Vec::new(),
    };
    Ok(Adapted { kept })
}

fn added(differences: &Differences) -> Vec<ColumnChange> {
    let nullable = |field: &FieldRef| Arc::new(field.as_ref().clone().with_nullable(true));
    differences.added.iter().map(|field| ColumnChange::Add { field: nullable(field), default: None }).collect()
}

fn refused(job: &Job<'_>, differences: &Differences, name: impl Fn(&Field) -> String) -> Diagnostic {
    let message =
        format!("model `{}`: the source and target schemas on this incremental model are out of sync", job.node.name);
    let list = |fields: &[FieldRef]| {
        let names: Vec<&String> = fields.iter().map(|field| field.name()).collect();
        quoted_list(&names)
    };
    let mut diagnostic = Diagnostic::error(codes::SCHEMA_CHANGED, message).at(job.node.span);
    if !differences.added.is_empty() {
        diagnostic = diagnostic.note(format!("only the query has {}", list(&differences.added)));
    }
    if !differences.missing.is_empty() {
        diagnostic = diagnostic.note(format!("only the table has {}", list(&differences.missing)));
    }
    for (field, known) in &differences.retyped {
        let (column, new) = (field.name(), name(field));
        diagnostic = diagnostic.note(format!("`{column}` is `{new}` in the query and `{known}` in the table"));
    }
    diagnostic
        .help("set `on_schema_change` to `append_new_columns` or `sync_all_columns`, or rebuild with `--full-refresh`")
}
