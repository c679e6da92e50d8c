//! Remarks on relations and columns, kept where other readers of the lake look for them: a table's description, `comment` in a
//! column's metadata (as Spark writes it), and the file of a view.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, FieldRef, Schema};
use deltalake::DeltaTableError;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::transaction::CommitBuilder;
use deltalake::kernel::{Action, MetadataExt, StructType};
use deltalake::protocol::DeltaOperation;
use serde_json::json;

use super::{in_lake, no_table, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::delta::DeltaTables;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::Lake;
use crate::engine::{Comments, EngineError, ErrorKind, Outcome, RelationKind};
use crate::sql::Relation;

/// The key of a column's remark.
const COMMENT: &str = "comment";

/// Sets the remarks that are given; the others stay. Nothing is written when they are there already.
///
/// # Errors
/// When there is no such relation or column, or the lake cannot be written to.
pub(super) async fn describe(
    cx: &Context,
    relation: &Relation,
    comments: &Comments,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    match cx.lake.kind(&relation.schema, &relation.identifier)? {
        Some(RelationKind::View) => describe_view(cx, relation, comments, gate),
        Some(_) => describe_table(cx, relation, comments, gate).await,
        None => Err(EngineError::new(ErrorKind::Plan, format!("there is no table or view `{relation}`"))),
    }
}

fn describe_view(cx: &Context, relation: &Relation, comments: &Comments, gate: &Gate) -> Result<Outcome, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let Some(mut view) = cx.lake.view(schema, name)? else { return Err(no_table(relation)) };
    let known = (view.comment.clone(), view.columns.clone());
    if let Some(comment) = &comments.relation {
        view.comment = Some(comment.clone()).filter(|comment| !comment.is_empty());
    }
    for (column, comment) in &comments.columns {
        if comment.is_empty() {
            view.columns.remove(column);
        } else {
            view.columns.insert(column.clone(), comment.clone());
        }
    }
    if known != (view.comment.clone(), view.columns.clone()) {
        gate.pass()?;
        cx.lake.write_view(schema, name, &view)?;
    }
    Ok(Outcome::default())
}

async fn describe_table(
    cx: &Context,
    relation: &Relation,
    comments: &Comments,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let table = open_table(cx, relation).await?;
    let snapshot = table.snapshot()?.snapshot();
    let schema = snapshot.arrow_schema();
    if let Some((unknown, _)) = comments.columns.iter().find(|(name, _)| schema.index_of(name).is_err()) {
        return Err(EngineError::new(ErrorKind::Plan, format!("`{relation}` has no column `{unknown}`")));
    }
    let fields = schema.fields().iter().map(|field| {
        let remark = comments.columns.iter().find(|(name, _)| name == field.name());
        remark.map_or_else(|| Arc::clone(field), |(_, remark)| Arc::new(with_comment(field, remark)))
    });
    let described = Schema::new(fields.collect::<Vec<_>>());
    let current = snapshot.metadata().description().unwrap_or_default();
    let description = comments.relation.as_deref().filter(|comment| *comment != current);
    if described == *schema && description.is_none() {
        return Ok(Outcome::default());
    }
    set_schema(cx, relation, &described, description, gate).await
}

/// The remarks on a relation and its columns.
///
/// # Errors
/// When the view's file or the table's log cannot be read.
pub(in crate::engine::datafusion) async fn comments(
    lake: &Lake,
    tables: &DeltaTables,
    schema: &str,
    name: &str,
) -> Result<Comments, EngineError> {
    if let Some(view) = lake.view(schema, name)? {
        return Ok(Comments { relation: view.comment, columns: view.columns.into_iter().collect() });
    }
    let Some(table) = tables.open(schema, name).await? else { return Ok(Comments::default()) };
    let snapshot = table.snapshot()?.snapshot();
    let columns = snapshot.arrow_schema();
    let remark = |field: &FieldRef| Some((field.name().clone(), field.metadata().get(COMMENT)?.clone()));
    Ok(Comments {
        relation: snapshot.metadata().description().map(str::to_owned).filter(|text| !text.is_empty()),
        columns: columns.fields().iter().filter_map(remark).collect(),
    })
}

/// The field with another remark.
fn with_comment(field: &Field, comment: &str) -> Field {
    let mut metadata: HashMap<String, String> = field.metadata().clone();
    if comment.is_empty() {
        metadata.remove(COMMENT);
    } else {
        metadata.insert(COMMENT.to_owned(), comment.to_owned());
    }
    field.clone().with_metadata(metadata)
}

/// Commits a change of what is known about a table's columns (not of their types) and of its description.
///
/// # Errors
/// When there is no such table, or the lake cannot be written to.
pub(super) async fn set_schema(
    cx: &Context,
    relation: &Relation,
    schema: &Schema,
    description: Option<&str>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let table = open_table(cx, relation).await?;
    let table = cx.tables.gated(relation, table, gate)?;
    let snapshot = table.snapshot()?.snapshot();
    let stored: StructType = schema
        .try_into_kernel()
        .map_err(|error| EngineError::new(ErrorKind::Plan, format!("the columns cannot be stored: {error}")))?;
    let mut metadata = snapshot.metadata().clone().with_schema(&stored).map_err(DeltaTableError::from)?;
    if let Some(description) = description {
        metadata = metadata.with_description(description.to_owned()).map_err(DeltaTableError::from)?;
    }
    let operation = DeltaOperation::UpdateFieldMetadata { fields: stored.fields().cloned().collect() };
    let committed = CommitBuilder::default()
        .with_actions(vec![Action::Metadata(metadata)])
        .build(Some(snapshot), table.log_store(), operation)
        .await?;
    let mut outcome = Outcome::default();
    outcome.response.insert("version".to_owned(), json!(committed.version()));
    Ok(outcome)
}
