//! Makes or replaces a table by the rows of a query.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, SchemaRef};
use datafusion::logical_expr::LogicalPlan;

use super::write::{self, Change};
use super::{in_lake, layout};
use crate::engine::datafusion::checks;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::{EngineError, ErrorKind, Layout, Outcome, Rules};
use crate::sql::Relation;

/// Makes or replaces a table; a view of that name goes. The query may read what it replaces.
///
/// # Errors
/// When the query fails, or the lake cannot be written to.
pub(super) async fn create_table(
    cx: &Context,
    relation: &Relation,
    query: &str,
    (rules, layout): (&Rules, &Layout),
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let stored = storable_schema(plan.schema().as_arrow())?;
    let fields = stored.fields().iter().map(|field| field.as_ref().clone());
    let columns = ruled(fields.collect(), rules)?;
    replace(cx, relation, &plan, (columns, layout), gate).await
}

/// The columns with the rules on them.
///
/// # Errors
/// When a rule is about a column that is none of them.
pub(super) fn ruled(mut fields: Vec<Field>, rules: &Rules) -> Result<SchemaRef, EngineError> {
    let is_there = |name: &String| fields.iter().any(|field| field.name() == name);
    if let Some(unknown) = rules.not_null.iter().find(|name| !is_there(name)) {
        return Err(EngineError::new(
            ErrorKind::Plan,
            format!("there is no column `{unknown}`, which must not hold nulls"),
        ));
    }
    for field in &mut fields {
        if rules.not_null.contains(field.name()) {
            field.set_nullable(false);
        }
    }
    Ok(Arc::new(checks::set(fields, &rules.checks)))
}

/// Makes or replaces a table by the rows of a plan.
///
/// # Errors
/// As [`create_table`].
pub(super) async fn replace_by_plan(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    layout: &Layout,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    replace(cx, relation, plan, (storable_schema(plan.schema().as_arrow())?, layout), gate).await
}

/// Makes or replaces a table of these columns and this layout by the rows of a plan.
///
/// # Errors
/// As [`create_table`], and when a row breaks a rule of the columns.
pub(super) async fn replace(
    cx: &Context,
    relation: &Relation,
    plan: &LogicalPlan,
    (columns, layout): (SchemaRef, &Layout),
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let layout = layout::settled(relation, layout, &columns)?;
    layout::check(&cx.session.state(), &layout, plan.schema())?;
    let source = RowSource::new(columns, gate.stop());
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let behind_view = cx.lake.view(schema, name)?.is_some();
    if behind_view {
        // A leftover table behind the view must not become the table's history.
        cx.lake.remove_table(schema, name)?;
    }
    let outcome = write::write(cx, relation, plan, source, Change::Replace(layout.clone()), gate).await?;
    layout::keep(cx, relation, &layout, gate).await?;
    if behind_view {
        cx.lake.remove_view(schema, name)?;
    }
    Ok(outcome)
}
