//! Timestamps have microseconds wherever DataFusion chooses the unit.
//!
//! Where a timestamp meets a text or a date, and in `at time zone`, DataFusion casts to nanoseconds, which end in the year 2262: the
//! comparison with `'9999-12-31'` would fail. The rule turns these casts into casts to microseconds and lets the types settle again.
//! Who wants nanoseconds says so: `arrow_cast(x, 'Timestamp(ns)')`, `to_timestamp_nanos(x)`.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{Cast, Expr, LogicalPlan, TryCast, Union};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercion;

/// See the module. It runs after DataFusion's own rules, which insert the casts.
#[derive(Debug)]
pub(super) struct Microseconds;

impl AnalyzerRule for Microseconds {
    fn name(&self) -> &'static str {
        "microseconds"
    }

    fn analyze(&self, plan: LogicalPlan, config: &ConfigOptions) -> Result<LogicalPlan> {
        // Of most plans there is nothing to change, and to put together the columns of all their nodes anew would be dear.
        if !has_nanoseconds(&plan)? {
            return Ok(plan);
        }
        let recast = plan.transform_up_with_subqueries(recast_node)?;
        TypeCoercion::new().analyze(recast.data, config)
    }
}

/// Whether a plan casts to timestamps of nanoseconds.
fn has_nanoseconds(plan: &LogicalPlan) -> Result<bool> {
    let mut found = false;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            found |= expr.exists(|expr| Ok(wanted(expr).is_some()))?;
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })
    })?;
    Ok(found)
}

/// What an expression is to cast to instead.
fn wanted(expr: &Expr) -> Option<DataType> {
    match expr {
        Expr::Cast(Cast { field, .. }) | Expr::TryCast(TryCast { field, .. }) => micros(field.data_type()),
        _ => None,
    }
}

/// The node with its casts to microseconds; columns keep their names.
fn recast_node(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let names = NamePreserver::new(&plan);
    let recast = plan.map_expressions(|expr| {
        let name = names.save(&expr);
        Ok(expr.transform_up(|expr| Ok(recast_expr(expr)))?.update_data(|expr| name.restore(expr)))
    })?;
    recast.map_data(|plan| match plan {
        LogicalPlan::Union(union) => union_of_inputs(union),
        other => other.recompute_schema(),
    })
}

/// A union with the types of its first input, which the others are brought to: DataFusion keeps the types that it found first.
fn union_of_inputs(Union { inputs, schema }: Union) -> Result<LogicalPlan> {
    let Some(first) = inputs.first() else { return Ok(LogicalPlan::Union(Union { inputs, schema })) };
    let typed = schema.iter().zip(first.schema().fields()).map(|((qualifier, field), input)| {
        (qualifier.cloned(), Arc::new(field.as_ref().clone().with_data_type(input.data_type().clone())))
    });
    let schema = DFSchema::new_with_metadata(typed.collect(), schema.metadata().clone())?;
    Ok(LogicalPlan::Union(Union { inputs, schema: Arc::new(schema) }))
}

fn recast_expr(expr: Expr) -> Transformed<Expr> {
    let Some(wanted) = wanted(&expr) else { return Transformed::no(expr) };
    match expr {
        Expr::Cast(Cast { expr, .. }) => Transformed::yes(Expr::Cast(Cast::new(expr, wanted))),
        Expr::TryCast(TryCast { expr, .. }) => Transformed::yes(Expr::TryCast(TryCast::new(expr, wanted))),
        other => Transformed::no(other),
    }
}

/// What a timestamp of nanoseconds is to be.
fn micros(data_type: &DataType) -> Option<DataType> {
    match data_type {
        DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
            Some(DataType::Timestamp(TimeUnit::Microsecond, zone.clone()))
        }
        _ => None,
    }
}
