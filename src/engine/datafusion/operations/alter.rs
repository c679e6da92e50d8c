//! Changes the columns of a table.
//!
//! A new column without values, and one that may hold nulls from now on, are a change of the table's metadata alone. Everything else
//! writes the rows anew under the new columns, in one commit.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast, lit};
use datafusion::scalar::ScalarValue;
use deltalake::DeltaTable;
use deltalake::kernel::StructField;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use serde_json::json;

use super::rewrite::rewrite;
use super::{describe, in_lake, layout, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::{ColumnChange, EngineError, ErrorKind, Outcome};
use crate::sql::{Dialect, Relation};

/// Makes the changes, one after the other, in one commit.
///
/// # Errors
/// When there is no such table or column, or values do not fit a new type.
pub(super) async fn alter(
    cx: &Context,
    relation: &Relation,
    changes: &[ColumnChange],
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let table = open_table(cx, relation).await?;
    let schema = table.snapshot()?.snapshot().arrow_schema();
    keeps_partitions(&table, changes)?;
    let mut altered = Altered::new(cx, relation, &schema);
    changes.iter().try_for_each(|change| altered.apply(change))?;
    if altered.rewrites {
        return altered.write(gate).await;
    }
    let added = altered.columns.iter().skip(schema.fields().len());
    let added: Vec<FieldRef> = added.map(|column| Arc::clone(&column.field)).collect();
    if added.is_empty() {
        return describe::set_schema(cx, relation, &altered.schema(), None, gate).await;
    }
    let stored = storable_schema(&Schema::new(added))?;
    let fields: Vec<StructField> = stored
        .fields()
        .iter()
        .map(|field| field.as_ref().try_into_kernel())
        .collect::<Result<_, _>>()
        .map_err(|error| EngineError::new(ErrorKind::Plan, format!("the column cannot be stored: {error}")))?;
    let table = cx.tables.gated(relation, table, gate)?.add_columns().with_fields(fields).await?;
    cx.tables.remember(&relation.schema, &relation.identifier, &table);
    let mut outcome = Outcome::default();
    outcome.response.insert("version".to_owned(), json!(table.version()));
    Ok(outcome)
}

/// Partition columns are in the names of files: they neither go nor have another name.
fn keeps_partitions(table: &DeltaTable, changes: &[ColumnChange]) -> Result<(), EngineError> {
    let partitions = layout::stored(table)?.partition_by;
    let changed = changes.iter().find_map(|change| match change {
        ColumnChange::Drop { name } | ColumnChange::Rename { name, .. } => {
            partitions.iter().find(|column| column.name.eq_ignore_ascii_case(name))
        }
        _ => None,
    });
    match changed {
        None => Ok(()),
        Some(column) => {
            let message = format!(
                "the table is partitioned by column `{}`, which neither goes nor has another name",
                column.name
            );
            Err(EngineError::new(ErrorKind::Plan, message).help("make the table anew, a model with `--full-refresh`"))
        }
    }
}

/// A column with where its values come from.
struct AlteredColumn {
    field: FieldRef,
    value: Expr,
}

/// The columns of a table on their way.
struct Altered<'a> {
    cx: &'a Context,
    relation: &'a Relation,
    columns: Vec<AlteredColumn>,
    rewrites: bool,
}

impl<'a> Altered<'a> {
    fn new(cx: &'a Context, relation: &'a Relation, schema: &SchemaRef) -> Self {
        let column = |field: &FieldRef| AlteredColumn {
            field: Arc::clone(field),
            value: Expr::Column(Column::from_name(field.name())),
        };
        Altered { cx, relation, columns: schema.fields().iter().map(column).collect(), rewrites: false }
    }

    fn apply(&mut self, change: &ColumnChange) -> Result<(), EngineError> {
        match change {
            ColumnChange::Add { field, default } => self.add(field, default.as_deref()),
            ColumnChange::Drop { name } => {
                let at = self.find(name)?;
                if self.columns.len() == 1 {
                    let message = format!("`{name}` is the only column of `{}`", self.relation);
                    return Err(EngineError::new(ErrorKind::Plan, message).help("drop the table"));
                }
                self.columns.remove(at);
                self.rewrites = true;
                Ok(())
            }
            ColumnChange::Rename { name, new } => {
                let at = self.find(name)?;
                if !name.eq_ignore_ascii_case(new) {
                    self.check_new(new)?;
                }
                let field = self.columns[at].field.as_ref().clone().with_name(new);
                self.columns[at].field = Arc::new(field);
                self.rewrites = true;
                Ok(())
            }
            ColumnChange::Retype { field } => {
                let at = self.find(field.name())?;
                let known = self.columns[at].field.as_ref().clone();
                self.columns[at].field = Arc::new(known.with_data_type(field.data_type().clone()));
                let value = self.columns[at].value.clone();
                self.columns[at].value = cast(value, field.data_type().clone());
                self.rewrites = true;
                Ok(())
            }
            ColumnChange::Nullable { name, nullable } => {
                let at = self.find(name)?;
                let known = self.columns[at].field.as_ref().clone();
                self.rewrites |= known.is_nullable() && !nullable;
                self.columns[at].field = Arc::new(known.with_nullable(*nullable));
                Ok(())
            }
        }
    }

    fn add(&mut self, field: &FieldRef, default: Option<&str>) -> Result<(), EngineError> {
        self.check_new(field.name())?;
        let value = match default {
            Some(default) => {
                self.rewrites = true;
                let empty = datafusion::common::DFSchema::empty();
                self.cx.session.state().create_logical_expr(default, &empty)?
            }
            None => lit(ScalarValue::Null),
        };
        let value = cast(value, field.data_type().clone());
        self.columns.push(AlteredColumn { field: Arc::clone(field), value });
        self.rewrites |= !field.is_nullable();
        Ok(())
    }

    /// The column of this name; Delta has no two whose names differ in case alone.
    fn find(&self, name: &str) -> Result<usize, EngineError> {
        let at = self.columns.iter().position(|column| column.field.name().eq_ignore_ascii_case(name));
        at.ok_or_else(|| EngineError::new(ErrorKind::Plan, format!("`{}` has no column `{name}`", self.relation)))
    }

    fn check_new(&self, name: &str) -> Result<(), EngineError> {
        if self.columns.iter().any(|column| column.field.name().eq_ignore_ascii_case(name)) {
            let message = format!("`{}` has a column `{name}` already", self.relation);
            return Err(EngineError::new(ErrorKind::Plan, message));
        }
        Ok(())
    }

    fn schema(&self) -> Schema {
        Schema::new(self.columns.iter().map(|column| Arc::clone(&column.field)).collect::<Vec<_>>())
    }

    async fn write(&self, gate: &Gate) -> Result<Outcome, EngineError> {
        let rows = format!("select * from {}", self.relation.render(Dialect::Generic));
        let plan = self.cx.session.plan(&rows).await?;
        let qualifier = plan.schema().iter().next().and_then(|(qualifier, _)| qualifier.cloned());
        let values = self.columns.iter().map(|column| {
            let value = super::execute::qualified(column.value.clone(), qualifier.as_ref())?;
            Ok(value.alias(column.field.name()))
        });
        let values = values.collect::<Result<Vec<_>, EngineError>>()?;
        let plan = LogicalPlanBuilder::from(plan).project(values)?.build()?;
        let kept = self.schema();
        // What can be stored, with what is known of each column.
        let stored = storable_schema(&kept)?;
        let fields = stored.fields().iter().zip(kept.fields()).map(|(stored, kept)| {
            let field = Field::new(kept.name(), stored.data_type().clone(), kept.is_nullable());
            field.with_metadata(kept.metadata().clone())
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let outcome = rewrite(self.cx, self.relation, &plan, schema, gate).await?;
        Ok(Outcome { rows: None, ..outcome })
    }
}
