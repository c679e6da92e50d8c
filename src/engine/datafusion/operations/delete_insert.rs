//! Removes rows of a table and appends the rows of a query, in one commit.
//!
//! The query runs once, into a temporary file. With a key, a merge does both: the file's keys, each once, are what deletes, and its
//! rows are what is inserted. With conditions alone, the rows that stay and the new ones take the table's place; where no row has to
//! go, the new ones are only appended.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast, lit};
use datafusion::prelude::DataFrame;
use datafusion::scalar::ScalarValue;
use deltalake::DeltaTable;
use deltalake::operations::merge::MergeBuilder;
use serde_json::json;

use super::execute::count_rows;
use super::layout;
use super::merge::{SOURCE, TARGET, bare, column, condition, known};
use super::rewrite::rewrite;
use super::write::{self, Change, Uncommitted};
use super::{in_lake, widen};
use crate::engine::datafusion::assignment;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::staging::Staged;
use crate::engine::{Delete, EngineError, Outcome};
use crate::sql::{Dialect, Relation};

/// The column that tells keys that delete from rows that are inserted.
const DELETES: &str = "__transform_deletes";

/// Removes the rows that `delete` says and appends those of the query.
///
/// # Errors
/// When there is no such table, the query or a condition fails, or the table's columns cannot hold the rows as they are.
pub(super) async fn delete_insert(
    cx: &Context,
    relation: &Relation,
    query: &str,
    delete: &Delete,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let table = widen::widened(cx, relation, plan.schema().as_arrow(), gate).await?;
    let schema = table.snapshot()?.snapshot().arrow_schema();
    let key = known(&schema, &delete.unique_key, "unique_key")?;
    assignment::check(plan.schema().as_arrow(), &schema)?;
    let rows = RowSource::new(Arc::clone(&schema), gate.stop());
    let staged = Staged::fill(cx, &plan, &rows).await.map_err(|error| rows.explain(error))?;
    if !key.is_empty() {
        if rows.rows() == 0 {
            return Ok(Outcome { rows: Some(0), ..Outcome::default() });
        }
        let uncommitted = Uncommitted::watch(cx, relation, gate)?;
        let gated = cx.tables.gated(relation, table, gate)?;
        let merging = by_key(cx, relation, &gated, (&schema, &key), delete, staged.read(cx, gate.stop())?);
        return uncommitted.unless_stopped(merging).await;
    }
    let new = staged.read(cx, gate.stop())?.into_unoptimized_plan();
    let source = RowSource::new(Arc::clone(&schema), gate.stop());
    if delete.predicates.is_empty() {
        return write::write(cx, relation, &new, source, Change::Append, gate).await;
    }
    let name = relation.render(Dialect::Generic);
    let predicate = delete.predicates.iter().map(|text| format!("({text})")).collect::<Vec<_>>().join(" and ");
    let deleted = count_rows(cx, &format!("select 1 from {name} as {TARGET} where {predicate}")).await?;
    if deleted == 0 {
        return write::write(cx, relation, &new, source, Change::Append, gate).await;
    }
    let kept = cx.session.plan(&format!("select * from {name} as {TARGET} where ({predicate}) is not true")).await?;
    let all = LogicalPlanBuilder::from(kept).union(new)?.build()?;
    let mut outcome = rewrite(cx, relation, &all, Arc::clone(&schema), gate).await?;
    outcome.response.insert("rows_deleted".to_owned(), json!(deleted));
    Ok(Outcome { rows: Some(rows.rows()), ..outcome })
}

async fn by_key(
    cx: &Context,
    relation: &Relation,
    table: &DeltaTable,
    (schema, key): (&SchemaRef, &[String]),
    delete: &Delete,
    rows: DataFrame,
) -> Result<Outcome, EngineError> {
    let state = cx.session.state();
    let both = DFSchema::try_from_qualified_schema(TARGET, schema)?;
    let conditions = delete.predicates.iter().map(|text| condition(&state, text, &both));
    let conditions = conditions.collect::<Result<Vec<_>, _>>()?;
    let on = key
        .iter()
        .map(|name| column(TARGET, name).eq(column(SOURCE, name)))
        .chain(conditions)
        .fold(column(SOURCE, DELETES), Expr::and);
    let builder = MergeBuilder::new(
        table.log_store(),
        Some(table.snapshot()?.snapshot().clone()),
        on,
        deletes_and_inserts(schema, key, rows)?,
    )
    .with_source_alias(SOURCE)
    .with_target_alias(TARGET)
    .with_writer_properties(layout::writer_properties_of(table)?)
    .with_session_state(Arc::new(state))
    .when_matched_delete(|delete| delete)?
    .when_not_matched_insert(|insert| {
        let insert = insert.predicate(Expr::Not(Box::new(column(SOURCE, DELETES))));
        let fields = schema.fields().iter();
        fields.fold(insert, |insert, field| insert.set(bare(field.name()), column(SOURCE, field.name())))
    })?;
    let (table, metrics) = builder.await?;
    cx.tables.remember(&relation.schema, &relation.identifier, &table);
    let inserted = metrics.num_target_rows_inserted;
    let mut outcome = Outcome { rows: Some(inserted as u64), ..Outcome::default() };
    outcome.response.insert("version".to_owned(), json!(table.version()));
    outcome.response.insert("rows_inserted".to_owned(), json!(inserted));
    outcome.response.insert("rows_deleted".to_owned(), json!(metrics.num_target_rows_deleted));
    Ok(outcome)
}

/// The rows, each of which is inserted, and their keys, each once, which delete.
fn deletes_and_inserts(schema: &SchemaRef, key: &[String], rows: DataFrame) -> Result<DataFrame, EngineError> {
    let own = |name: &String| Expr::Column(Column::from_name(name));
    let names = || schema.fields().iter().map(|field| field.name());
    let mut inserts: Vec<Expr> = names().map(own).collect();
    inserts.push(lit(false).alias(DELETES));
    let keys = rows.clone().aggregate(key.iter().map(own).collect(), Vec::new())?;
    let mut deletes: Vec<Expr> = schema
        .fields()
        .iter()
        .map(|field| match key.contains(field.name()) {
            true => own(field.name()),
            false => cast(lit(ScalarValue::Null), field.data_type().clone()).alias(field.name()),
        })
        .collect();
    deletes.push(lit(true).alias(DELETES));
    Ok(rows.select(inserts)?.union(keys.select(deletes)?)?)
}
