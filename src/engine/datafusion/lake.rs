//! The files of the lake: where relations lie, and how views are kept.
//!
//! ```text
//! <lake>/<schema>/<table>/        a Delta table
//! <lake>/<schema>/<view>.view.json
//! <lake>/<schema>/<function>.function.json
//! <lake>/.rejected/…              versions that were not published
//! <lake>/.transform.lock, .locks/… who writes: see [`lock`](super::lock)
//! ```
//!
//! A relation that has a draft (see [`drafts`](super::drafts)) is what the draft says; what is done to it is done to the draft.
//!
//! Every change is one file in one step or a commit in a table's log, so a process that is killed leaves the old relation or the new
//! one. Where a view and a table have the same name, the view is the relation and the table a leftover: a view is written
//! before the table that it replaces goes, and goes after the table that replaces it is complete. Names of files that begin with `.`
//! are no relations.

mod files;
mod function;
mod names;
mod table;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::drafts::{Drafts, rejected_folder};
use super::error::tidy;
use super::storage::Storage;
use crate::engine::{EngineError, ErrorKind, RelationKind};
use crate::sql::Relation;

pub(super) use self::files::Files;
pub(super) use self::function::{Argument, Function};
pub(super) use self::names::{decode, encode};
pub(super) use self::table::LogFingerprint;

const VIEW_ENDING: &str = ".view.json";

/// The files of a lake.
#[derive(Debug)]
pub(super) struct Lake {
    storage: Arc<dyn Storage>,
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
    /// The files that it reads, where it is no query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<Files>,
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

impl Lake {
    /// The lake in a storage, which need not hold anything.
    pub(super) fn new(storage: Arc<dyn Storage>) -> Self {
        Lake { storage, drafts: Drafts::default() }
    }

    /// The relations that have a draft.
    pub(super) fn drafts(&self) -> &Drafts {
        &self.drafts
    }

    /// Where it is, as messages show it.
    pub(super) fn shown(&self) -> String {
        self.storage.shown("")
    }

    /// Its folder on this machine, where that is what it is.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.storage.folder()
    }

    /// Gets the place of the lake ready to be written to.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming it.
    pub(super) fn create(&self) -> Result<(), EngineError> {
        self.storage.prepare().map_err(|error| self.failed("cannot write to the lake", "", &error))
    }

    /// Checks that files can be made in the lake.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the place.
    pub(super) fn check_writable(&self) -> Result<(), EngineError> {
        self.create()?;
        let probe = format!(".probe-{}", Uuid::new_v4());
        let tried = self.storage.replace(&probe, b"").and_then(|()| self.storage.remove(&probe));
        tried.map_err(|error| self.failed("cannot write to the lake", "", &error))
    }

    /// Removes what crashed processes left on their way out. Only for whoever is alone.
    pub(super) fn sweep(&self) {
        self.storage.sweep();
    }

    /// The schemas, sorted.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the lake cannot be listed.
    pub(super) fn schemas(&self) -> Result<Vec<String>, EngineError> {
        let entries = self.storage.entries("").map_err(|error| self.failed("cannot list the lake", "", &error))?;
        let folders = entries.into_iter().filter(|(name, is_folder)| *is_folder && !name.starts_with('.'));
        let mut names: Vec<String> = folders.map(|(name, _)| decode(&name)).collect();
        names.sort();
        Ok(names)
    }

    /// Whether there is a schema.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when that cannot be found out.
    pub(super) fn has_schema(&self, schema: &str) -> Result<bool, EngineError> {
        if !self.drafts.names(schema).is_empty() {
            return Ok(true);
        }
        let folder = encode(schema);
        self.storage.is_folder(&folder).map_err(|error| self.failed("cannot look for the schema", &folder, &error))
    }

    /// The relations of a schema, sorted by name.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when the schema cannot be listed.
    pub(super) fn relations(&self, schema: &str) -> Result<Vec<(String, RelationKind)>, EngineError> {
        let folder = encode(schema);
        let entries =
            self.storage.entries(&folder).map_err(|error| self.failed("cannot list the schema", &folder, &error))?;
        let names = entries.iter().map(|(name, _)| name).filter(|name| !name.starts_with('.'));
        let mut names: Vec<String> = names.map(|name| decode(name.strip_suffix(VIEW_ENDING).unwrap_or(name))).collect();
        names.extend(self.drafts.names(schema));
        names.sort();
        names.dedup();
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.extend(self.kind(schema, &name)?.map(|kind| (name, kind)));
        }
        Ok(found)
    }

    /// What a name stands for, or `None` when there is no such relation.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] when that cannot be found out.
    pub(super) fn kind(&self, schema: &str, name: &str) -> Result<Option<RelationKind>, EngineError> {
        if let Some(kind) = self.drafts.get(schema, name).and_then(|draft| draft.kind()) {
            return Ok(Some(kind));
        }
        let view = view_file(schema, name);
        let is_view = self.storage.is_file(&view);
        if is_view.map_err(|error| self.failed("cannot look for the view", &view, &error))? {
            return Ok(Some(RelationKind::View));
        }
        Ok(self.fingerprint(schema, name)?.map(|_| RelationKind::Table))
    }

    /// A view.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file when it is there and cannot be read.
    pub(super) fn view(&self, schema: &str, name: &str) -> Result<Option<View>, EngineError> {
        if let Some(draft) = self.drafts.get(schema, name).filter(|draft| draft.kind().is_some()) {
            return Ok(draft.view());
        }
        self.read_json("the view", &view_file(schema, name))
    }

    /// Writes a view; it is visible, whole, when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn write_view(&self, schema: &str, name: &str, view: &View) -> Result<(), EngineError> {
        if let Some(draft) = self.drafts.get(schema, name) {
            draft.set_view(Some(view.clone()));
            return Ok(());
        }
        self.make_schema_folder(schema)?;
        self.write_json("the view", &view_file(schema, name), view)
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
        self.remove_json("the view", &view_file(schema, name))
    }

    /// Gives a view another name. Where the storage has no renaming, the old one goes when the new one is there.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn rename_view(&self, from: &Relation, to: &Relation) -> Result<(), EngineError> {
        self.make_schema_folder(&to.schema)?;
        let file = view_file(&from.schema, &from.identifier);
        let renamed = self.storage.rename(&file, &view_file(&to.schema, &to.identifier));
        if renamed.map_err(|error| self.failed("cannot rename the view", &file, &error))? {
            return Ok(());
        }
        let Some(view) = self.view(&from.schema, &from.identifier)? else { return Ok(()) };
        self.write_view(&to.schema, &to.identifier, &view)?;
        self.remove_view(&from.schema, &from.identifier)
    }

    /// Makes a schema without relations.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn create_schema(&self, schema: &str) -> Result<(), EngineError> {
        let folder = encode(schema);
        self.storage.keep_folder(&folder).map_err(|error| self.failed("cannot make the schema", &folder, &error))
    }

    /// Removes a schema with all that is in it; none is success. It is gone for readers at once.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn remove_schema(&self, schema: &str) -> Result<(), EngineError> {
        let folder = encode(schema);
        self.storage.remove_folder(&folder).map_err(|error| self.failed("cannot remove the schema", &folder, &error))
    }

    fn make_schema_folder(&self, schema: &str) -> Result<(), EngineError> {
        self.make_folder(&encode(schema))
    }

    /// Makes the folder of what is rejected in a schema.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the folder.
    pub(super) fn make_rejected_folder(&self, schema: &str) -> Result<(), EngineError> {
        self.make_folder(&rejected_folder(schema))
    }

    fn make_folder(&self, folder: &str) -> Result<(), EngineError> {
        self.storage.make_folder(folder).map_err(|error| self.failed("cannot make the folder", folder, &error))
    }

    /// What a file of JSON holds, or `None` when there is none; `what` it is says the error.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn read_json<T: DeserializeOwned>(&self, what: &str, path: &str) -> Result<Option<T>, EngineError> {
        let failed = |error: &io::Error| self.failed(&format!("cannot read {what}"), path, error);
        match self.storage.read(path).map_err(|error| failed(&error))? {
            Some(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| failed(&error.into())),
            None => Ok(None),
        }
    }

    /// Writes a file of JSON; it is visible, whole, when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn write_json(&self, what: &str, path: &str, value: &impl Serialize) -> Result<(), EngineError> {
        let written = serde_json::to_vec_pretty(value).map_err(io::Error::from);
        let written = written.and_then(|bytes| self.storage.replace(path, &bytes));
        written.map_err(|error| self.failed(&format!("cannot write {what}"), path, &error))
    }

    /// Removes a file of JSON; none is success.
    ///
    /// # Errors
    /// [`ErrorKind::Io`] naming the file.
    pub(super) fn remove_json(&self, what: &str, path: &str) -> Result<(), EngineError> {
        self.storage.remove(path).map_err(|error| self.failed(&format!("cannot remove {what}"), path, &error))
    }

    /// An error of the lake's storage: what, where, why.
    fn failed(&self, what: &str, path: &str, error: &io::Error) -> EngineError {
        let place = self.storage.shown(path);
        EngineError::new(ErrorKind::Io, format!("{what} `{place}`: {}", tidy(&error.to_string())))
    }
}

fn view_file(schema: &str, name: &str) -> String {
    format!("{}/{}{VIEW_ENDING}", encode(schema), encode(name))
}
