//! Versions of relations that nobody but this process sees, until they are published or rejected.
//!
//! While a relation has a [`Draft`], what is committed to its table stays in memory, as [`overlay`] over the log on disk, and a view that
//! takes its place waits beside. All statements of this process see the draft, so that tests can look at it and hooks can change it; the
//! log on disk does not change, so that everybody else sees the earlier version. Publishing writes one commit, which [`squash`] makes of
//! all; a process that is killed before leaves data files that no version names.
//!
//! What was rejected can be looked at later: [`rejected`].

mod overlay;
mod rejected;
mod squash;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use deltalake::logstore::{LogStoreRef, default_logstore};
use object_store::path::Path;
use serde_json::{Map, Value as Json};

use self::overlay::{LogFiles, Overlay};
use super::lake::View;
use super::lock::Held;
use crate::engine::{EngineError, RelationKind};

pub(super) use self::overlay::Bytes;
pub(super) use self::rejected::{Rejected, rejected_folder};
pub(super) use self::squash::Squashed;

const LOG: &str = "_delta_log";

/// The relations that have a draft, by schema and name.
#[derive(Debug, Default)]
pub(super) struct Drafts(Mutex<HashMap<(String, String), Arc<Draft>>>);

impl Drafts {
    /// The draft of a relation.
    pub(super) fn get(&self, schema: &str, name: &str) -> Option<Arc<Draft>> {
        self.lock().get(&(schema.to_owned(), name.to_owned())).cloned()
    }

    /// Gives a relation a draft, unless it has one already.
    pub(super) fn begin(&self, schema: &str, name: &str, draft: Draft) {
        self.lock().entry((schema.to_owned(), name.to_owned())).or_insert_with(|| Arc::new(draft));
    }

    /// Gives a relation this draft.
    pub(super) fn put(&self, schema: &str, name: &str, draft: Draft) {
        self.lock().insert((schema.to_owned(), name.to_owned()), Arc::new(draft));
    }

    /// From here on the relation is what is on disk.
    pub(super) fn end(&self, schema: &str, name: &str) -> Option<Arc<Draft>> {
        self.lock().remove(&(schema.to_owned(), name.to_owned()))
    }

    /// The names in a schema that have one.
    pub(super) fn names(&self, schema: &str) -> Vec<String> {
        self.lock().keys().filter(|(of, _)| of == schema).map(|(_, name)| name.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, String), Arc<Draft>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version of a relation that is yet to be published: a view, or commits to a table. Without either it is what is on disk.
#[derive(Debug, Default)]
pub(super) struct Draft {
    view: Mutex<Option<View>>,
    log: Arc<LogFiles>,
    /// What keeps other processes from changing the relation; nothing where it is only looked at.
    held: Option<Arc<Held>>,
}

impl Draft {
    /// A draft without changes, of a relation that is held.
    pub(super) fn holding(held: Arc<Held>) -> Self {
        Draft { held: Some(held), ..Draft::default() }
    }

    /// A draft of the same relation without changes.
    pub(super) fn anew(&self) -> Self {
        Draft { held: self.held.clone(), ..Draft::default() }
    }

    /// The view that it is.
    pub(super) fn view(&self) -> Option<View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes it a view, or no longer one.
    pub(super) fn set_view(&self, view: Option<View>) {
        *self.view.lock().unwrap_or_else(PoisonError::into_inner) = view;
    }

    /// What it makes of the relation; nothing while it is what is on disk.
    pub(super) fn kind(&self) -> Option<RelationKind> {
        if self.view().is_some() {
            return Some(RelationKind::View);
        }
        (!self.log.list().is_empty()).then_some(RelationKind::Table)
    }

    /// Forgets what was committed to its table.
    pub(super) fn forget_commits(&self) {
        self.log.clear();
    }

    /// Names, sizes and times of the files of its log.
    pub(super) fn log_files(&self) -> Vec<(String, u64, Option<SystemTime>)> {
        self.log.list()
    }

    /// The log of its table, over the one on disk.
    pub(super) fn over(&self, log: &LogStoreRef) -> LogStoreRef {
        let config = log.config();
        let table = Path::from_url_path(config.location().path()).unwrap_or_default();
        let inside = Overlay::new(log.object_store(None), Path::from(LOG), Arc::clone(&self.log));
        let root = Overlay::new(log.root_object_store(None), table.join(LOG), Arc::clone(&self.log));
        default_logstore(Arc::new(inside), Arc::new(root), config.location(), config.options())
    }

    /// What was committed to its table as one commit, with `note` in what it says of itself; `None` when nothing was.
    ///
    /// # Errors
    /// When a commit cannot be read.
    pub(super) fn squashed(&self, note: &Map<String, Json>) -> Result<Option<Squashed>, EngineError> {
        let commits = self.commits();
        let Some((version, _)) = commits.first() else { return Ok(None) };
        squash::squash(*version, commits.iter().map(|(_, bytes)| bytes.as_ref()), note).map(Some)
    }

    fn commits(&self) -> Vec<(u64, Bytes)> {
        let version = |name: &str| name.strip_suffix(".json")?.parse().ok();
        let files = self.log.list().into_iter();
        files.filter_map(|(name, ..)| Some((version(&name)?, self.log.read(&name)?))).collect()
    }

    fn commit(&self, version: u64, lines: String) {
        self.log.write(&format!("{version:020}.json"), lines.into());
    }
}
