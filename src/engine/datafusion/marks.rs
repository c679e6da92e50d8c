//! `in` and `exists` of a query where a value is asked for: `select id in (select …)`, `sum(case when exists (select …) then 1 end)`.
//!
//! DataFusion joins with such a query where it decides which rows stay, and cannot run it elsewhere. Here it becomes queries of one value,
//! which are understood everywhere: whether there are rows, whether one is equal, whether one is null. Together they give the three values
//! that SQL has for `in`.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, Result, ScalarValue};
use datafusion::functions_aggregate::count::count_all;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Aggregate, Expr, ExprSchemable, LogicalPlan, LogicalPlanBuilder, Subquery, col, lit, not, when,
};
use datafusion::optimizer::AnalyzerRule;

/// The column of a counting query, and how those begin that an aggregation reads its marks from.
const COUNTED: &str = "counted";
const MARK: &str = "__mark";

/// See the module.
#[derive(Debug)]
pub(super) struct Marks;

impl AnalyzerRule for Marks {
    fn name(&self) -> &'static str {
        "marks"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let valued = plan.transform_up_with_subqueries(|node| match node {
            LogicalPlan::Projection(_) if has_marks(&node)? => in_projection(node),
            LogicalPlan::Aggregate(aggregate)
                if aggregate.aggr_expr.iter().chain(&aggregate.group_expr).any(has_mark) =>
            {
                below_aggregate(aggregate)
            }
            _ => Ok(Transformed::no(node)),
        })?;
        Ok(valued.data)
    }
}

fn is_mark(expr: &Expr) -> bool {
    matches!(expr, Expr::InSubquery(_) | Expr::Exists(_))
}

fn has_mark(expr: &Expr) -> bool {
    expr.exists(|expr| Ok(is_mark(expr))).unwrap_or(false)
}

fn has_marks(node: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    node.apply_expressions(|expr| {
        found |= has_mark(expr);
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    Ok(found)
}

/// A projection with the values in the place of its marks.
fn in_projection(node: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let columns = node.inputs().first().map_or_else(DFSchema::empty, |input| input.schema().as_ref().clone());
    let names = NamePreserver::new_for_projection();
    node.map_expressions(|expr| {
        let name = names.save(&expr);
        Ok(expr.transform_up(|part| value(part, &columns))?.update_data(|expr| name.restore(expr)))
    })
}

/// An aggregation whose marks are columns of what it reads: a query inside an aggregate cannot be joined with.
fn below_aggregate(aggregate: Aggregate) -> Result<Transformed<LogicalPlan>> {
    let mut marks: Vec<Expr> = Vec::new();
    let names = NamePreserver::new_for_projection();
    let Aggregate { input, group_expr, aggr_expr, .. } = aggregate;
    let mut read = |expr: Expr| {
        let name = names.save(&expr);
        let read = expr.transform_up(|part| {
            if !is_mark(&part) {
                return Ok(Transformed::no(part));
            }
            let at = marks.iter().position(|mark| *mark == part).unwrap_or_else(|| {
                marks.push(part);
                marks.len() - 1
            });
            Ok(Transformed::yes(col(format!("{MARK}_{at}"))))
        })?;
        Ok(name.restore(read.data))
    };
    let group_expr = group_expr.into_iter().map(&mut read).collect::<Result<Vec<_>>>()?;
    let aggr_expr = aggr_expr.into_iter().map(&mut read).collect::<Result<Vec<_>>>()?;
    let columns = input.schema().columns().into_iter().map(Expr::Column);
    let marks = marks.into_iter().enumerate().map(|(at, mark)| mark.alias(format!("{MARK}_{at}")));
    let marked = LogicalPlanBuilder::from(input).project(columns.chain(marks).collect::<Vec<_>>())?.build()?;
    let marked = in_projection(marked)?.data;
    Ok(Transformed::yes(LogicalPlan::Aggregate(Aggregate::try_new(Arc::new(marked), group_expr, aggr_expr)?)))
}

/// What `in` and `exists` come to, as a value.
fn value(expr: Expr, columns: &DFSchema) -> Result<Transformed<Expr>> {
    let (value, negated) = match expr {
        Expr::Exists(Exists { subquery, negated }) => (any(&subquery, None, Vec::new())?, negated),
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => (is_in(*expr, &subquery, columns)?, negated),
        other => return Ok(Transformed::no(other)),
    };
    Ok(Transformed::yes(if negated { not(value) } else { value }))
}

/// Whether a value is among those of a query: unknown, if it is none of them and one of the two is null.
fn is_in(of: Expr, query: &Subquery, columns: &DFSchema) -> Result<Expr> {
    let (qualifier, field) = query.subquery.schema().qualified_field(0);
    let listed = Expr::Column(Column::new(qualifier.cloned(), field.name()));
    let (outer, references) = from_outside(of.clone(), columns)?;
    let is_equal = any(query, Some(listed.clone().eq(outer)), references)?;
    let may_be_null = of.nullable(columns)?;
    if !may_be_null && !field.is_nullable() {
        return Ok(is_equal);
    }
    let unknown = Expr::Literal(ScalarValue::Boolean(None), None);
    let has_null = any(query, Some(listed.is_null()), Vec::new())?;
    when(is_equal, lit(true))
        .when(not(any(query, None, Vec::new())?), lit(false))
        .when(of.is_null().or(has_null), unknown)
        .otherwise(lit(false))
}

/// Whether a query has rows of which the condition is true; with the columns from outside that the condition names.
fn any(query: &Subquery, condition: Option<Expr>, mut references: Vec<Expr>) -> Result<Expr> {
    let rows = LogicalPlanBuilder::from(query.subquery.as_ref().clone());
    let rows = match condition {
        Some(condition) => rows.filter(condition)?,
        None => rows,
    };
    let counted = rows.aggregate(Vec::<Expr>::new(), [count_all().alias(COUNTED)])?;
    let counted = counted.project([col(COUNTED).gt(lit(0_i64)).alias(COUNTED)])?.build()?;
    references.extend(query.outer_ref_columns.iter().cloned());
    Ok(Expr::ScalarSubquery(Subquery {
        subquery: Arc::new(counted),
        outer_ref_columns: references,
        spans: query.spans.clone(),
    }))
}

/// An expression as a query inside sees it, and the columns from outside in it.
fn from_outside(expr: Expr, columns: &DFSchema) -> Result<(Expr, Vec<Expr>)> {
    let mut references = Vec::new();
    let outer = expr.transform_up(|part| {
        let Expr::Column(column) = part else { return Ok(Transformed::no(part)) };
        let (_, field) = columns.qualified_field_from_column(&column)?;
        let reference = Expr::OuterReferenceColumn(Arc::clone(field), column);
        references.push(reference.clone());
        Ok(Transformed::yes(reference))
    })?;
    Ok((outer.data, references))
}
