//! Makes or replaces a table by the rows of a query.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::logical_expr::LogicalPlan;

use super::in_lake;
use super::write::{self, Change};
use crate::engine::datafusion::checks;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::{EngineError, ErrorKind, Outcome, Rules};
use crate::sql::Relation;

/// Makes or replaces a table; a view of that name goes. The query may read what it replaces.
///
/// # Errors
/// When the query fails, or the lake cannot be written to.
pub(super) async fn create_table(
    cx: &Context,
    relation: &Relation,
    query: &str,
    rules: &Rules,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let stored = storable_schema(plan.schema().as_arrow())?;
    let schema = ruled(&stored, rules)?;
    replace(cx, relation, &plan, schema, gate).await
}

/// The columns with the rules on them.
fn ruled(schema: &Schema, rules: &Rules) -> Result<SchemaRef, EngineError> {
    let mut fields: Vec<Field> = schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    if let Some(unknown) = rules.not_null.iter().find(|name| schema.index_of(name).is_err()) {
        return Err(EngineError::new(ErrorKind::Plan, format!("the query has no column `{unknown}`")));
    }
    for field in &mut fields {
        if rules.not_null.contains(field.name()) {
            field.set_nullable(false);
        }
    }
    Ok(Arc::new(checks::add(fields, &rules.checks)))
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
    replace(cx, relation, plan, storable_schema(plan.schema().as_arrow())?, gate).await
}

/// Makes or replaces a table of these columns by the rows of a plan.
///
/// # Errors
/// As [`create_table`], and when a row breaks a rule of the columns.
pub(super) async fn replace(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    columns: SchemaRef,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let source = RowSource::new(columns, gate.stop());
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
