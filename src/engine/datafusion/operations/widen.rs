//! Widens the columns of a table for rows whose types hold more: the change of a type that loses nothing.

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use deltalake::DeltaTable;

use super::alter::alter;
use super::{in_lake, open_table};
use crate::engine::datafusion::assignment;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{ColumnChange, EngineError, Outcome};
use crate::sql::Relation;

/// Widens the columns of a table that `columns` names, where they have to be.
///
/// # Errors
/// When there is no such table, or a column cannot be made to hold the values of one of `columns`.
pub(super) async fn widen(
    cx: &Context,
    relation: &Relation,
    columns: &Schema,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let table = widened(cx, relation, columns, gate).await?;
    let known = table.snapshot()?.snapshot().arrow_schema();
    known.fields().iter().try_for_each(|field| match columns.field_with_name(field.name()) {
        Ok(column) => assignment::check_column(column, field),
        Err(_) => Ok(()),
    })?;
    Ok(Outcome::default())
}

/// The table of this name with its columns widened, where that loses nothing; whether the others hold the values is not looked at.
///
/// # Errors
/// When there is no such table, or it cannot be written.
pub(super) async fn widened(
    cx: &Context,
    relation: &Relation,
    columns: &Schema,
    gate: &Gate,
) -> Result<DeltaTable, EngineError> {
    let table = open_table(cx, relation).await?;
    let known = table.snapshot()?.snapshot().arrow_schema();
    let mut changes = Vec::new();
    for field in known.fields() {
        let Ok(column) = columns.field_with_name(field.name()) else { continue };
        if let Some(wider) = assignment::wider(column, field)? {
            changes.push(ColumnChange::Retype { field: Arc::new(field.as_ref().clone().with_data_type(wider)) });
        }
    }
    if changes.is_empty() {
        return Ok(table);
    }
    alter(cx, relation, &changes, gate).await?;
    open_table(cx, relation).await
}
