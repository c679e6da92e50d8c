//! The lake's Delta tables, opened.
//!
//! Opening replays a table's log, so an opened table is kept and used again for as long as its log looks the same on disk. The
//! look is taken before the log is read: a commit in between makes the next look differ, never the other way round.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::catalog::TableProvider;
use deltalake::DeltaTable;
use deltalake::logstore::LogStoreRef;
use tokio::sync::OnceCell;

use super::data_files::rows_of;
use super::gate::Gate;
use super::lake::{Lake, LogFingerprint};
use crate::engine::EngineError;
use crate::sql::Relation;

/// Opens tables of a lake.
#[derive(Debug)]
pub(super) struct DeltaTables {
    pub(super) lake: Arc<Lake>,
    opened: Mutex<HashMap<String, Opened>>,
}

/// A table as its log was when it was opened.
#[derive(Clone, Debug)]
struct Opened {
    log: LogFingerprint,
    table: DeltaTable,
    /// Its rows, once somebody has asked for them.
    rows: Arc<OnceCell<Arc<dyn TableProvider>>>,
}

impl Opened {
    fn new(log: LogFingerprint, table: DeltaTable) -> Self {
        Opened { log, table, rows: Arc::default() }
    }
}

impl DeltaTables {
    /// The tables of a lake, none of them opened yet.
    pub(super) fn new(lake: Arc<Lake>) -> Self {
        DeltaTables { lake, opened: Mutex::default() }
    }

    /// A table at its latest version, or `None` when there is none of that name.
    ///
    /// # Errors
    /// When its log cannot be read.
    pub(super) async fn open(&self, schema: &str, name: &str) -> Result<Option<DeltaTable>, EngineError> {
        Ok(self.latest(schema, name).await?.map(|opened| opened.table))
    }

    async fn latest(&self, schema: &str, name: &str) -> Result<Option<Opened>, EngineError> {
        let path = self.lake.table(schema, name);
        let Some(log) = self.lake.fingerprint(schema, name)? else { return Ok(None) };
        if let Some(known) = self.opened().get(&path)
            && known.log == log
        {
            return Ok(Some(known.clone()));
        }
        let mut table = DeltaTable::new(self.log(schema, name)?);
        table.load().await.map_err(|error| unreadable(schema, name, &path, error.into()))?;
        let opened = Opened::new(log, table);
        self.opened().insert(path, opened.clone());
        Ok(Some(opened))
    }

    /// Keeps a table as a write of ours has left it, unless its log has gone on since.
    pub(super) fn remember(&self, schema: &str, name: &str, table: &DeltaTable) {
        let Ok(Some(log)) = self.lake.fingerprint(schema, name) else { return };
        if table.version().is_some() && log.version() == table.version() {
            self.opened().insert(self.lake.table(schema, name), Opened::new(log, table.clone()));
        }
    }

    /// A table as a source of rows.
    ///
    /// # Errors
    /// As [`DeltaTables::open`].
    pub(super) async fn provider(
        &self,
        schema: &str,
        name: &str,
    ) -> Result<Option<Arc<dyn TableProvider>>, EngineError> {
        let Some(opened) = self.latest(schema, name).await? else { return Ok(None) };
        opened.rows.get_or_try_init(|| rows_of(&opened.table)).await.cloned().map(Some)
    }

    /// A table whose commits pass a gate.
    ///
    /// # Errors
    /// When the path cannot be written as a URL.
    pub(super) fn gated(&self, relation: &Relation, table: DeltaTable, gate: &Gate) -> Result<DeltaTable, EngineError> {
        let mut gated = DeltaTable::new(gate.guard(self.log(&relation.schema, &relation.identifier)?));
        gated.state = table.state;
        Ok(gated)
    }

    /// The log of a table, which may be yet to be made; that of its draft, if it has one.
    ///
    /// # Errors
    /// When the path cannot be written as a URL.
    pub(super) fn log(&self, schema: &str, name: &str) -> Result<LogStoreRef, EngineError> {
        let log = self.log_on_disk(schema, name)?;
        Ok(match self.lake.drafts().get(schema, name) {
            Some(draft) => draft.over(&log),
            None => log,
        })
    }

    /// The log of a table that everybody sees.
    ///
    /// # Errors
    /// When the path cannot be written as a URL.
    pub(super) fn log_on_disk(&self, schema: &str, name: &str) -> Result<LogStoreRef, EngineError> {
        self.lake.log(schema, name)
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<String, Opened>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A damaged log says nothing of whose log it is.
fn unreadable(schema: &str, name: &str, folder: &str, error: EngineError) -> EngineError {
    let message = format!("the log of table `{schema}.{name}` cannot be read: {}", error.message);
    let help = format!("restore `{folder}`, or remove it and build the table anew");
    EngineError { message, ..error }.help(help)
}
