//! Puts the bodies of functions in the place of their calls.

use std::collections::HashMap;

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Expr, LogicalPlan, cast};

use super::body::Body;

/// The plan with the bodies in place; columns keep the names that the calls gave them.
pub(super) fn into_plan(plan: LogicalPlan, bodies: &HashMap<String, Body>) -> Result<LogicalPlan> {
    let placed = plan.transform_up_with_subqueries(|node| {
        let names = NamePreserver::new(&node);
        let placed = node.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(in_place(expr, bodies)?.update_data(|expr| name.restore(expr)))
        })?;
        placed.map_data(LogicalPlan::recompute_schema)
    })?;
    Ok(placed.data)
}

/// The expression with the bodies in place.
pub(super) fn into_expr(expr: Expr, bodies: &HashMap<String, Body>) -> Result<Expr> {
    Ok(in_place(expr, bodies)?.data)
}

fn in_place(expr: Expr, bodies: &HashMap<String, Body>) -> Result<Transformed<Expr>> {
    expr.transform_up(|part| match part {
        Expr::ScalarFunction(call) => match bodies.get(call.func.name()) {
            Some(body) => Ok(Transformed::yes(call_of(body, call.func.name(), call.args)?)),
            None => Ok(Transformed::no(Expr::ScalarFunction(call))),
        },
        other => Ok(Transformed::no(other)),
    })
}

/// The body with these arguments.
fn call_of(body: &Body, name: &str, given: Vec<Expr>) -> Result<Expr> {
    if given.len() > body.arguments.len() {
        return plan_err!("function `{name}` takes {} arguments, not {}", body.arguments.len(), given.len());
    }
    let mut given = given.into_iter();
    let mut values = HashMap::new();
    for argument in &body.arguments {
        let Some(value) = given.next().or_else(|| argument.default.clone()) else {
            return plan_err!("function `{name}` needs its argument `{}`", argument.name);
        };
        if value.is_volatile() && uses(&body.expression, &argument.name)? > 1 {
            return plan_err!(
                "function `{name}` uses `{}` more than once, and `{value}` is another value each time",
                argument.name
            );
        }
        values.insert(argument.name.as_str(), cast(value, argument.data_type.clone()));
    }
    let placed = body.expression.clone().transform_up(|part| match part {
        Expr::Column(column) => Ok(match values.get(column.name.as_str()) {
            Some(value) => Transformed::yes(value.clone()),
            None => Transformed::no(Expr::Column(column)),
        }),
        other => Ok(Transformed::no(other)),
    })?;
    Ok(cast(placed.data, body.returns.clone()))
}

/// How often a body names an argument.
fn uses(expression: &Expr, argument: &str) -> Result<usize> {
    let mut count = 0;
    expression.apply(|part| {
        count += usize::from(matches!(part, Expr::Column(column) if column.name == argument));
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(count)
}
