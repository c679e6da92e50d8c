//! Makes or replaces a table by what another one is now: its columns, partitions, properties, rules and rows. No row is read; the
//! data files, which nobody ever changes, are linked into the folder of the clone, or copied where the file system has no links.
//! From then on the two know nothing of each other.

use chrono::Utc;
use deltalake::kernel::transaction::{CommitBuilder, TableReference};
use deltalake::kernel::{Action, Add, EagerSnapshot, LogicalFileView, MetadataExt};
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableError};
use serde_json::json;
use uuid::Uuid;

use super::write::Uncommitted;
use super::{in_lake, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Outcome};
use crate::sql::Relation;

/// Makes the clone in one commit; a view of that name goes.
///
/// # Errors
/// When there is no table `from`, when it is the clone itself, or when the lake cannot be written to.
pub(super) async fn clone_table(
    cx: &Context,
    relation: &Relation,
    from: &Relation,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    in_lake(cx, from)?;
    if relation == from {
        return Err(EngineError::new(ErrorKind::Plan, format!("`{relation}` cannot be a clone of itself")));
    }
    let source = open_table(cx, from).await?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let behind_view = cx.lake.view(schema, name)?.is_some();
    if behind_view {
        // A leftover table behind the view must not become the table's history.
        cx.lake.remove_table(schema, name)?;
    }
    let uncommitted = Uncommitted::watch(cx, relation, gate)?;
    let outcome = uncommitted.unless_stopped(commit(cx, relation, (from, &source), gate)).await?;
    if behind_view {
        cx.lake.remove_view(schema, name)?;
    }
    Ok(outcome)
}

async fn commit(
    cx: &Context,
    relation: &Relation,
    (from, source): (&Relation, &DeltaTable),
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let snapshot = source.snapshot()?.snapshot();
    let known = cx.tables.open(&relation.schema, &relation.identifier).await?;
    cx.lake.create_table_dir(&relation.schema, &relation.identifier)?;
    let files: Vec<LogicalFileView> = snapshot.log_data().iter().collect();
    let linked = |file: &LogicalFileView| {
        let add = linked(cx, relation, from, file)?;
        gate.written().add(&add.path, u64::try_from(add.size).unwrap_or_default());
        Ok(add)
    };
    let added = files.iter().map(linked).collect::<Result<Vec<Add>, EngineError>>()?;
    let rows = files.iter().map(LogicalFileView::num_records).sum::<Option<usize>>();
    let known = known.map(|table| cx.tables.gated(relation, table, gate)).transpose()?;
    let replaced = known.as_ref().map(|table| Ok::<_, EngineError>(table.snapshot()?.snapshot())).transpose()?;
    let log = match &known {
        Some(table) => table.log_store(),
        None => gate.guard(cx.tables.log(&relation.schema, &relation.identifier)?),
    };
    let (operation, mut actions) = head(&log, snapshot, replaced)?;
    actions.extend(added.into_iter().map(Action::Add));
    let committed = CommitBuilder::default()
        .with_actions(actions)
        .build(replaced.map(|snapshot| snapshot as &dyn TableReference), log, operation)
        .await?;
    let mut outcome = Outcome { rows: rows.map(|rows| rows as u64), ..Outcome::default() };
    outcome.response.insert("version".to_owned(), json!(committed.version()));
    Ok(outcome)
}

/// What stands in the commit before the files: what the table is, and that the files of the one that it replaces go.
fn head(
    log: &deltalake::logstore::LogStoreRef,
    source: &EagerSnapshot,
    replaced: Option<&EagerSnapshot>,
) -> Result<(DeltaOperation, Vec<Action>), EngineError> {
    let id = replaced.map_or_else(|| Uuid::new_v4().to_string(), |table| table.metadata().id().to_owned());
    let metadata = source.metadata().clone().with_table_id(id).map_err(DeltaTableError::from)?;
    let protocol = source.protocol().clone();
    let mut actions = vec![Action::Protocol(protocol.clone()), Action::Metadata(metadata.clone())];
    if let Some(replaced) = replaced {
        actions.extend(replaced.log_data().iter().map(|file| Action::Remove(file.remove_action(true))));
    }
    let location = log.config().location().clone();
    Ok((DeltaOperation::Create { mode: SaveMode::Overwrite, location, protocol, metadata }, actions))
}

/// A data file of the source under a name of its own in the folder of the clone.
fn linked(cx: &Context, relation: &Relation, from: &Relation, file: &LogicalFileView) -> Result<Add, EngineError> {
    let refuse = |what: &str| {
        let message = format!("`{from}` cannot be cloned: {what}");
        Err(EngineError::new(ErrorKind::Unsupported, message).help("make a table of its rows with `create table … as`"))
    };
    if file.deletion_vector_descriptor().is_some() {
        return refuse("some of its rows are marked as deleted in files beside its data");
    }
    if file.path().contains("://") {
        return refuse("its data lies in the folder of another table");
    }
    let path = format!("clone-{}.parquet", Uuid::new_v4());
    cx.lake.link_data_file((from, file.object_store_path().as_ref()), (relation, &path))?;
    Ok(Add {
        path,
        partition_values: file.remove_action(true).partition_values.unwrap_or_default(),
        size: file.size(),
        modification_time: Utc::now().timestamp_millis(),
        data_change: true,
        stats: file.stats(),
        ..Add::default()
    })
}
