//! `alter table` and `comment on`: statements about the columns of a table, as the operations that make them.

use std::sync::Arc;

use datafusion::arrow::datatypes::Field;
use datafusion::sql::sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation, ColumnDef, ColumnOption, CommentObject, ObjectName,
};

use super::target::{folded, resolve};
use super::unsupported;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::operations::{alter, describe};
use crate::engine::{ColumnChange, Comments, EngineError, Outcome};

/// Runs `alter table`.
///
/// # Errors
/// As [`alter::alter`], or when the lake has no operation for the change.
pub(super) async fn alter_table(cx: &Context, statement: &AlterTable, gate: &Gate) -> Result<Outcome, EngineError> {
    let relation = resolve(cx, &cx.session.table_reference(&statement.name)?);
    if statement.if_exists && cx.lake.kind(&relation.schema, &relation.identifier)?.is_none() {
        return Ok(Outcome::default());
    }
    let mut changes = Vec::new();
    for operation in &statement.operations {
        changes.extend(self::changes(cx, &relation, operation).await?);
    }
    if changes.is_empty() {
        return Ok(Outcome::default());
    }
    alter::alter(cx, &relation, &changes, gate).await
}

async fn changes(
    cx: &Context,
    relation: &crate::sql::Relation,
    operation: &AlterTableOperation,
) -> Result<Vec<ColumnChange>, EngineError> {
    let existing = cx.table_schema(relation).await?;
    let fields = || existing.iter().flat_map(|schema| schema.fields());
    let exists = |name: &str| fields().any(|field| field.name().eq_ignore_ascii_case(name));
    Ok(match operation {
        AlterTableOperation::AddColumn { if_not_exists, column_def, .. } => {
            let change = added(cx, column_def)?;
            let is_there = matches!(&change, ColumnChange::Add { field, .. } if exists(field.name()));
            if *if_not_exists && is_there { Vec::new() } else { vec![change] }
        }
        AlterTableOperation::DropColumn { column_names, if_exists, .. } => {
            let names = column_names.iter().map(folded).filter(|name| !if_exists || exists(name));
            names.map(|name| ColumnChange::Drop { name }).collect()
        }
        AlterTableOperation::RenameColumn { old_column_name, new_column_name } => {
            vec![ColumnChange::Rename { name: folded(old_column_name), new: folded(new_column_name) }]
        }
        AlterTableOperation::AlterColumn { column_name, op } => {
            let name = folded(column_name);
            match op {
                AlterColumnOperation::SetNotNull => vec![ColumnChange::Nullable { name, nullable: false }],
                AlterColumnOperation::DropNotNull => vec![ColumnChange::Nullable { name, nullable: true }],
                AlterColumnOperation::SetDataType { data_type, using: None, .. } => {
                    let data_type = cx.session.data_type(&data_type.to_string(), &name)?;
                    vec![ColumnChange::Retype { field: Arc::new(Field::new(name, data_type, true)) }]
                }
                other => return Err(unsupported(&format!("alter column … {other}"))),
            }
        }
        other => return Err(unsupported(&format!("alter table … {other}"))),
    })
}

fn added(cx: &Context, column: &ColumnDef) -> Result<ColumnChange, EngineError> {
    let name = folded(&column.name);
    let data_type = cx.session.data_type(&column.data_type.to_string(), &name)?;
    let (mut nullable, mut default) = (true, None);
    for option in &column.options {
        match &option.option {
            ColumnOption::Null => {}
            ColumnOption::NotNull => nullable = false,
            ColumnOption::Default(value) => default = Some(value.to_string()),
            other => return Err(unsupported(&format!("add column … {other}"))),
        }
    }
    Ok(ColumnChange::Add { field: Arc::new(Field::new(name, data_type, nullable)), default })
}

/// Runs `comment on`.
///
/// # Errors
/// As [`describe::describe`], or when the object is none that the lake describes.
pub(super) async fn comment(
    cx: &Context,
    object: &CommentObject,
    name: &ObjectName,
    comment: Option<&str>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let comment = comment.unwrap_or_default().to_owned();
    match object {
        CommentObject::Table | CommentObject::View | CommentObject::MaterializedView => {
            let relation = resolve(cx, &cx.session.table_reference(name)?);
            let comments = Comments { relation: Some(comment), columns: Vec::new() };
            describe::describe(cx, &relation, &comments, gate).await
        }
        CommentObject::Column => {
            let mut parts = name.0.clone();
            let column = parts.pop().and_then(|part| part.as_ident().map(folded));
            let (Some(column), false) = (column, parts.is_empty()) else {
                return Err(unsupported("comment on a column without its table"));
            };
            let relation = resolve(cx, &cx.session.table_reference(&ObjectName(parts))?);
            let comments = Comments { relation: None, columns: vec![(column, comment)] };
            describe::describe(cx, &relation, &comments, gate).await
        }
        other => Err(unsupported(&format!("comment on {other}"))),
    }
}
