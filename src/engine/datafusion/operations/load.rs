//! Makes or replaces a table by rows in memory: a seed.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::LogicalPlanBuilder;

use super::create_table::replace_by_plan;
use super::in_lake;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::storable::conform;
use crate::engine::{DeclaredColumn, EngineError, ErrorKind, Layout, Outcome};
use crate::sql::Relation;

/// Rows in memory.
pub(super) struct Rows {
    /// Their columns.
    pub(super) schema: SchemaRef,
    /// SQL types that some columns shall have instead.
    pub(super) types: Vec<DeclaredColumn>,
    /// The rows.
    pub(super) batches: Vec<RecordBatch>,
}

/// Makes or replaces a table by rows in memory.
///
/// # Errors
/// [`ErrorKind::Plan`] when a declared type does not exist, [`ErrorKind::Execution`] when a value does not fit it.
pub(super) async fn load(
    cx: &Context,
    relation: &Relation,
    rows: Rows,
    layout: &Layout,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let schema = declared_schema(cx, &rows)?;
    let conformed = |batch: &RecordBatch| conform(&with_seconds(batch, &schema)?, &schema);
    let batches = rows.batches.iter().map(conformed).collect::<Result<Vec<_>, _>>()?;
    let table = MemTable::try_new(schema, vec![batches])?;
    let plan = LogicalPlanBuilder::scan("rows", provider_as_source(Arc::new(table)), None)?.build()?;
    replace_by_plan(cx, relation, &plan, layout, gate).await
}

/// Texts that are to be moments and say no seconds, as `2021-01-01 00:00`, get them: the cast asks for them.
fn with_seconds(batch: &RecordBatch, schema: &Schema) -> Result<RecordBatch, EngineError> {
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| {
        match (field.data_type(), column.as_string_opt::<i32>()) {
            (DataType::Timestamp(..), Some(texts)) => {
                Arc::new(texts.iter().map(|text| text.map(completed)).collect::<StringArray>()) as ArrayRef
            }
            _ => Arc::clone(column),
        }
    });
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(batch.schema(), columns.collect(), &rows)?)
}

fn completed(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let ends_with_minutes = bytes.len() == 16 && matches!(bytes[10], b' ' | b'T') && bytes[13] == b':';
    if ends_with_minutes { Cow::Owned(format!("{text}:00")) } else { Cow::Borrowed(text) }
}

fn declared_schema(cx: &Context, rows: &Rows) -> Result<SchemaRef, EngineError> {
    let mut fields: Vec<Field> = rows.schema.fields().iter().map(|field| field.as_ref().clone()).collect();
    for DeclaredColumn { name, data_type } in &rows.types {
        let Some(field) = fields.iter_mut().find(|field| field.name() == name) else {
            return Err(EngineError::new(
                ErrorKind::Plan,
                format!("a type is declared for column `{name}`, which is not there"),
            ));
        };
        if let Some(text) = data_type {
            *field = Field::new(name, cx.session.data_type(text, name)?, true);
        }
    }
    Ok(Arc::new(Schema::new(fields)))
}
