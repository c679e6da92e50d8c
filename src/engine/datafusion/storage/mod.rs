//! Where the files of a lake are: a folder of this machine, or a bucket.
//!
//! A [`Storage`] knows nothing of relations. It reads files, puts them in the place of others in one step, and lists folders; paths are
//! relative to the lake, with `/` between their parts. Its calls do not go together: what must not be half done is one file, or a commit
//! in the log of a table, which [`Storage::log`] leads to.
//!
//! Calls block. On [`Disk`] they cost next to nothing; a [`Bucket`] asks on threads of its own, and lets the runtime go on meanwhile.

mod bucket;
pub(super) mod buckets;
mod disk;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use deltalake::logstore::LogStoreRef;
use url::Url;

use self::bucket::Bucket;
use self::disk::Disk;
use crate::engine::EngineError;

/// Where a lake is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A folder of a bucket: `s3://bucket/folder`.
    Bucket(Url),
}

/// A file in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StoredFile {
    /// Its path from the folder.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
    /// When it was written last.
    pub(super) modified: Option<SystemTime>,
}

/// The files of a lake.
pub(super) trait Storage: Send + Sync + fmt::Debug {
    /// The folder on this machine, where that is what it is. Only there are locks.
    fn folder(&self) -> Option<&Path>;

    /// Gets ready to be written to, and checks what commits need.
    ///
    /// # Errors
    /// When it cannot be written to, or does not do what keeps two writers from each other.
    fn prepare(&self) -> io::Result<()>;

    /// A path as messages show it.
    fn shown(&self, path: &str) -> String;

    /// What is in a file; `None` when there is none.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Whether there is a file of this path.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn is_file(&self, path: &str) -> io::Result<bool>;

    /// Writes a file, whole or not at all, in the place of one that is there; its folder exists.
    ///
    /// # Errors
    /// When it cannot be written; what was there is there.
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes a file; none is success.
    ///
    /// # Errors
    /// When it cannot be removed.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// The same file once more under another path, in a folder that exists.
    ///
    /// # Errors
    /// When it is not there or cannot be written.
    fn copy(&self, from: &str, to: &str) -> io::Result<()>;

    /// The names in a folder, and whether each is one itself; none when it is not there.
    ///
    /// # Errors
    /// When it cannot be listed.
    fn entries(&self, folder: &str) -> io::Result<Vec<(String, bool)>>;

    /// The files in a folder; none when it is not there.
    ///
    /// # Errors
    /// When it cannot be listed.
    fn files(&self, folder: &str) -> io::Result<Vec<StoredFile>>;

    /// The files in a folder and the folders below it that do not begin with `_` or `.`.
    ///
    /// # Errors
    /// When it cannot be listed.
    fn data_files(&self, folder: &str) -> io::Result<Vec<StoredFile>>;

    /// Whether there is a folder of this path.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn is_folder(&self, path: &str) -> io::Result<bool>;

    /// Makes a folder for files, where the storage has folders of their own.
    ///
    /// # Errors
    /// When it cannot be made.
    fn make_folder(&self, folder: &str) -> io::Result<()>;

    /// Makes a folder that is there without files in it.
    ///
    /// # Errors
    /// When it cannot be made.
    fn keep_folder(&self, folder: &str) -> io::Result<()>;

    /// Removes a folder with all that is in it; none is success. For readers it goes at once: before its data goes what names it.
    ///
    /// # Errors
    /// When it cannot be removed; it may be gone for readers.
    fn remove_folder(&self, folder: &str) -> io::Result<()>;

    /// Gives a file or a folder another name in one step; says no where the storage cannot do that.
    ///
    /// # Errors
    /// When it cannot be renamed; it is what it was.
    fn rename(&self, from: &str, to: &str) -> io::Result<bool>;

    /// Removes what crashed processes left behind. Only where nobody else writes.
    fn sweep(&self);

    /// The log of the table in a folder, which may be yet to be made.
    ///
    /// # Errors
    /// When the path cannot be written as a URL.
    fn log(&self, table: &str) -> Result<LogStoreRef, EngineError>;
}

/// Opens a place; nothing is connected to.
///
/// # Errors
/// [`ErrorKind::Settings`](crate::engine::ErrorKind::Settings) when the environment says of a bucket what cannot be.
pub(super) fn open(place: &Place) -> Result<Arc<dyn Storage>, EngineError> {
    Ok(match place {
        Place::Folder(folder) => Arc::new(Disk::new(folder.clone())),
        Place::Bucket(url) => Arc::new(Bucket::open(url)?),
    })
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => folder.display().fmt(f),
            Place::Bucket(url) => url.fmt(f),
        }
    }
}

/// Whether a folder holds what the log of a table does not name: the log itself, and what is hidden.
fn is_hidden(folder: &str) -> bool {
    folder.starts_with(['_', '.']) && !folder.contains('=')
}
