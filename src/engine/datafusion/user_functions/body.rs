//! The body of a function as an expression over its arguments.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::DFSchema;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::execution::SessionState;
use datafusion::logical_expr::expr_rewriter::unnormalize_col;
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::sql::sqlparser::ast::{GroupByExpr, Query, SelectItem, SetExpr, Statement as Sql};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::Called;
use crate::engine::datafusion::lake::Function;
use crate::engine::datafusion::session::{data_type, plan_query};
use crate::engine::{EngineError, ErrorKind};

/// A planned function.
#[derive(Clone, Debug)]
pub(super) struct Body {
    /// Its arguments in order.
    pub(super) arguments: Vec<Argument>,
    /// What it computes, before types are coerced: its arguments are columns without a table.
    pub(super) expression: Expr,
    /// What it gives.
    pub(super) returns: DataType,
}

/// An argument of a planned function.
#[derive(Clone, Debug)]
pub(super) struct Argument {
    pub(super) name: String,
    pub(super) data_type: DataType,
    pub(super) default: Option<Expr>,
}

/// The name of the row of arguments in the query that a body is planned in.
const ARGUMENTS: &str = "arguments";

/// Plans the body of a function: as the one column of a query over one row, that of its arguments.
///
/// # Errors
/// When it cannot be planned, or is not one expression.
pub(super) async fn plan(state: &SessionState, called: &Called) -> Result<Body, EngineError> {
    let function = &called.function;
    let mut state = state.clone();
    state.config_mut().options_mut().catalog.default_schema.clone_from(&function.schema);
    let arguments = function.arguments.iter().map(|argument| {
        let default = |sql: &String| state.create_logical_expr(sql, &DFSchema::empty());
        Ok(Argument {
            name: argument.name.clone(),
            data_type: data_type(&state, &argument.data_type, &argument.name)?,
            default: argument.default.as_ref().map(default).transpose()?,
        })
    });
    let arguments = arguments.collect::<Result<Vec<_>, EngineError>>()?;
    let returns = data_type(&state, &function.returns, "returns")?;
    let query = plan_query(&state, &query(function)).await?;
    let expression = expression(query)?;
    // What cannot be cast is better said now than by each call.
    expression.clone().cast_to(&returns, &row(&arguments)?)?;
    Ok(Body { arguments, expression, returns })
}

/// The columns that a body can name.
fn row(arguments: &[Argument]) -> Result<DFSchema, EngineError> {
    use datafusion::arrow::datatypes::Field;
    let fields = arguments.iter().map(|argument| Field::new(&argument.name, argument.data_type.clone(), true));
    Ok(DFSchema::from_unqualified_fields(fields.collect(), std::collections::HashMap::default())?)
}

fn query(function: &Function) -> String {
    let body = one_value(&function.body);
    if function.arguments.is_empty() {
        return format!("select {body} as result");
    }
    let columns = function.arguments.iter().map(|argument| {
        let name = argument.name.replace('"', "\"\"");
        format!("cast(null as {}) as \"{name}\"", argument.data_type)
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    format!("select {body} as result from (select {columns}) as {ARGUMENTS}")
}

/// The body as an expression: that of a `select` of one expression and nothing else, another query in brackets, else what stands
/// there.
fn one_value(body: &str) -> String {
    let body = body.trim().trim_end_matches(';').trim_end();
    match Parser::parse_sql(&GenericDialect {}, body).as_deref() {
        Ok([Sql::Query(query)]) => match bare(query) {
            Some(expression) => format!("({expression})"),
            None => format!("(\n{body}\n)"),
        },
        _ => format!("(\n{body}\n)"),
    }
}

/// The expression of `select expression`.
fn bare(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let no_groups = matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    let is_bare = query.with.is_none()
        && query.order_by.is_none()
        && query.limit_clause.is_none()
        && select.from.is_empty()
        && select.selection.is_none()
        && select.having.is_none()
        && select.distinct.is_none()
        && no_groups;
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(expression) | SelectItem::ExprWithAlias { expr: expression, .. }] if is_bare => {
            Some(expression.to_string())
        }
        _ => None,
    }
}

/// The one column of the planned query.
fn expression(query: LogicalPlan) -> Result<Expr, EngineError> {
    let many = || {
        EngineError::new(ErrorKind::Unsupported, "its body is not one expression of its arguments").help(
            "a function is a scalar expression; aggregates and window functions belong in the query that calls it",
        )
    };
    let LogicalPlan::Projection(projection) = query else { return Err(many()) };
    if !matches!(projection.input.as_ref(), LogicalPlan::SubqueryAlias(_) | LogicalPlan::EmptyRelation(_)) {
        return Err(many());
    }
    let [expression] = projection.expr.as_slice() else { return Err(many()) };
    let mut by_arguments = false;
    expression.apply(|part| {
        if let Expr::ScalarSubquery(query) = part {
            by_arguments |= !query.outer_ref_columns.is_empty();
        } else if let Expr::InSubquery(found) = part {
            by_arguments |= !found.subquery.outer_ref_columns.is_empty();
        } else if let Expr::Exists(found) = part {
            by_arguments |= !found.subquery.outer_ref_columns.is_empty();
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    if by_arguments {
        let message = "its body looks its arguments up in a table, which the embedded engine cannot do in a function";
        return Err(
            EngineError::new(ErrorKind::Unsupported, message).help("join the table where the function is called")
        );
    }
    Ok(unnormalize_col(expression.clone().unalias()))
}
