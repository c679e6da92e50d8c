//! Makes or replaces a table by the rows of a query.

use datafusion::logical_expr::LogicalPlan;

use super::in_lake;
use super::write::{self, Change};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Makes or replaces a table; a view of that name goes. The query may read what it replaces.
///
/// # Errors
/// When the query fails, or the lake cannot be written to.
pub(super) async fn create_table(
    cx: &Context,
    relation: &Relation,
    query: &str,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    replace_by_plan(cx, relation, &plan, gate).await
}

/// Makes or replaces a table by the rows of a plan.
///
/// # Errors
/// As [`create_table`].
pub(super) async fn replace_by_plan(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let source = RowSource::new(storable_schema(plan.schema().as_arrow())?, gate.stop());
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let behind_view = cx.lake.view(schema, name)?.is_some();
    if behind_view {
        // A leftover table behind the view must not become the table's history.
        cx.lake.remove_table(schema, name)?;
    }
    let outcome = write::write(cx, relation, plan, source, Change::Replace, gate).await?;
    if behind_view {
        cx.lake.remove_view(schema, name)?;
    }
    Ok(outcome)
}
