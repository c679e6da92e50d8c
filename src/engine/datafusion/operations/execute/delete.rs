//! `delete from`: rows that a condition chooses are removed.
//!
//! A condition over the table's own columns is left to the table format, which rewrites only the files that hold such rows. One with
//! a query in it is not something that a file can be asked: the rows to keep are selected, and take the table's place. `using` is a
//! merge whose matched rows are deleted.

use std::sync::Arc;

use datafusion::sql::sqlparser::ast::{self, Delete, FromTable};

use super::merge::{self, Clauses};
use super::target::{Target, expression, holds_query};
use super::{changed, unsupported};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::operations::layout;
use crate::engine::datafusion::operations::rewrite::rewrite;
use crate::engine::datafusion::operations::write::Uncommitted;
use crate::engine::{EngineError, Outcome};
use crate::sql::Dialect;

/// Runs the statement.
///
/// # Errors
/// When the condition cannot be planned or fails, or the lake cannot be written to.
pub(super) async fn delete(cx: &Context, delete: &Delete, gate: &Gate) -> Result<Outcome, EngineError> {
    let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
    let [from] = from.as_slice() else { return Err(unsupported("delete from several tables")) };
    if delete.returning.is_some() || !from.joins.is_empty() || delete.limit.is_some() || !delete.order_by.is_empty() {
        return Err(unsupported("delete with a join, `returning`, `order by` or `limit`"));
    }
    let target = Target::of(cx, &from.relation).await?;
    match (&delete.using, &delete.selection) {
        (None, Some(condition)) if holds_query(condition) => keep_others(cx, &target, condition, gate).await,
        (None, condition) => natively(cx, &target, condition.as_ref(), gate).await,
        (Some(using), condition) => {
            let [using] = using.as_slice() else { return Err(unsupported("delete using several tables")) };
            if !using.joins.is_empty() {
                return Err(unsupported("delete using a join"));
            }
            let condition = condition.as_ref().ok_or_else(|| unsupported("delete with `using` and without `where`"))?;
            merge::run(cx, target, &using.relation, condition, Clauses::delete_matched(), gate).await
        }
    }
}

async fn natively(
    cx: &Context,
    target: &Target,
    condition: Option<&ast::Expr>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let table = cx.tables.gated(&target.relation, target.table.clone(), gate)?;
    let properties = layout::writer_properties_of(&table)?;
    let mut builder =
        table.delete().with_session_state(Arc::new(cx.session.state())).with_writer_properties(properties);
    if let Some(condition) = condition {
        let bare = super::unqualified(expression(cx, condition, &target.columns()?).await?)?;
        builder = builder.with_predicate(bare);
    }
    let changing = async { Ok(builder.await?) };
    let (table, metrics) = Uncommitted::watch(cx, &target.relation, gate)?.unless_stopped(changing).await?;
    Ok(changed(&table, metrics.num_deleted_rows))
}

/// Selects the rows of which the condition is not true, and puts them in the table's place.
async fn keep_others(
    cx: &Context,
    target: &Target,
    condition: &ast::Expr,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let (name, alias) = (target.relation.render(Dialect::Generic), Dialect::Generic.quote(&target.alias));
    let sql = format!("select {alias}.* from {name} as {alias} where ({condition}) is not true");
    let plan = cx.session.plan(&sql).await?;
    let before = super::count(cx, &target.relation).await?;
    let outcome = rewrite(cx, &target.relation, &plan, Arc::clone(&target.schema), gate).await?;
    let rows = outcome.rows.map(|kept| before.saturating_sub(kept));
    Ok(Outcome { rows, ..outcome })
}
