//! Replaces the partitions of a table that a query has rows for, in one commit.
//!
//! The query runs once, into a temporary file. Which partitions its rows are in is a condition on the table's columns: of the files only
//! those are touched that may hold such rows, and where the partitions are the files' own nothing is read again.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::DFSchema;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, lit};
use datafusion::prelude::DataFrame;
use datafusion::scalar::ScalarValue;

use super::execute::qualified;
use super::merge::{TARGET, condition, known};
use super::rewrite::rewrite;
use super::write::{self, Change};
use super::{in_lake, widen};
use crate::engine::datafusion::assignment;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::staging::Staged;
use crate::engine::{EngineError, Outcome, PartitionColumn};
use crate::sql::{Dialect, Relation};

/// Replaces the rows of which the partition is among the query's and all `predicates` are true. Nulls are a partition. Without
/// `partition_by` all rows are one, which is replaced also by no rows.
///
/// # Errors
/// When there is no such table, the query or a predicate fails, or the table's columns cannot hold the rows as they are.
pub(super) async fn overwrite(
    cx: &Context,
    relation: &Relation,
    query: &str,
    (partition_by, predicates): (&[PartitionColumn], &[String]),
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let table = widen::widened(cx, relation, plan.schema().as_arrow(), gate).await?;
    let schema = table.snapshot()?.snapshot().arrow_schema();
    assignment::check(plan.schema().as_arrow(), &schema)?;
    let rows = RowSource::new(Arc::clone(&schema), gate.stop());
    let staged = Staged::fill(cx, &plan, &rows).await.map_err(|error| rows.explain(error))?;
    let keys = keys(cx, partition_by, &schema)?;
    let among = among(&keys, staged.read(cx, gate.stop())?).await?;
    let new = staged.read(cx, gate.stop())?.into_unoptimized_plan();
    match among {
        None => Ok(Outcome { rows: Some(0), ..Outcome::default() }),
        Some(among) if predicates.is_empty() && !keys.is_empty() => {
            let source = RowSource::new(schema, gate.stop());
            write::write(cx, relation, &new, source, Change::ReplaceWhere(Box::new(among)), gate).await
        }
        Some(among) => {
            let all = LogicalPlanBuilder::from(kept(cx, relation, among, (predicates, &schema)).await?).union(new)?;
            let outcome = rewrite(cx, relation, &all.build()?, schema, gate).await?;
            Ok(Outcome { rows: Some(rows.rows()), ..outcome })
        }
    }
}

/// What tells the partitions of rows apart.
fn keys(cx: &Context, partition_by: &[PartitionColumn], schema: &SchemaRef) -> Result<Vec<Expr>, EngineError> {
    let (state, columns) = (cx.session.state(), DFSchema::try_from(schema.as_ref().clone())?);
    let key = |column: &PartitionColumn| {
        let name = known(schema, std::slice::from_ref(&column.name), "partition_by")?.remove(0);
        Ok(state.create_logical_expr(&column.key(&Dialect::Generic.quote(&name)), &columns)?)
    };
    partition_by.iter().map(key).collect()
}

/// The condition on a row that it is in one of the partitions that `rows` are in; `None` where there are none.
async fn among(keys: &[Expr], rows: DataFrame) -> Result<Option<Expr>, EngineError> {
    let [first, others @ ..] = keys else { return Ok(Some(lit(true))) };
    let found = rows.select(keys.to_vec())?.distinct()?.collect().await?;
    let value = |batch: &RecordBatch, row: usize, at: usize| ScalarValue::try_from_array(batch.column(at), row);
    let mut conditions = Vec::new();
    let (mut values, mut has_null) = (Vec::new(), false);
    for (batch, row) in found.iter().flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row))) {
        if !others.is_empty() {
            let same = keys.iter().enumerate().map(|(at, key)| Ok(is(key, value(batch, row, at)?)));
            let same = same.collect::<Result<Vec<_>, EngineError>>()?;
            conditions.extend(same.into_iter().reduce(Expr::and));
        } else if batch.column(0).is_null(row) {
            has_null = true;
        } else {
            values.push(lit(value(batch, row, 0)?));
        }
    }
    conditions.extend((!values.is_empty()).then(|| first.clone().in_list(values, false)));
    conditions.extend(has_null.then(|| first.clone().is_null()));
    Ok(any(conditions))
}

fn is(key: &Expr, value: ScalarValue) -> Expr {
    if value.is_null() { key.clone().is_null() } else { key.clone().eq(lit(value)) }
}

/// One of the conditions, as a tree that is no deeper than it has to be.
fn any(mut conditions: Vec<Expr>) -> Option<Expr> {
    while conditions.len() > 1 {
        let mut pairs = conditions.into_iter();
        let mut half = Vec::new();
        while let Some(left) = pairs.next() {
            half.push(match pairs.next() {
                Some(right) => left.or(right),
                None => left,
            });
        }
        conditions = half;
    }
    conditions.pop()
}

/// The rows that stay.
async fn kept(
    cx: &Context,
    relation: &Relation,
    among: Expr,
    (predicates, schema): (&[String], &SchemaRef),
) -> Result<LogicalPlan, EngineError> {
    let state = cx.session.state();
    let columns = DFSchema::try_from_qualified_schema(TARGET, schema)?;
    let predicates = predicates.iter().map(|text| condition(&state, text, &columns));
    let predicates = predicates.collect::<Result<Vec<_>, _>>()?;
    let goes = predicates.into_iter().fold(qualified(among, Some(&TARGET.into()))?, Expr::and);
    let name = relation.render(Dialect::Generic);
    let all = cx.session.plan(&format!("select * from {name} as {TARGET}")).await?;
    Ok(LogicalPlanBuilder::from(all).filter(goes.is_not_true())?.build()?)
}
