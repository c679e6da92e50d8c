//! The files of tables: their logs, and the data that these name.

use std::collections::BTreeMap;
use std::time::SystemTime;

use deltalake::logstore::LogStoreRef;

use super::{Lake, encode};
use crate::engine::EngineError;
use crate::sql::Relation;

const LOG: &str = "_delta_log";

/// What a table's log looked like: equal fingerprints mean equal tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine::datafusion) struct LogFingerprint(Vec<(String, u64, Option<SystemTime>)>);

impl LogFingerprint {
    /// The last version that was committed.
    pub(in crate::engine::datafusion) fn version(&self) -> Option<u64> {
        self.0.iter().filter_map(|(file, ..)| file.strip_suffix(".json")?.parse().ok()).max()
    }

    /// The version of the last checkpoint.
    pub(in crate::engine::datafusion) fn checkpoint(&self) -> Option<u64> {
        self.0.iter().filter_map(|(file, ..)| file.strip_suffix(".checkpoint.parquet")?.parse().ok()).max()
    }
}

impl Lake {
    /// The place of a table, as messages show it; each table has another.
    pub(in crate::engine::datafusion) fn table(&self, schema: &str, name: &str) -> String {
        self.storage.shown(&folder(schema, name))
    }

    /// The log of a table that everybody sees; the table may be yet to be made.
    ///
    /// # Errors
    /// When its place cannot be written as a URL.
    pub(in crate::engine::datafusion) fn log(&self, schema: &str, name: &str) -> Result<LogStoreRef, EngineError> {
        self.storage.log(&folder(schema, name))
    }

    /// Makes the folder of a table.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the folder.
    pub(in crate::engine::datafusion) fn create_table_dir(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        let path = folder(schema, name);
        let made = self.storage.make_folder(&path);
        made.map_err(|error| self.failed("cannot make the folder of the table", &path, &error))
    }

    /// Removes a table with all its files; none is success. It is gone for readers at once.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the folder.
    pub(in crate::engine::datafusion) fn remove_table(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        if let Some(draft) = self.drafts.get(schema, name) {
            draft.forget_commits();
            return Ok(());
        }
        let path = folder(schema, name);
        self.storage.remove_folder(&path).map_err(|error| self.failed("cannot remove the table", &path, &error))
    }

    /// Gives a table another name; what lies under the new name and is no table goes. Says no where the storage has no renaming.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the folder.
    pub(in crate::engine::datafusion) fn rename_table(
        &self,
        from: &Relation,
        to: &Relation,
    ) -> Result<bool, EngineError> {
        self.make_schema_folder(&to.schema)?;
        self.remove_table(&to.schema, &to.identifier)?;
        let path = folder(&from.schema, &from.identifier);
        let renamed = self.storage.rename(&path, &folder(&to.schema, &to.identifier));
        renamed.map_err(|error| self.failed("cannot rename the table", &path, &error))
    }

    /// The state of a table's log, its draft's included, or `None` when nothing was ever committed to it.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) when the log cannot be listed.
    pub(in crate::engine::datafusion) fn fingerprint(
        &self,
        schema: &str,
        name: &str,
    ) -> Result<Option<LogFingerprint>, EngineError> {
        let log = format!("{}/{LOG}", folder(schema, name));
        let listed = self.storage.files(&log).map_err(|error| self.failed("cannot list the log", &log, &error))?;
        let mut files: Vec<_> = listed
            .into_iter()
            .filter(|file| file.path.ends_with(".json") || file.path.ends_with(".parquet"))
            .map(|file| (file.path, file.size, file.modified))
            .chain(self.drafts.get(schema, name).into_iter().flat_map(|draft| draft.log_files()))
            .collect();
        files.sort();
        Ok((!files.is_empty()).then_some(LogFingerprint(files)))
    }

    /// The numbers of the commits that a table's log has for everybody, the earliest first.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) when the log cannot be listed.
    pub(in crate::engine::datafusion) fn commits(&self, schema: &str, name: &str) -> Result<Vec<u64>, EngineError> {
        let log = format!("{}/{LOG}", folder(schema, name));
        let listed = self.storage.entries(&log).map_err(|error| self.failed("cannot list the log", &log, &error))?;
        let mut commits: Vec<u64> =
            listed.iter().filter_map(|(file, _)| file.strip_suffix(".json")?.parse().ok()).collect();
        commits.sort_unstable();
        Ok(commits)
    }

    /// The data files in a table's folder, of any version or of none, each with its size in bytes; paths are relative to the table.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) when the folder cannot be listed.
    pub(in crate::engine::datafusion) fn data_files(
        &self,
        schema: &str,
        name: &str,
    ) -> Result<BTreeMap<String, u64>, EngineError> {
        let path = folder(schema, name);
        let listed = self.storage.data_files(&path);
        let listed = listed.map_err(|error| self.failed("cannot list the table", &path, &error))?;
        let files = listed.into_iter().filter(|file| file.path.ends_with(".parquet"));
        Ok(files.map(|file| (file.path, file.size)).collect())
    }

    /// Puts a data file of a table into the folder of another one, which exists, under another name.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file.
    pub(in crate::engine::datafusion) fn link_data_file(
        &self,
        (from, path): (&Relation, &str),
        (to, name): (&Relation, &str),
    ) -> Result<(), EngineError> {
        let source = format!("{}/{path}", folder(&from.schema, &from.identifier));
        let linked = self.storage.copy(&source, &format!("{}/{name}", folder(&to.schema, &to.identifier)));
        linked.map_err(|error| self.failed("cannot clone the file", &source, &error))
    }

    /// Removes data files that no version names; `files` are relative to the table.
    pub(in crate::engine::datafusion) fn remove_data_files(
        &self,
        schema: &str,
        name: &str,
        files: impl IntoIterator<Item = impl AsRef<str>>,
    ) {
        let table = folder(schema, name);
        for file in files {
            // Best effort: a file that no version names harms nobody.
            let _ = self.storage.remove(&format!("{table}/{}", file.as_ref()));
        }
    }
}

fn folder(schema: &str, name: &str) -> String {
    format!("{}/{}", encode(schema), encode(name))
}
