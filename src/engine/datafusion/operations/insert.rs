//! Appends the rows of a query to a table.

use datafusion::logical_expr::LogicalPlan;
use deltalake::DeltaTable;

use super::write::{self, Change};
use super::{in_lake, open_table, widen};
use crate::engine::datafusion::assignment;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Appends rows; columns are matched by name and cast to the table's types, which are widened for them.
///
/// # Errors
/// When there is no such table, the query fails, or the table's columns cannot hold its rows as they are.
pub(super) async fn insert(
    cx: &Context,
    relation: &Relation,
    query: &str,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let table = widen::widened(cx, relation, plan.schema().as_arrow(), gate).await?;
    append(cx, relation, &plan, &table, gate).await
}

/// Appends the rows of a plan.
///
/// # Errors
/// As [`insert`].
pub(super) async fn insert_plan(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    append(cx, relation, plan, &open_table(cx, relation).await?, gate).await
}

async fn append(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    table: &DeltaTable,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let schema = table.snapshot()?.snapshot().arrow_schema();
    assignment::check(plan.schema().as_arrow(), &schema)?;
    let source = RowSource::new(schema, gate.stop());
    write::write(cx, relation, plan, source, Change::Append, gate).await
}
