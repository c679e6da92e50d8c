//! `pivot` and `unpivot`, which need to know the columns of what they turn round: they are planned, not translated.
//!
//! In `t pivot (sum(n) for k in ('a', 'b' as x))` each value makes a column, and the columns that are named nowhere make the groups. A
//! column has the name of its value; with several aggregates, or one that has a name, the aggregate's behind it (`a_total`), as DuckDB
//! and Databricks have it. `unpivot` leaves out nulls unless it includes them.

use std::collections::HashSet;

use datafusion::common::{Column, DFSchema, Result, ScalarValue, UnnestOptions, plan_err};
use datafusion::functions::core::expr_fn::coalesce;
use datafusion::functions_nested::expr_fn::make_array;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::planner::{PlannedRelation, RelationPlanner, RelationPlannerContext, RelationPlanning};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::sql::sqlparser::ast::{self, ExprWithAlias, Ident, NullInclusion, PivotValueSource, TableFactor};

/// See the module.
#[derive(Debug)]
pub(in crate::engine::datafusion) struct Pivots;

impl RelationPlanner for Pivots {
    fn plan_relation(
        &self,
        relation: TableFactor,
        context: &mut dyn RelationPlannerContext,
    ) -> Result<RelationPlanning> {
        let (plan, alias) = match relation {
            TableFactor::Pivot {
                table,
                aggregate_functions,
                value_column,
                value_source: PivotValueSource::List(values),
                default_on_null,
                alias,
            } => {
                let input = context.plan(*table)?;
                let pivot =
                    Pivot { aggregates: aggregate_functions, key: value_column, values, default: default_on_null };
                (pivot.plan(input, context)?, alias)
            }
            TableFactor::Pivot { .. } => {
                return plan_err!(
                    "the columns of a `pivot` are known before it runs: list the values, `for k in ('a', 'b')`"
                );
            }
            TableFactor::Unpivot { table, value, name, columns, null_inclusion, alias } => {
                let input = context.plan(*table)?;
                let ast::Expr::Identifier(value) = value else {
                    return plan_err!("`unpivot` makes one column of values: `unpivot (value for name in (a, b))`");
                };
                let made = [context.normalize_ident(name), context.normalize_ident(value)];
                let nulls = matches!(null_inclusion, Some(NullInclusion::IncludeNulls));
                (unpivot(input, made, columns, nulls, context)?, alias)
            }
            other => return Ok(RelationPlanning::Original(Box::new(other))),
        };
        Ok(RelationPlanning::Planned(Box::new(PlannedRelation::new(plan, alias))))
    }
}

/// What stands in the brackets of a `pivot`.
struct Pivot {
    aggregates: Vec<ExprWithAlias>,
    key: Vec<ast::Expr>,
    values: Vec<ExprWithAlias>,
    default: Option<ast::Expr>,
}

impl Pivot {
    fn plan(self, input: LogicalPlan, context: &mut dyn RelationPlannerContext) -> Result<LogicalPlan> {
        let columns = input.schema().as_ref().clone();
        let Ok([key]) = <[ast::Expr; 1]>::try_from(self.key) else {
            return plan_err!("`pivot` goes by the values of one column");
        };
        let key = context.sql_to_expr(key, &columns)?;
        let mut aggregates = Vec::new();
        for ExprWithAlias { expr, alias } in self.aggregates {
            let Expr::AggregateFunction(aggregate) = context.sql_to_expr(expr, &columns)?.unalias() else {
                return plan_err!("`pivot` takes aggregates: `pivot (sum(n) for k in ('a', 'b'))`");
            };
            aggregates.push((aggregate, alias.map(|alias| context.normalize_ident(alias))));
        }
        let of: Vec<Expr> =
            aggregates.iter().map(|(aggregate, _)| Expr::AggregateFunction(aggregate.clone())).collect();
        let groups = others(&columns, of.iter().chain([&key]));
        let has_one = aggregates.len() == 1;
        let (mut cells, mut names) = (Vec::new(), Vec::new());
        for ExprWithAlias { expr, alias } in self.values {
            let value = context.sql_to_expr(expr, &columns)?;
            let value_name = label(&value, alias, context);
            for (aggregate, alias) in &aggregates {
                let name = match alias {
                    Some(alias) => format!("{value_name}_{alias}"),
                    None if has_one => value_name.clone(),
                    None => format!("{value_name}_{}", aggregate.func.name()),
                };
                cells.push(of_rows(aggregate, key.clone().eq(value.clone())).alias(&name));
                names.push(name);
            }
        }
        let plan = LogicalPlanBuilder::from(input).aggregate(groups.clone(), cells)?;
        let Some(default) = self.default else { return plan.build() };
        let default = context.sql_to_expr(default, &columns)?;
        let filled = names.iter().map(|name| {
            let cell = Expr::Column(Column::new_unqualified(name));
            coalesce(vec![cell, default.clone()]).alias(name)
        });
        plan.project(groups.into_iter().chain(filled).collect::<Vec<_>>())?.build()
    }
}

/// The aggregate of the rows that a condition is true of.
fn of_rows(aggregate: &AggregateFunction, condition: Expr) -> Expr {
    let mut aggregate = aggregate.clone();
    let filter = match aggregate.params.filter.take() {
        Some(filter) => filter.and(condition),
        None => condition,
    };
    aggregate.params.filter = Some(Box::new(filter));
    Expr::AggregateFunction(aggregate)
}

/// A row for each of the columns, with its name and its value.
fn unpivot(
    input: LogicalPlan,
    [name, value]: [String; 2],
    columns: Vec<ExprWithAlias>,
    nulls: bool,
    context: &mut dyn RelationPlannerContext,
) -> Result<LogicalPlan> {
    let schema = input.schema().as_ref().clone();
    let (mut labels, mut values) = (Vec::new(), Vec::new());
    for ExprWithAlias { expr, alias } in columns {
        let of = context.sql_to_expr(expr, &schema)?;
        labels.push(lit(label(&of, alias, context)));
        values.push(of);
    }
    let mut kept = others(&schema, &values);
    kept.extend([make_array(labels).alias(&name), make_array(values).alias(&value)]);
    let made = [&name, &value].map(Column::new_unqualified).to_vec();
    let plan =
        LogicalPlanBuilder::from(input).project(kept)?.unnest_columns_with_options(made, UnnestOptions::default())?;
    if nulls {
        return plan.build();
    }
    plan.filter(Expr::Column(Column::new_unqualified(&value)).is_not_null())?.build()
}

/// The columns that are not named.
fn others<'a>(columns: &DFSchema, named: impl IntoIterator<Item = &'a Expr>) -> Vec<Expr> {
    let named: HashSet<Column> = named.into_iter().flat_map(|expr| expr.column_refs().into_iter().cloned()).collect();
    columns.columns().into_iter().filter(|column| !named.contains(column)).map(Expr::Column).collect()
}

/// The name of what a value or a column makes.
fn label(of: &Expr, alias: Option<Ident>, context: &dyn RelationPlannerContext) -> String {
    match (alias, of) {
        (Some(alias), _) if alias.quote_style == Some('\'') => alias.value,
        (Some(alias), _) => context.normalize_ident(alias),
        (None, Expr::Column(column)) => column.name.clone(),
        (None, Expr::Literal(value, _)) => text(value),
        (None, other) => other.schema_name().to_string(),
    }
}

fn text(value: &ScalarValue) -> String {
    match value.try_as_str() {
        Some(Some(text)) => text.to_owned(),
        _ => value.to_string(),
    }
}
