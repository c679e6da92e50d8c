//! What is joined to each row and reads no table is computed in the row: `from t, unnest(t.list) as u`, `cross join lateral (select t.a *
//! 2)`.
//!
//! DataFusion plans such a join as one with a query that refers to the other side, and can run few of them. A query that has no tables is
//! projections, filters and `unnest` over one row that is empty; the rows of the other side take its place, and their columns are carried
//! through to the end.

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{JoinType, NullHandling, Result, ScalarValue, UnnestOptions};
use datafusion::logical_expr::{Expr, Filter, Join, LogicalPlan, LogicalPlanBuilder, Projection, Unnest};
use datafusion::optimizer::AnalyzerRule;

/// See the module.
#[derive(Debug)]
pub(super) struct Laterals;

impl AnalyzerRule for Laterals {
    fn name(&self) -> &'static str {
        "laterals"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let placed = plan.transform_up_with_subqueries(|node| match &node {
            LogicalPlan::Join(join) => Ok(match placed(join)? {
                Some(plan) => Transformed::yes(plan),
                None => Transformed::no(node),
            }),
            _ => Ok(Transformed::no(node)),
        })?;
        Ok(placed.data)
    }
}

/// What a join comes to whose right side reads no table.
fn placed(join: &Join) -> Result<Option<LogicalPlan>> {
    let condition =
        join.filter.iter().cloned().chain(join.on.iter().map(|(left, right)| left.clone().eq(right.clone())));
    let is_true = |expr: &Expr| matches!(expr, Expr::Literal(ScalarValue::Boolean(Some(true)), _));
    let condition = condition.filter(|expr| !is_true(expr)).reduce(Expr::and);
    let keeps_rows = match join.join_type {
        JoinType::Inner => false,
        JoinType::Left if condition.is_none() => true,
        _ => return Ok(None),
    };
    let rows = Rows { left: &join.left, keeps_rows };
    let refers = join.right.exists(|node| Ok(node.contains_outer_reference()))?;
    let Some(plan) = (if refers { rows.through(&join.right)? } else { None }) else { return Ok(None) };
    match condition {
        Some(condition) => LogicalPlanBuilder::from(plan).filter(condition)?.build().map(Some),
        None => Ok(Some(plan)),
    }
}

/// The rows that take the place of the empty one.
struct Rows<'a> {
    left: &'a LogicalPlan,
    /// Whether a row stays of which nothing comes, as in a left join.
    keeps_rows: bool,
}

impl Rows<'_> {
    /// The plan over these rows, with their columns first; `None` when it reads a table.
    fn through(&self, plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
        Ok(match plan {
            LogicalPlan::EmptyRelation(empty) if empty.produce_one_row => Some(self.left.clone()),
            LogicalPlan::Subquery(query) => self.through(&query.subquery)?,
            LogicalPlan::SubqueryAlias(aliased) => {
                // Both in one: a column with the relation's name and one without are one too many for the optimizer.
                let (input, columns) = match without_query(&aliased.input) {
                    LogicalPlan::Projection(inner) => {
                        let columns = inner.expr.iter().map(|expr| Ok(own_columns(expr.clone())?.unalias()));
                        (self.through(&inner.input)?, columns.collect::<Result<Vec<_>>>()?)
                    }
                    other => (self.through(other)?, other.schema().columns().into_iter().map(Expr::Column).collect()),
                };
                let Some(input) = input else { return Ok(None) };
                let named = columns.into_iter().zip(aliased.schema.fields());
                let named = named.map(|(expr, field)| expr.alias_qualified(Some(aliased.alias.clone()), field.name()));
                Some(self.projected(input, named.collect())?)
            }
            LogicalPlan::Projection(Projection { expr, input, schema, .. }) => match self.through(input)? {
                Some(input) => {
                    let columns = expr.iter().zip(schema.iter()).map(|(expr, (qualifier, field))| {
                        let own = own_columns(expr.clone())?;
                        let named = own.schema_name().to_string() == expr.schema_name().to_string();
                        Ok(if named { own } else { own.alias_qualified(qualifier.cloned(), field.name()) })
                    });
                    Some(self.projected(input, columns.collect::<Result<_>>()?)?)
                }
                None => None,
            },
            LogicalPlan::Unnest(Unnest { input, exec_columns, options, .. }) => match self.through(input)? {
                Some(input) => {
                    let null_handling =
                        if self.keeps_rows { NullHandling::PreserveAndExpandEmpty } else { NullHandling::Drop };
                    let options = UnnestOptions { null_handling, ..options.clone() };
                    let unnested =
                        LogicalPlanBuilder::from(input).unnest_columns_with_options(exec_columns.clone(), options);
                    Some(unnested?.build()?)
                }
                None => None,
            },
            LogicalPlan::Filter(Filter { predicate, input, .. }) if !self.keeps_rows => match self.through(input)? {
                Some(input) => Some(LogicalPlanBuilder::from(input).filter(own_columns(predicate.clone())?)?.build()?),
                None => None,
            },
            _ => None,
        })
    }

    fn projected(&self, input: LogicalPlan, columns: Vec<Expr>) -> Result<LogicalPlan> {
        let kept = self.left.schema().columns().into_iter().map(Expr::Column);
        LogicalPlanBuilder::from(input).project(kept.chain(columns).collect::<Vec<_>>())?.build()
    }
}

/// A plan without the mark of a query round it.
fn without_query(plan: &LogicalPlan) -> &LogicalPlan {
    match plan {
        LogicalPlan::Subquery(query) => without_query(&query.subquery),
        other => other,
    }
}

/// The expression over columns of its own rows instead of those of the query around it.
fn own_columns(expr: Expr) -> Result<Expr> {
    let own = expr.transform(|expr| {
        Ok(match expr {
            Expr::OuterReferenceColumn(_, column) => Transformed::yes(Expr::Column(column)),
            other => Transformed::no(other),
        })
    })?;
    Ok(own.data)
}
