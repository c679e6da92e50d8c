//! Appends rows in memory to a table, which is made where it is not there.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::LogicalPlanBuilder;

use super::create_table::replace_by_plan;
use super::in_lake;
use super::insert::insert_plan;
use super::widen;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::storable::{conform, storable_schema};
use crate::engine::{EngineError, Layout, Outcome};
use crate::sql::Relation;

/// Appends the rows of a batch.
///
/// # Errors
/// When a view or a source has that name, the table's columns cannot hold the rows, or the lake cannot be written to.
pub(super) async fn append(
    cx: &Context,
    relation: &Relation,
    batch: RecordBatch,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let schema = storable_schema(&batch.schema())?;
    let rows = conform(&batch, &schema)?;
    let table = MemTable::try_new(Arc::clone(&schema), vec![vec![rows]])?;
    let plan = LogicalPlanBuilder::scan("rows", provider_as_source(Arc::new(table)), None)?.build()?;
    if cx.lake.kind(&relation.schema, &relation.identifier)?.is_none() {
        return replace_by_plan(cx, relation, &plan, &Layout::default(), gate).await;
    }
    widen::widened(cx, relation, &schema, gate).await?;
    insert_plan(cx, relation, &plan, gate).await
}
