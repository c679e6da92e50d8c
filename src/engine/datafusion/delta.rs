//! The lake's Delta tables, opened.
//!
//! Opening replays a table's log, so an opened table is kept and used again for as long as its log looks the same on disk. The
//! look is taken before the log is read: a commit in between makes the next look differ, never the other way round.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use datafusion::catalog::TableProvider;
use deltalake::DeltaTable;
use deltalake::logstore::{LogStoreRef, StorageConfig, logstore_for};
use url::Url;

use super::gate::Gate;
use super::lake::{Lake, LogFingerprint};
use crate::engine::{EngineError, ErrorKind};
use crate::sql::Relation;

/// Opens tables of a lake.
#[derive(Debug)]
pub(super) struct DeltaTables {
    pub(super) lake: Arc<Lake>,
    opened: Mutex<HashMap<PathBuf, (LogFingerprint, DeltaTable)>>,
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
        let path = self.lake.table_dir(schema, name);
        let Some(fingerprint) = self.lake.fingerprint(schema, name) else { return Ok(None) };
        if let Some((known, table)) = self.opened().get(&path)
            && *known == fingerprint
        {
            return Ok(Some(table.clone()));
        }
        let mut table = DeltaTable::new(self.log(schema, name)?);
        table.load().await.map_err(|error| unreadable(schema, name, &path, error.into()))?;
        self.opened().insert(path, (fingerprint, table.clone()));
        Ok(Some(table))
    }

    /// Keeps a table as a write of ours has left it, unless its log has gone on since.
    pub(super) fn remember(&self, schema: &str, name: &str, table: &DeltaTable) {
        let Some(fingerprint) = self.lake.fingerprint(schema, name) else { return };
        if table.version().is_some() && fingerprint.version() == table.version() {
            self.opened().insert(self.lake.table_dir(schema, name), (fingerprint, table.clone()));
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
        match self.open(schema, name).await? {
            Some(table) => Ok(Some(table.table_provider().await?)),
            None => Ok(None),
        }
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
        Ok(logstore_for(&folder_url(&self.lake.table_dir(schema, name))?, StorageConfig::default())?)
    }

    fn opened(&self) -> std::sync::MutexGuard<'_, HashMap<PathBuf, (LogFingerprint, DeltaTable)>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A damaged log says nothing of whose log it is.
fn unreadable(schema: &str, name: &str, folder: &Path, error: EngineError) -> EngineError {
    let message = format!("the log of table `{schema}.{name}` cannot be read: {}", error.message);
    let help = format!("restore `{}`, or remove it and build the table anew", folder.display());
    EngineError { message, ..error }.help(help)
}

fn folder_url(folder: &Path) -> Result<Url, EngineError> {
    Url::from_directory_path(folder)
        .map_err(|()| EngineError::new(ErrorKind::Io, format!("`{}` cannot be written as a URL", folder.display())))
}
