//! Plans with other expressions in them: what the rules share that put functions of ours in the place of DataFusion's own operators.

use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{Expr, LogicalPlan};

/// The plan with `rewrite` applied to its expressions, innermost first, under the columns that they see; columns keep their names. Nodes
/// without an expression that `concerns` it are left alone: of most, the columns need not be put together.
///
/// # Errors
/// As `rewrite`.
pub(super) fn rewritten(
    plan: LogicalPlan,
    concerns: impl Fn(&Expr) -> bool,
    rewrite: impl Fn(Expr, &DFSchema) -> Result<Transformed<Expr>>,
) -> Result<LogicalPlan> {
    let node = |node: LogicalPlan| {
        let mut is_concerned = false;
        node.apply_expressions(|expr| {
            is_concerned |= expr.exists(|expr| Ok(concerns(expr)))?;
            Ok(if is_concerned { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        if !is_concerned {
            return Ok(Transformed::no(node));
        }
        let columns = merge_schema(&node.inputs());
        let names = NamePreserver::new(&node);
        node.map_expressions(|expr| {
            let name = names.save(&expr);
            Ok(expr.transform_up(|expr| rewrite(expr, &columns))?.update_data(|expr| name.restore(expr)))
        })
    };
    Ok(plan.transform_up_with_subqueries(node)?.data)
}
