//! Puts the rows of a plan in a table's place, under a schema that is given rather than found: how rows are changed in ways that
//! no file can be asked for, and how columns change. Nulls that a column forbids and rows that a check refuses are errors.

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::logical_expr::LogicalPlan;

use super::write::{self, Change};
use super::{layout, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Replaces the table's rows by those of `plan`, whose columns are found by their names, in one commit.
///
/// # Errors
/// When the plan fails, or its rows do not fit the schema.
pub(super) async fn rewrite(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    schema: SchemaRef,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let source = RowSource::new(schema, gate.stop());
    let layout = layout::stored(&open_table(cx, relation).await?)?;
    write::write(cx, relation, plan, source, Change::Replace(layout), gate).await
}
