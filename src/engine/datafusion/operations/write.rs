//! Writes the rows of a query as one commit of a Delta table: the part that making, replacing and appending share.

use std::sync::Arc;

use chrono::TimeDelta;
use datafusion::logical_expr::{Expr, LogicalPlan};
use deltalake::DeltaTable;
use deltalake::operations::vacuum::{VacuumBuilder, VacuumMode};
use deltalake::operations::write::{SchemaMode, WriteBuilder};
use deltalake::protocol::SaveMode;
use serde_json::json;

use super::layout;
use crate::engine::datafusion::cancelled;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::LogFingerprint;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::written_files::WrittenFile;
use crate::engine::{EngineError, Layout, Outcome};
use crate::sql::Relation;

const REPLACEMENTS_BETWEEN_CLEANINGS: u64 = 10;

/// What becomes of the rows that are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The new rows, their schema and this layout take their place.
    Replace(Layout),
    /// The new rows take the place of those of which this is true. It is true of the new ones.
    ReplaceWhere(Box<Expr>),
    /// They stay.
    Append,
}

/// Writes the rows of `query`, as `source` sees them, in one commit. A table that does not exist is made by the same commit.
///
/// # Errors
/// When the query fails or the lake cannot be written to; files that were written meanwhile are removed.
pub(super) async fn write(
    cx: &Context,
    relation: &Relation,
    query: &LogicalPlan,
    source: RowSource,
    change: Change,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let uncommitted = Uncommitted::watch(cx, relation, gate)?;
    let replaces = matches!(change, Change::Replace(_));
    let written = commit(cx, relation, query, &source, change, gate).await;
    let table = written.map_err(|error| {
        uncommitted.remove();
        source.explain(error)
    })?;
    let bytes = uncommitted.bytes_written();
    let is_draft = cx.lake.drafts().get(&relation.schema, &relation.identifier).is_some();
    let table = if replaces && !is_draft { remove_old_files(cx, table).await } else { table };
    cx.tables.remember(&relation.schema, &relation.identifier, &table);
    let mut outcome = Outcome { rows: Some(source.rows()), ..Outcome::default() };
    outcome.response.insert("version".to_owned(), json!(table.version()));
    outcome.response.insert("bytes_written".to_owned(), json!(bytes));
    Ok(outcome)
}

async fn commit(
    cx: &Context,
    relation: &Relation,
    query: &LogicalPlan,
    source: &RowSource,
    change: Change,
    gate: &Gate,
) -> Result<DeltaTable, EngineError> {
    let mut state = cx.session.state();
    let known = cx.tables.open(&relation.schema, &relation.identifier).await?;
    let layout = match (&change, &known) {
        (Change::Replace(layout), _) => layout.clone(),
        (_, Some(table)) => layout::stored(table)?,
        (_, None) => Layout::default(),
    };
    let rows = source.plan(&state, &layout::sorted(&state, query, &layout)?).await?;
    if !layout.sort_by.is_empty() {
        // Rows that are in order stay so if nothing spreads them.
        state.config_mut().options_mut().execution.target_partitions = 1;
    }
    let builder = match known {
        Some(table) => {
            let table = cx.tables.gated(relation, table, gate)?;
            WriteBuilder::new(table.log_store(), Some(table.snapshot()?.snapshot().clone()))
        }
        None => {
            cx.lake.create_table_dir(&relation.schema, &relation.identifier)?;
            WriteBuilder::new(gate.guard(cx.tables.log(&relation.schema, &relation.identifier)?), None)
        }
    };
    let builder = match change {
        Change::Replace(_) => builder
            .with_save_mode(SaveMode::Overwrite)
            .with_schema_mode(SchemaMode::Overwrite)
            .with_partition_columns(layout.partition_by.iter().map(|column| &column.name)),
        Change::ReplaceWhere(condition) => builder.with_save_mode(SaveMode::Overwrite).with_replace_where(*condition),
        Change::Append => builder.with_save_mode(SaveMode::Append),
    };
    let mut builder = builder.with_writer_properties(layout::writer_properties(&layout));
    if layout.target_file_size.is_some() {
        builder = builder.with_target_file_size(layout.target_file_size);
    }
    Ok(builder.with_input_plan(rows).with_session_state(Arc::new(state)).await?)
}

/// Removes the files of versions that were replaced long ago; now and then, for it means listing the folder.
pub(super) async fn remove_old_files(cx: &Context, table: DeltaTable) -> DeltaTable {
    if table.version().is_none_or(|version| version == 0 || version % REPLACEMENTS_BETWEEN_CLEANINGS != 0) {
        return table;
    }
    match old_files(cx, &table).await {
        Ok((cleaned, _)) => cleaned,
        Err(error) => {
            tracing::warn!(%error, "old files of a table could not be removed");
            table
        }
    }
}

/// What removes the files that only versions name which were replaced longer ago than the profile keeps them.
pub(super) fn old_files(cx: &Context, table: &DeltaTable) -> VacuumBuilder {
    let kept = TimeDelta::from_std(cx.settings.retention).unwrap_or(TimeDelta::MAX);
    let all = table.clone().vacuum().with_mode(VacuumMode::Full);
    all.with_retention_period(kept).with_enforce_retention_duration(false)
}

/// The data files that a write adds.
pub(super) struct Uncommitted<'a> {
    cx: &'a Context,
    relation: &'a Relation,
    gate: &'a Gate,
    /// How many files the operation had written before.
    before: usize,
    log: Option<LogFingerprint>,
}

impl<'a> Uncommitted<'a> {
    /// Those that are written through `gate` from now on.
    ///
    /// # Errors
    /// When the table's log cannot be listed.
    pub(super) fn watch(cx: &'a Context, relation: &'a Relation, gate: &'a Gate) -> Result<Self, EngineError> {
        let log = cx.lake.fingerprint(&relation.schema, &relation.identifier)?;
        Ok(Uncommitted { cx, relation, gate, before: gate.written().count(), log })
    }

    /// Makes the change, which ends early when its gate is closed; what a failed one added is removed.
    ///
    /// # Errors
    /// As the change says, or [`ErrorKind::Cancelled`](crate::engine::ErrorKind::Cancelled).
    pub(super) async fn unless_stopped<T>(
        &self,
        change: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, EngineError> {
        let changed = tokio::select! {
            biased;
            () = self.gate.stop().cancelled() => Err(cancelled()),
            changed = change => changed,
        };
        changed.map_err(|error| {
            self.remove();
            if self.gate.stop().is_cancelled() { cancelled() } else { error }
        })
    }

    /// Removes what a failed write added, unless it failed after its commit.
    pub(super) fn remove(&self) {
        let (schema, name) = (self.relation.schema.as_str(), self.relation.identifier.as_str());
        if self.cx.lake.fingerprint(schema, name).is_ok_and(|log| log == self.log) {
            self.cx.lake.remove_data_files(schema, name, self.added().map(|file| file.path));
        }
    }

    /// The size of what was added.
    pub(super) fn bytes_written(&self) -> u64 {
        self.added().map(|file| file.size).sum()
    }

    fn added(&self) -> impl Iterator<Item = WrittenFile> {
        self.gate.written().since(self.before).into_iter().filter(|file| !file.path.starts_with('_'))
    }
}
