//! The files of the lake: where relations lie, how views are kept, what leftovers of a crash look like.
//!
//! ```text
//! <lake>/.transform.lock          who writes
//! <lake>/<schema>/<table>/        a Delta table
//! <lake>/<schema>/<view>.view.json
//! <lake>/<schema>/<function>.function.json
//! <lake>/<schema>/.dropped-…      a table on its way out
//! <lake>/.dropped-…               a schema on its way out
//! <lake>/.rejected/…              versions that were not published
//! ```
//!
//! A relation that has a draft (see [`drafts`](super::drafts)) is what the draft says; what is done to it is done to the draft.
//!
//! Every change is one rename or one new file in a table's log, so a process that is killed leaves the old relation or the new
//! one. Where a view and a table have the same name, the view is the relation and the table a leftover: a view is written
//! before the table that it replaces goes, and goes after the table that replaces it is complete.
#![expect(clippy::disallowed_methods, reason = "the engine owns the files of its lake")]

mod function;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drafts::Drafts;
use crate::engine::{EngineError, ErrorKind, RelationKind};
use crate::sql::Relation;

pub(super) use self::function::{Argument, Function};

const VIEW_ENDING: &str = ".view.json";
const DROPPED: &str = ".dropped-";
const LOG: &str = "_delta_log";

/// The files of a lake on disk.
#[derive(Debug)]
pub(super) struct Lake {
    root: PathBuf,
    drafts: Drafts,
}

/// A view as its file holds it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct View {
    /// Its query.
    pub(super) sql: String,
    /// The schema of the names without one in its query, whoever reads it; absent from files of earlier releases. (Names without
    /// a database are always in the lake, which each profile may call what it likes.)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schema: Option<String>,
    /// The node that it was published for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) maker: Option<String>,
    /// The remark on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) comment: Option<String>,
    /// The remarks on its columns.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) columns: BTreeMap<String, String>,
}

/// What a table's log looked like: equal fingerprints mean equal tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogFingerprint(Vec<(String, u64, Option<SystemTime>)>);

impl LogFingerprint {
    /// The last version that was committed.
    pub(super) fn version(&self) -> Option<u64> {
        self.0.iter().filter_map(|(file, ..)| file.strip_suffix(".json")?.parse().ok()).max()
    }

    /// The version of the last checkpoint.
    pub(super) fn checkpoint(&self) -> Option<u64> {
        self.0.iter().filter_map(|(file, ..)| file.strip_suffix(".checkpoint.parquet")?.parse().ok()).max()
    }
}

impl Lake {
    /// The lake in a folder, which need not exist.
    pub(super) fn new(root: PathBuf) -> Self {
        Lake { root, drafts: Drafts::default() }
    }

    /// The relations that have a draft.
    pub(super) fn drafts(&self) -> &Drafts {
        &self.drafts
    }

    /// The folder of the lake.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the folder of the lake.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn create(&self) -> Result<(), EngineError> {
        fs::create_dir_all(&self.root)
            .map_err(|error| storage("cannot make the folder of the lake", &self.root, &error))
    }

    /// Checks that files can be made in the lake.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn check_writable(&self) -> Result<(), EngineError> {
        self.create()?;
        let probe = self.root.join(format!(".probe-{}", Uuid::new_v4()));
        let tried = fs::write(&probe, b"").and_then(|()| fs::remove_file(&probe));
        tried.map_err(|error| storage("cannot write to the lake", &self.root, &error))
    }

    /// Removes what crashed processes left on their way out. Only for whoever holds the lock.
    pub(super) fn sweep(&self) {
        for entry in entries(&self.root).into_iter().filter(|entry| entry.starts_with(DROPPED)) {
            let _ = remove_any(&self.root.join(entry));
        }
        for schema in self.schemas() {
            for entry in entries(&self.schema_dir(&schema)) {
                if entry.starts_with(DROPPED) || entry.ends_with(".tmp") {
                    // Best effort: it is in nobody's way, and the next run tries again.
                    let _ = remove_any(&self.schema_dir(&schema).join(entry));
                }
            }
        }
    }

    /// The schemas that have a folder, sorted.
    pub(super) fn schemas(&self) -> Vec<String> {
        let mut names: Vec<String> = entries(&self.root)
            .into_iter()
            .filter(|entry| !entry.starts_with('.') && self.root.join(entry).is_dir())
            .map(|entry| decode(&entry))
            .collect();
        names.sort();
        names
    }

    /// Whether a schema has a folder.
    pub(super) fn has_schema(&self, schema: &str) -> bool {
        self.schema_dir(schema).is_dir()
    }

    /// The relations of a schema, sorted by name.
    pub(super) fn relations(&self, schema: &str) -> Vec<(String, RelationKind)> {
        let names = entries(&self.schema_dir(schema)).into_iter().filter(|entry| !entry.starts_with('.'));
        let mut names: Vec<String> =
            names.map(|entry| decode(entry.strip_suffix(VIEW_ENDING).unwrap_or(&entry))).collect();
        names.extend(self.drafts.names(schema));
        names.sort();
        names.dedup();
        names.into_iter().filter_map(|name| self.kind(schema, &name).map(|kind| (name, kind))).collect()
    }

    /// What a name stands for, or `None` when there is no such relation.
    pub(super) fn kind(&self, schema: &str, name: &str) -> Option<RelationKind> {
        if let Some(kind) = self.drafts.get(schema, name).and_then(|draft| draft.kind()) {
            return Some(kind);
        }
        if self.view_file(schema, name).is_file() {
            Some(RelationKind::View)
        } else if self.fingerprint(schema, name).is_some() {
            Some(RelationKind::Table)
        } else {
            None
        }
    }

    /// A view.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file when it is there and cannot be read.
    pub(super) fn view(&self, schema: &str, name: &str) -> Result<Option<View>, EngineError> {
        if let Some(draft) = self.drafts.get(schema, name).filter(|draft| draft.kind().is_some()) {
            return Ok(draft.view());
        }
        read_json("the view", &self.view_file(schema, name))
    }

    /// Writes a view; it is visible, whole, when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn write_view(&self, schema: &str, name: &str, view: &View) -> Result<(), EngineError> {
        self.create_schema(schema)?;
        if let Some(draft) = self.drafts.get(schema, name) {
            draft.set_view(Some(view.clone()));
            return Ok(());
        }
        write_json("the view", &self.view_file(schema, name), view)
    }

    /// Removes a view; none is success.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn remove_view(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        if let Some(draft) = self.drafts.get(schema, name) {
            draft.set_view(None);
            return Ok(());
        }
        remove_json("the view", &self.view_file(schema, name))
    }

    /// Removes a table with all its files; none is success. It is gone for readers at once.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn remove_table(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        if let Some(draft) = self.drafts.get(schema, name) {
            draft.forget_commits();
            return Ok(());
        }
        let path = self.table_dir(schema, name);
        let away = self.schema_dir(schema).join(format!("{DROPPED}{}", Uuid::new_v4()));
        let failed = |error: &io::Error| storage("cannot remove the table", &path, error);
        match fs::rename(&path, &away) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(|error| failed(&error))?,
        }
        // A folder that cannot be emptied now is removed by the next sweep.
        let _ = fs::remove_dir_all(&away);
        Ok(())
    }

    /// Gives a view another name.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn rename_view(&self, from: &Relation, to: &Relation) -> Result<(), EngineError> {
        self.create_schema(&to.schema)?;
        let path = self.view_file(&from.schema, &from.identifier);
        fs::rename(&path, self.view_file(&to.schema, &to.identifier))
            .map_err(|error| storage("cannot rename the view", &path, &error))
    }

    /// Gives a table another name. What lies under the new name and is no table goes.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn rename_table(&self, from: &Relation, to: &Relation) -> Result<(), EngineError> {
        self.create_schema(&to.schema)?;
        self.remove_table(&to.schema, &to.identifier)?;
        let path = self.table_dir(&from.schema, &from.identifier);
        fs::rename(&path, self.table_dir(&to.schema, &to.identifier))
            .map_err(|error| storage("cannot rename the table", &path, &error))
    }

    /// Makes the folder of a schema.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn create_schema(&self, schema: &str) -> Result<(), EngineError> {
        let path = self.schema_dir(schema);
        fs::create_dir_all(&path).map_err(|error| storage("cannot make the folder of the schema", &path, &error))
    }

    /// Removes a schema with all that is in it; none is success. It is gone for readers at once.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn remove_schema(&self, schema: &str) -> Result<(), EngineError> {
        let path = self.schema_dir(schema);
        let away = self.root.join(format!("{DROPPED}{}", Uuid::new_v4()));
        absent_is_fine(fs::rename(&path, &away)).map_err(|error| storage("cannot remove the schema", &path, &error))?;
        // A folder that cannot be emptied now is removed by the next sweep.
        let _ = fs::remove_dir_all(&away);
        Ok(())
    }

    /// The folder of a table.
    pub(super) fn table_dir(&self, schema: &str, name: &str) -> PathBuf {
        self.schema_dir(schema).join(encode(name))
    }

    /// Makes the folder of a table.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn create_table_dir(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        let path = self.table_dir(schema, name);
        fs::create_dir_all(&path).map_err(|error| storage("cannot make the folder of the table", &path, &error))
    }

    /// The state of a table's log, its draft's included, or `None` when nothing was ever committed to it.
    pub(super) fn fingerprint(&self, schema: &str, name: &str) -> Option<LogFingerprint> {
        let log = self.table_dir(schema, name).join(LOG);
        let mut files: Vec<_> = entries(&log)
            .into_iter()
            .filter(|file| file.ends_with(".json") || file.ends_with(".parquet"))
            .filter_map(|file| {
                let metadata = fs::metadata(log.join(&file)).ok()?;
                Some((file, metadata.len(), metadata.modified().ok()))
            })
            .chain(self.drafts.get(schema, name).into_iter().flat_map(|draft| draft.log_files()))
            .collect();
        files.sort();
        (!files.is_empty()).then_some(LogFingerprint(files))
    }

    /// The numbers of the commits that a table's log on disk has, the earliest first.
    pub(super) fn commits(&self, schema: &str, name: &str) -> Vec<u64> {
        let files = entries(&self.table_dir(schema, name).join(LOG)).into_iter();
        let mut commits: Vec<u64> = files.filter_map(|file| file.strip_suffix(".json")?.parse().ok()).collect();
        commits.sort_unstable();
        commits
    }

    /// Whether a data file of a table is there; its path is relative to the table.
    pub(super) fn has_data_file(&self, schema: &str, name: &str, file: &str) -> bool {
        self.table_dir(schema, name).join(file).is_file()
    }

    /// The data files in a table's folder, of any version or of none.
    pub(super) fn data_files(&self, schema: &str, name: &str) -> Vec<PathBuf> {
        let folder = self.table_dir(schema, name);
        entries(&folder).into_iter().filter(|file| file.ends_with(".parquet")).map(|file| folder.join(file)).collect()
    }

    /// The size of a data file in bytes; zero when it is gone.
    pub(super) fn file_size(&self, path: &Path) -> u64 {
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    }

    /// Puts a data file of a table into the folder of another one, which exists, under another name: the same file where the file system
    /// has links, else a copy.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn link_data_file(
        &self,
        (from, path): (&Relation, &str),
        (to, name): (&Relation, &str),
    ) -> Result<(), EngineError> {
        let source = self.table_dir(&from.schema, &from.identifier).join(path);
        let target = self.table_dir(&to.schema, &to.identifier).join(name);
        let linked = fs::hard_link(&source, &target).or_else(|_| fs::copy(&source, &target).map(|_| ()));
        linked.map_err(|error| storage("cannot clone the file", &source, &error))
    }

    /// Removes data files that no version names; `files` are relative to the table.
    pub(super) fn remove_data_files(&self, schema: &str, name: &str, files: &[String]) {
        let folder = self.table_dir(schema, name);
        files.iter().for_each(|file| self.remove_data_file(&folder.join(file)));
    }

    /// Removes a data file that no version names.
    pub(super) fn remove_data_file(&self, path: &Path) {
        // Best effort: a file that no version names harms nobody.
        let _ = fs::remove_file(path);
    }

    fn schema_dir(&self, schema: &str) -> PathBuf {
        self.root.join(encode(schema))
    }

    fn view_file(&self, schema: &str, name: &str) -> PathBuf {
        self.schema_dir(schema).join(format!("{}{VIEW_ENDING}", encode(name)))
    }
}

/// A name as one part of a path: every byte that is not a letter, a digit, `_` or `-` becomes `~` and two hexadecimal digits.
/// (Not `%`: these paths travel through URLs, which would encode it again.)
pub(super) fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("~{byte:02X}"));
        }
    }
    out
}

/// The name that [`encode`] made this of; text that it never makes is taken as it is.
fn decode(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let Some((before, after)) = rest.split_once('~') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => return encoded.to_owned(),
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| encoded.to_owned())
}

/// The names in a folder; none when it cannot be listed.
fn entries(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
}

/// What a file of JSON holds, or `None` when there is none; `what` it is says the error.
///
/// # Errors
/// [`ErrorKind::Io`] naming the file.
pub(super) fn read_json<T: DeserializeOwned>(what: &str, path: &Path) -> Result<Option<T>, EngineError> {
    let failed = |error: &io::Error| storage(&format!("cannot read {what}"), path, error);
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| failed(&error.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

/// Writes a file of JSON; it is visible, whole, when this returns.
///
/// # Errors
/// [`ErrorKind::Io`] naming the file.
pub(super) fn write_json(what: &str, path: &Path, value: &impl Serialize) -> Result<(), EngineError> {
    let written = serde_json::to_vec_pretty(value).map_err(io::Error::from);
    let written = written.and_then(|bytes| replace_file(path, &bytes));
    written.map_err(|error| storage(&format!("cannot write {what}"), path, &error))
}

/// Removes a file of JSON; none is success.
///
/// # Errors
/// [`ErrorKind::Io`] naming the file.
pub(super) fn remove_json(what: &str, path: &Path) -> Result<(), EngineError> {
    absent_is_fine(fs::remove_file(path)).map_err(|error| storage(&format!("cannot remove {what}"), path, &error))
}

/// Writes a file beside and renames it into place, both forced to disk.
fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", Uuid::new_v4()));
    let mut file = File::create(&temporary)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // Best effort: the error that matters is the one of the write.
        let _ = fs::remove_file(&temporary);
    }
    written
}

fn remove_any(path: &Path) -> io::Result<()> {
    if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// An error of the lake's storage: what, where, why.
pub(super) fn storage(what: &str, path: &Path, error: &io::Error) -> EngineError {
    EngineError::new(ErrorKind::Io, format!("{what} `{}`: {}", path.display(), super::error::tidy(&error.to_string())))
}
