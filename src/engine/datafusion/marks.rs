//! `in` and `exists` of a query where a value is asked for: `select id in (select …)`, `sum(case when exists (select …) then 1 end)`.
//!
//! DataFusion joins with such a query where it decides which rows stay, and cannot run it elsewhere. Here it becomes queries of one value,
//! which are understood everywhere: whether there are rows, whether one is equal, whether one is null. Together they give the three values
//! that SQL has for `in`. Where it decides about rows it stays, unless something else is made of the answer: `(k in (select …)) is null`.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue, Spans};
use datafusion::functions_aggregate::expr_fn::max;
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    Aggregate, BinaryExpr, Expr, ExprSchemable, FetchType, Filter, LogicalPlan, LogicalPlanBuilder, Operator,
    Projection, SkipType, Sort, Subquery, col, lit, not, when,
};
use datafusion::optimizer::AnalyzerRule;

use super::plan_message::dependent_query;

/// The column of a query that values are looked for in.
const LISTED: &str = "__listed";
/// The column of a query that tells whether there are rows.
const FOUND: &str = "__found";
/// How the columns begin that an aggregation reads its marks from.
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
            node if !has_marks(&node)? => Ok(Transformed::no(node)),
            LogicalPlan::Projection(_) => in_projection(node),
            LogicalPlan::Aggregate(aggregate) => below_aggregate(aggregate),
            LogicalPlan::Filter(Filter { predicate, input, .. }) => {
                let predicate = decided(predicate, input.schema(), Under::Nothing)?;
                Ok(Transformed::yes(LogicalPlan::Filter(Filter::try_new(predicate, input)?)))
            }
            node => Ok(Transformed::no(node)),
        })?;
        if !valued.transformed {
            return Ok(valued.data);
        }
        // Of a value it may be another thing than of a mark whether it can be null.
        Ok(valued.data.transform_up_with_subqueries(|node| Ok(Transformed::yes(node.recompute_schema()?)))?.data)
    }
}

/// What a condition is a part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    /// All parts have to be true.
    Nothing,
    /// Another part may be true instead.
    Or,
}

/// A condition on rows, with values in the place of the marks that the planner cannot join with: of those that it joins with, unknown is
/// false, which is right for what is asked about rows, but not for what is made of it.
fn decided(condition: Expr, columns: &DFSchema, under: Under) -> Result<Expr> {
    match condition {
        Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::And | Operator::Or), right }) => {
            let under = if op == Operator::Or { Under::Or } else { under };
            let (left, right) = (decided(*left, columns, under)?, decided(*right, columns, under)?);
            Ok(Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right))))
        }
        Expr::Not(inner) if is_mark(&inner) => decided(negation(*inner), columns, under),
        Expr::InSubquery(InSubquery { ref subquery, negated, .. }) if !negated || under == Under::Nothing => {
            check(subquery)?;
            Ok(condition)
        }
        Expr::Exists(Exists { subquery, negated }) if gives_one_row(&subquery.subquery) => Ok(lit(!negated)),
        Expr::Exists(Exists { subquery, negated }) => Ok(Expr::Exists(Exists { subquery: asked(subquery)?, negated })),
        other => Ok(other.transform_up(|part| value(part, columns))?.data),
    }
}

/// A query as `exists` asks it, to which neither columns nor order nor a limit make a difference.
fn asked(query: Subquery) -> Result<Subquery> {
    check(&query)?;
    let mut rows = &query.subquery;
    loop {
        rows = match rows.as_ref() {
            LogicalPlan::Sort(Sort { input, fetch: None, .. }) | LogicalPlan::Projection(Projection { input, .. }) => {
                input
            }
            LogicalPlan::Limit(limit)
                if matches!(limit.get_skip_type()?, SkipType::Literal(0))
                    && matches!(limit.get_fetch_type()?, FetchType::Literal(Some(1..))) =>
            {
                &limit.input
            }
            _ => break,
        };
    }
    Ok(Subquery { subquery: Arc::clone(rows), ..query })
}

/// Refuses a query that numbers rows before they are compared with those around it: the planner would number all of them.
fn check(query: &Subquery) -> Result<()> {
    let is_before = |node: &LogicalPlan| match node {
        LogicalPlan::Window(window) => window.input.exists(|node| Ok(node.contains_outer_reference())),
        _ => Ok(false),
    };
    let is_numbered = !query.outer_ref_columns.is_empty() && query.subquery.exists(is_before)?;
    if is_numbered { Err(dependent_query().into()) } else { Ok(()) }
}

/// Whether a query is an aggregation without groups, which has one row of whatever it reads.
fn gives_one_row(query: &LogicalPlan) -> bool {
    match query {
        LogicalPlan::Projection(projection) => gives_one_row(&projection.input),
        LogicalPlan::SubqueryAlias(aliased) => gives_one_row(&aliased.input),
        LogicalPlan::Sort(Sort { input, fetch: None, .. }) => gives_one_row(input),
        LogicalPlan::Aggregate(aggregate) => aggregate.group_expr.is_empty(),
        _ => false,
    }
}

/// The opposite of a condition.
fn negation(condition: Expr) -> Expr {
    match condition {
        Expr::InSubquery(query) => Expr::InSubquery(InSubquery { negated: !query.negated, ..query }),
        Expr::Exists(query) => Expr::Exists(Exists { negated: !query.negated, ..query }),
        other => not(other),
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
        Expr::Exists(Exists { subquery, negated }) if gives_one_row(&subquery.subquery) => (lit(true), negated),
        Expr::Exists(Exists { subquery, negated }) => (any(&Rows::of(&asked(subquery)?))?, negated),
        Expr::InSubquery(InSubquery { expr, subquery, negated }) => (is_in(*expr, &subquery, columns)?, negated),
        other => return Ok(Transformed::no(other)),
    };
    Ok(Transformed::yes(if negated { not(value) } else { value }))
}

/// Whether a value is among those of a query: unknown, if it is none of them and one of the two is null.
fn is_in(of: Expr, query: &Subquery, columns: &DFSchema) -> Result<Expr> {
    check(query)?;
    if !query.outer_ref_columns.is_empty() && gives_one_row(&query.subquery) {
        return Err(dependent_query().into());
    }
    let rows = Rows::listed(query)?;
    let (outer, references) = from_outside(of.clone(), columns)?;
    let is_equal = any(&rows.only(col(LISTED).eq(outer), references)?)?;
    let may_be_null = query.subquery.schema().fields().iter().any(|field| field.is_nullable());
    if !may_be_null && !of.nullable(columns)? {
        return Ok(is_equal);
    }
    let unknown = Expr::Literal(ScalarValue::Boolean(None), None);
    let has_null = any(&rows.only(col(LISTED).is_null(), Vec::new())?)?;
    when(is_equal, lit(true))
        .when(not(any(&rows)?), lit(false))
        .when(of.is_null().or(has_null), unknown)
        .otherwise(lit(false))
}

/// Rows of a query.
struct Rows {
    rows: LogicalPlanBuilder,
    /// The columns from outside that they refer to.
    references: Vec<Expr>,
}

impl Rows {
    fn of(query: &Subquery) -> Self {
        let rows = LogicalPlanBuilder::from(query.subquery.as_ref().clone());
        Rows { rows, references: query.outer_ref_columns.clone() }
    }

    /// Those of a query of one column, under a name that is no column's outside: what is compared with it could be of the same table.
    fn listed(query: &Subquery) -> Result<Self> {
        let Rows { rows, references } = Rows::of(query);
        let column = query.subquery.schema().columns().into_iter().map(|column| Expr::Column(column).alias(LISTED));
        Ok(Rows { rows: rows.project(column)?, references })
    }

    /// Those of which a condition is true, with the columns from outside in the condition.
    fn only(&self, condition: Expr, references: Vec<Expr>) -> Result<Self> {
        let rows = self.rows.clone().filter(condition)?;
        Ok(Rows { rows, references: self.references.iter().cloned().chain(references).collect() })
    }
}

/// Whether there are rows.
fn any(rows: &Rows) -> Result<Expr> {
    let found = rows.rows.clone().aggregate(Vec::<Expr>::new(), [max(lit(1)).alias(FOUND)])?.build()?;
    let outer_ref_columns = rows.references.clone();
    let query = Subquery { subquery: Arc::new(found), outer_ref_columns, spans: Spans::default() };
    Ok(Expr::ScalarSubquery(query).is_not_null())
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
