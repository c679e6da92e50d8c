//! The order in which rows are written.

use datafusion::common::{Column, DFSchema};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, SortExpr};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion::sql::sqlparser::tokenizer::Token;

use crate::engine::{EngineError, ErrorKind, Layout};

/// The rows of a plan in the order of the layout: those of a partition together, sorted in it. What cannot be sorted by, since its
/// column has gone, is passed over; what has no order is as it was.
///
/// # Errors
/// When the plan cannot be built.
pub(in crate::engine::datafusion::operations) fn sorted(
    state: &SessionState,
    rows: &LogicalPlan,
    layout: &Layout,
) -> Result<LogicalPlan, EngineError> {
    let order: Vec<SortExpr> =
        layout.sort_by.iter().filter_map(|item| sort_expr(state, item, rows.schema()).ok()).collect();
    if order.is_empty() {
        return Ok(rows.clone());
    }
    let partitions = layout.partition_by.iter().filter_map(|column| named(rows.schema(), &column.name));
    let order = partitions.map(|column| column.sort(true, true)).chain(order);
    Ok(LogicalPlanBuilder::from(rows.clone()).sort(order)?.build()?)
}

/// Checks that rows can be sorted so.
///
/// # Errors
/// [`ErrorKind::Plan`] naming the first item that is no order of these columns.
pub(in crate::engine::datafusion::operations) fn check(
    state: &SessionState,
    layout: &Layout,
    columns: &DFSchema,
) -> Result<(), EngineError> {
    layout.sort_by.iter().try_for_each(|item| sort_expr(state, item, columns).map(|_| ()))
}

/// One item: a column by its name, or an expression, with `asc` or `desc` behind it if need be.
fn sort_expr(state: &SessionState, item: &str, columns: &DFSchema) -> Result<SortExpr, EngineError> {
    if let Some(column) = named(columns, item) {
        return Ok(column.sort(true, false));
    }
    let wrong = |reason: String| EngineError::new(ErrorKind::Plan, format!("`sort_by: {item}`: {reason}"));
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(item).and_then(|mut parser| {
        let parsed = parser.parse_order_by_expr()?;
        parser.expect_token(&Token::EOF).map(|_| parsed)
    });
    let parsed = parsed.map_err(|error| wrong(error.to_string()))?;
    let ascending = parsed.options.asc.unwrap_or(true);
    let text = parsed.expr.to_string();
    let planned = named(columns, &text).map_or_else(|| state.create_logical_expr(&text, columns), Ok);
    let expression = planned.map_err(|error| wrong(EngineError::from(error).message))?;
    Ok(expression.sort(ascending, parsed.options.nulls_first.unwrap_or(!ascending)))
}

/// The column of a name, whose case matters only where it decides.
fn named(columns: &DFSchema, name: &str) -> Option<Expr> {
    let find = |is_meant: &dyn Fn(&str) -> bool| columns.iter().find(|(_, field)| is_meant(field.name()));
    let found = find(&|known| known == name).or_else(|| find(&|known| known.eq_ignore_ascii_case(name)))?;
    Some(Expr::Column(Column::from(found)))
}
