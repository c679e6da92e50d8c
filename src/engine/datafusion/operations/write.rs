//! Writes the rows of a query as one commit of a Delta table: the part that making, replacing and appending share.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::TimeDelta;
use datafusion::logical_expr::LogicalPlan;
use deltalake::DeltaTable;
use deltalake::operations::vacuum::{VacuumBuilder, VacuumMode};
use deltalake::operations::write::{SchemaMode, WriteBuilder};
use deltalake::protocol::SaveMode;
use serde_json::json;

use crate::engine::datafusion::cancelled;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::LogFingerprint;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

const REPLACEMENTS_BETWEEN_CLEANINGS: u64 = 10;

/// What becomes of the rows that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The new rows and their schema take their place.
    Replace,
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
    let uncommitted = Uncommitted::watch(cx, relation);
    let written = commit(cx, relation, query, &source, change, gate).await;
    let table = written.map_err(|error| {
        uncommitted.remove();
        source.explain(error)
    })?;
    let bytes = uncommitted.bytes_written();
    let is_draft = cx.lake.drafts().get(&relation.schema, &relation.identifier).is_some();
    let table = if change == Change::Replace && !is_draft { remove_old_files(cx, table).await } else { table };
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
    let state = cx.session.state();
    let rows = source.plan(&state, query).await?;
    let builder = match cx.tables.open(&relation.schema, &relation.identifier).await? {
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
        Change::Replace => builder.with_save_mode(SaveMode::Overwrite).with_schema_mode(SchemaMode::Overwrite),
        Change::Append => builder.with_save_mode(SaveMode::Append),
    };
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

/// The data files that a write adds, told from those that were there before.
pub(super) struct Uncommitted<'a> {
    cx: &'a Context,
    relation: &'a Relation,
    before: HashSet<PathBuf>,
    log: Option<LogFingerprint>,
}

impl<'a> Uncommitted<'a> {
    /// Remembers what is there.
    pub(super) fn watch(cx: &'a Context, relation: &'a Relation) -> Self {
        let before = cx.lake.data_files(&relation.schema, &relation.identifier).into_iter().collect();
        let log = cx.lake.fingerprint(&relation.schema, &relation.identifier);
        Uncommitted { cx, relation, before, log }
    }

    /// Makes the change, which ends early when its gate is closed; what a failed one added is removed.
    ///
    /// # Errors
    /// As the change says, or [`ErrorKind::Cancelled`](crate::engine::ErrorKind::Cancelled).
    pub(super) async fn unless_stopped<T>(
        &self,
        gate: &Gate,
        change: impl Future<Output = Result<T, EngineError>>,
    ) -> Result<T, EngineError> {
        let changed = tokio::select! {
            biased;
            () = gate.stop().cancelled() => Err(cancelled()),
            changed = change => changed,
        };
        changed.map_err(|error| {
            self.remove();
            if gate.stop().is_cancelled() { cancelled() } else { error }
        })
    }

    /// Removes what a failed write added, unless it failed after its commit.
    pub(super) fn remove(&self) {
        if self.cx.lake.fingerprint(&self.relation.schema, &self.relation.identifier) != self.log {
            return;
        }
        for file in self.added() {
            self.cx.lake.remove_data_file(&file);
        }
    }

    /// The size of what was added.
    pub(super) fn bytes_written(&self) -> u64 {
        self.added().iter().map(|file| self.cx.lake.file_size(file)).sum()
    }

    fn added(&self) -> Vec<PathBuf> {
        let files = self.cx.lake.data_files(&self.relation.schema, &self.relation.identifier);
        files.into_iter().filter(|file| !self.before.contains(file)).collect()
    }
}
