//! `update`: columns of the rows that a condition chooses are set.
//!
//! What reads nothing but the row is left to the table format. With a query in it, the rows are selected with their new values and
//! take the table's place. `from` is a merge whose matched rows are updated.

use std::sync::Arc;

use datafusion::common::Column;
use datafusion::sql::sqlparser::ast::{self, AssignmentTarget, TableFactor, Update, UpdateTableFromKind};
use deltalake::delta_datafusion::DeltaColumn;

use super::merge::{self, Clauses};
use super::target::{Target, column_name, expression, holds_query};
use super::{changed, unqualified, unsupported};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::operations::layout;
use crate::engine::datafusion::operations::rewrite::rewrite;
use crate::engine::datafusion::operations::write::Uncommitted;
use crate::engine::{EngineError, ErrorKind, Outcome};
use crate::sql::Dialect;

/// Runs the statement.
///
/// # Errors
/// When an expression cannot be planned or fails, or the lake cannot be written to.
pub(super) async fn update(cx: &Context, update: &Update, gate: &Gate) -> Result<Outcome, EngineError> {
    if update.returning.is_some() || !update.table.joins.is_empty() {
        return Err(unsupported("update with a join or `returning`"));
    }
    let target = Target::of(cx, &update.table.relation).await?;
    let assignments = assignments(&target, &update.assignments)?;
    if let Some(from) = &update.from {
        let source = source(from)?;
        let all = ast::Expr::value(ast::Value::Boolean(true));
        let condition = update.selection.as_ref().unwrap_or(&all);
        return merge::run(cx, target, source, condition, Clauses::update_matched(assignments), gate).await;
    }
    if holds_query(update) {
        return set_selected(cx, &target, &assignments, update.selection.as_ref(), gate).await;
    }
    let table = cx.tables.gated(&target.relation, target.table.clone(), gate)?;
    let columns = target.columns()?;
    let properties = layout::writer_properties_of(&table)?;
    let mut builder =
        table.update().with_session_state(Arc::new(cx.session.state())).with_writer_properties(properties);
    for (name, value) in &assignments {
        let column = DeltaColumn::from(Column::from_name(name));
        builder = builder.with_update(column, unqualified(expression(cx, value, &columns).await?)?);
    }
    if let Some(condition) = &update.selection {
        builder = builder.with_predicate(unqualified(expression(cx, condition, &columns).await?)?);
    }
    let changing = async { Ok(builder.await?) };
    let (table, metrics) = Uncommitted::watch(cx, &target.relation, gate)?.unless_stopped(changing).await?;
    Ok(changed(&table, Some(metrics.num_updated_rows)))
}

/// The columns that are set, as the table spells them, with their values.
pub(super) fn assignments(
    target: &Target,
    assignments: &[ast::Assignment],
) -> Result<Vec<(String, ast::Expr)>, EngineError> {
    let assignment = |assignment: &ast::Assignment| {
        let AssignmentTarget::ColumnName(name) = &assignment.target else {
            return Err(unsupported("update of several columns at once"));
        };
        let name = column_name(name)?;
        if target.schema.index_of(&name).is_err() {
            return Err(EngineError::new(ErrorKind::Plan, format!("`{}` has no column `{name}`", target.relation)));
        }
        Ok((name, assignment.value.clone()))
    };
    assignments.iter().map(assignment).collect()
}

fn source(from: &UpdateTableFromKind) -> Result<&TableFactor, EngineError> {
    let (UpdateTableFromKind::BeforeSet(tables) | UpdateTableFromKind::AfterSet(tables)) = from;
    match tables.as_slice() {
        [table] if table.joins.is_empty() => Ok(&table.relation),
        _ => Err(unsupported("update from several tables")),
    }
}

/// Selects all rows, those of which the condition is true with their new values, and puts them in the table's place.
async fn set_selected(
    cx: &Context,
    target: &Target,
    assignments: &[(String, ast::Expr)],
    condition: Option<&ast::Expr>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let quote = |name: &str| Dialect::Generic.quote(name);
    let (name, alias) = (target.relation.render(Dialect::Generic), quote(&target.alias));
    let values = target.schema.fields().iter().map(|field| {
        let column = quote(field.name());
        match assignments.iter().find(|(name, _)| name == field.name()) {
            Some((_, value)) => format!("{value} as {column}"),
            None => format!("{alias}.{column}"),
        }
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let condition = condition.map_or_else(|| "true".to_owned(), ToString::to_string);
    let set = format!("select {values} from {name} as {alias} where {condition}");
    let others = format!("select {alias}.* from {name} as {alias} where ({condition}) is not true");
    // Each half is brought to the table's types by itself: a union would look for types that suit both.
    let plan = cx.session.plan(&set).await?;
    let (plan, others) = (cast_to(plan, &target.schema)?, cx.session.plan(&others).await?);
    let all = datafusion::logical_expr::LogicalPlanBuilder::from(plan).union(others)?.build()?;
    let changed = super::count_rows(cx, &format!("select 1 from {name} as {alias} where {condition}")).await?;
    let outcome = rewrite(cx, &target.relation, &all, Arc::clone(&target.schema), gate).await?;
    Ok(Outcome { rows: Some(changed), ..outcome })
}

fn cast_to(
    plan: datafusion::logical_expr::LogicalPlan,
    schema: &datafusion::arrow::datatypes::Schema,
) -> Result<datafusion::logical_expr::LogicalPlan, EngineError> {
    use datafusion::logical_expr::{Expr, cast};
    let columns = plan.schema().columns();
    let casts = columns
        .into_iter()
        .zip(schema.fields())
        .map(|(column, field)| cast(Expr::Column(column), field.data_type().clone()).alias(field.name()));
    let casts: Vec<Expr> = casts.collect();
    Ok(datafusion::logical_expr::LogicalPlanBuilder::from(plan).project(casts)?.build()?)
}
