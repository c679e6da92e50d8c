//! Makes or replaces a table by rows in memory: a seed.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::datasource::{MemTable, provider_as_source};
use datafusion::logical_expr::LogicalPlanBuilder;

use super::create_table::replace_by_plan;
use super::in_lake;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::storable::conform;
use crate::engine::{DeclaredColumn, EngineError, ErrorKind, Outcome};
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
pub(super) async fn load(cx: &Context, relation: &Relation, rows: Rows, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let schema = declared_schema(cx, &rows)?;
    let batches = rows.batches.iter().map(|batch| conform(batch, &schema)).collect::<Result<Vec<_>, _>>()?;
    let table = MemTable::try_new(schema, vec![batches])?;
    let plan = LogicalPlanBuilder::scan("rows", provider_as_source(Arc::new(table)), None)?.build()?;
    replace_by_plan(cx, relation, &plan, gate).await
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
