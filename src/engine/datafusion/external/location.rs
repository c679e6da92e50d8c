//! Where the files of a source are: a location as the user writes it, and the files that it means.
//!
//! Local folders and buckets go the same way: a store, a fixed part of the path under which files are listed, and a pattern.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::execution::SessionState;
use datafusion::execution::object_store::ObjectStoreUrl;
use futures::TryStreamExt;
use globset::{GlobBuilder, GlobMatcher};
use object_store::path::Path as StorePath;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use url::Url;

use super::fault::shown_path;
use crate::engine::datafusion::storage::buckets;
use crate::engine::{EngineError, ErrorKind};

/// A location, read.
#[derive(Debug)]
pub(super) struct Location {
    /// As the user wrote it.
    text: String,
    /// The store: the local disk, or a bucket.
    pub(super) store: ObjectStoreUrl,
    /// The part of the path before the first folder with a wildcard.
    fixed: String,
    /// What the whole path must look like; none when the location has no wildcards.
    pattern: Option<GlobMatcher>,
}

/// A file of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FoundFile {
    /// The store it is in.
    pub(super) store: ObjectStoreUrl,
    /// Path, size and age.
    pub(super) meta: ObjectMeta,
    /// How many bytes of the path are the fixed part of the location: partitions are looked for after them.
    pub(super) fixed: usize,
}

impl FoundFile {
    /// The file as messages show it.
    pub(super) fn shown(&self, project_dir: &Path) -> String {
        shown_path(&self.store, &self.meta.location, project_dir)
    }
}

impl Location {
    /// Reads a location; relative paths start from `project_dir`.
    ///
    /// # Errors
    /// [`ErrorKind::SourceFile`] when it is not a path, a URL or a pattern.
    pub(super) fn parse(text: &str, project_dir: &Path) -> Result<Self, EngineError> {
        let invalid = |reason: &dyn std::fmt::Display| {
            EngineError::new(ErrorKind::SourceFile, format!("location `{text}` cannot be used: {reason}"))
        };
        let (store, path) = match text.split_once("://") {
            None => (ObjectStoreUrl::local_filesystem(), local_path(text, project_dir)),
            Some(("file", path)) => (ObjectStoreUrl::local_filesystem(), local_path(path, project_dir)),
            Some((scheme, rest)) => {
                let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
                let store = ObjectStoreUrl::parse(format!("{scheme}://{bucket}")).map_err(|error| invalid(&error))?;
                (store, path.to_owned())
            }
        };
        let path = path.trim_matches('/');
        let Some(wildcard) = path.find(['*', '?', '[', '{']) else {
            return Ok(Location { text: text.to_owned(), store, fixed: path.to_owned(), pattern: None });
        };
        let fixed = path[..wildcard].rfind('/').map_or("", |slash| &path[..slash]);
        let glob = GlobBuilder::new(path).literal_separator(true).build().map_err(|error| invalid(&error))?;
        Ok(Location { text: text.to_owned(), store, fixed: fixed.to_owned(), pattern: Some(glob.compile_matcher()) })
    }

    /// The files of this location, sorted by path. A folder, also one that a pattern names, means all files below it; hidden
    /// files (`.…`, `_…`) do not count.
    ///
    /// # Errors
    /// [`ErrorKind::SourceFile`] naming the location when there are none, or when the store cannot be reached.
    pub(super) async fn files(&self, state: &SessionState) -> Result<Vec<FoundFile>, EngineError> {
        let store = self.open_store(state)?;
        let failed = |error: object_store::Error| {
            let reason = buckets::reason(&error);
            EngineError::new(ErrorKind::SourceFile, format!("location `{}` cannot be read: {reason}", self.text))
        };
        let found = |meta: ObjectMeta, fixed: usize| FoundFile { store: self.store.clone(), meta, fixed };
        let fixed = StorePath::parse(&self.fixed).map_err(|error| failed(error.into()))?;
        if self.pattern.is_none()
            && let Ok(meta) = store.head(&fixed).await
        {
            return Ok(vec![found(meta, 0)]);
        }
        let listed: Vec<ObjectMeta> = store.list(Some(&fixed)).try_collect().await.map_err(failed)?;
        let mut files: Vec<FoundFile> = listed
            .into_iter()
            .filter(|meta| meta.size > 0 && self.takes(meta.location.as_ref()))
            .map(|meta| found(meta, self.fixed.len()))
            .collect();
        if files.is_empty() {
            return Err(EngineError::new(ErrorKind::SourceFile, format!("no file matches `{}`", self.text))
                .help("relative locations start from the project's folder"));
        }
        files.sort_by(|a, b| a.meta.location.cmp(&b.meta.location));
        Ok(files)
    }

    /// Whether a path below the fixed part is meant: it, or a folder that it is in, looks like the pattern.
    fn takes(&self, path: &str) -> bool {
        let below = path.get(self.fixed.len()..).unwrap_or_default();
        if below.split('/').any(|part| part.starts_with('.') || (part.starts_with('_') && !part.contains('='))) {
            return false;
        }
        let Some(pattern) = &self.pattern else { return true };
        let folders = path.match_indices('/').map(|(slash, _)| &path[..slash]);
        pattern.is_match(path) || folders.filter(|folder| folder.len() > self.fixed.len()).any(|f| pattern.is_match(f))
    }

    /// The store of this location; buckets are registered in the session when they are first used.
    fn open_store(&self, state: &SessionState) -> Result<Arc<dyn ObjectStore>, EngineError> {
        let runtime = state.runtime_env();
        if let Ok(store) = runtime.object_store(&self.store) {
            return Ok(store);
        }
        let url: &Url = self.store.as_ref();
        let store = buckets::open(url).map_err(|error| {
            let reason = buckets::reason(&error);
            EngineError::new(ErrorKind::SourceFile, format!("location `{}` cannot be reached: {reason}", self.text))
        })?;
        runtime.register_object_store(url, Arc::clone(&store));
        Ok(store)
    }
}

/// A path on this machine as stores write it: absolute, without `.` and `..`.
fn local_path(path: &str, project_dir: &Path) -> String {
    let mut clean = PathBuf::new();
    for part in project_dir.join(path).components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean.to_string_lossy().replace('\\', "/")
}
