//! A folder of a bucket.
//!
//! A bucket has no folders, no renaming and no locks. A view is one object, which is put in one step; a commit in the log of a table is
//! an object that is put only if there is none of its name, so that of two writers one is first and the other learns of it.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use futures::{StreamExt, TryStreamExt, stream};
use object_store::path::{Path as StorePath, PathPart};
use object_store::prefix::PrefixStore;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutPayload, Result};
use tokio::runtime::{Handle, RuntimeFlavor};
use url::Url;

use super::buckets::{self, reason};
use super::{Storage, StoredFile, is_hidden};
use crate::engine::datafusion::workers::Workers;
use crate::engine::{EngineError, ErrorKind};

/// An object without content, which stands for a folder that has no files.
const KEPT: &str = ".kept";

/// An object that is there, to find out whether it can be made once more.
const PROBE: &str = ".transform.probe";

/// How a log is told from what it names.
const LOG: &str = "_delta_log";

/// A folder of a bucket.
pub(super) struct Bucket {
    url: Url,
    /// For the lake's own files, on threads of their own.
    files: Arc<dyn ObjectStore>,
    /// For tables, on the threads of queries: a connection belongs to the threads that opened it.
    tables: Arc<dyn ObjectStore>,
    prefix: StorePath,
    threads: OnceLock<Workers>,
}

/// Nothing of what opens it.
impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl Bucket {
    /// A folder of a bucket, which need not exist; nothing is connected to.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] when the URL is none of a bucket, or the environment does not say what is needed.
    pub(super) fn open(url: &Url) -> std::result::Result<Self, EngineError> {
        let failed = |error: Error| {
            EngineError::new(ErrorKind::Settings, format!("lake `{url}` cannot be reached: {}", reason(&error)))
                .help("say in the environment what the cloud's own tools need: `AWS_…`, `GOOGLE_…` or `AZURE_…`")
        };
        let (files, tables) = (buckets::open(url).map_err(failed)?, buckets::open(url).map_err(failed)?);
        let prefix = StorePath::from_url_path(url.path()).map_err(|error| failed(error.into()))?;
        Ok(Bucket { url: url.clone(), files, tables, prefix, threads: OnceLock::new() })
    }

    /// The key of a path. Every part of a path is encoded already.
    fn at(&self, path: &str) -> StorePath {
        path.split('/')
            .filter(|part| !part.is_empty())
            // `PathPart::from` would encode it once more.
            .fold(self.prefix.clone(), |key, part| key.join(PathPart::parse(part).unwrap_or_else(|_| part.into())))
    }

    /// Waits for the bucket, which answers on threads of its own: the one that waits may be one of those that could answer.
    fn wait<T: Send + 'static>(&self, work: impl Future<Output = Result<T>> + Send + 'static) -> io::Result<T> {
        let started = || Workers::start().map_err(|error| io::Error::other(error.message));
        let threads = match self.threads.get() {
            Some(threads) => threads,
            None => {
                let threads = started()?;
                self.threads.get_or_init(|| threads)
            }
        };
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        let task = async move { drop(send.send(work.await)) };
        drop(threads.detached(task).map_err(|error| io::Error::other(error.message))?);
        let is_shared = Handle::try_current().is_ok_and(|here| here.runtime_flavor() == RuntimeFlavor::MultiThread);
        let answer = if is_shared { tokio::task::block_in_place(|| receive.recv()) } else { receive.recv() };
        answer.map_err(|_| io::Error::other("the bucket was not asked to the end"))?.map_err(|error| failure(&error))
    }

    /// All objects below a folder.
    fn below(&self, folder: &str) -> io::Result<Vec<ObjectMeta>> {
        let (store, folder) = (Arc::clone(&self.files), self.at(folder));
        self.wait(async move { store.list(Some(&folder)).try_collect().await })
    }

    fn delete(&self, keys: Vec<StorePath>) -> io::Result<()> {
        let store = Arc::clone(&self.files);
        self.wait(async move {
            let keys = stream::iter(keys.into_iter().map(Ok)).boxed();
            let deleted = store.delete_stream(keys).filter(|deleted| {
                // Somebody else may have been first.
                std::future::ready(!matches!(deleted, Err(Error::NotFound { .. })))
            });
            deleted.try_for_each(|_| async { Ok(()) }).await
        })
    }
}

impl Storage for Bucket {
    fn folder(&self) -> Option<&Path> {
        None
    }

    /// There must be an object that cannot be made anew: some services write it all the same, and would lose commits so.
    fn prepare(&self) -> io::Result<()> {
        let (store, key) = (Arc::clone(&self.files), self.at(PROBE));
        self.wait(async move {
            for _ in 0..2 {
                match store.put_opts(&key, PutPayload::default(), PutMode::Create.into()).await {
                    Err(Error::AlreadyExists { .. }) => return Ok(()),
                    other => other.map(|_| ())?,
                }
            }
            let source =
                "the service writes objects that are there already, though it is asked not to (conditional put)";
            Err(Error::Generic { store: "bucket", source: source.into() })
        })
    }

    fn shown(&self, path: &str) -> String {
        format!("{}/{path}", self.url.as_str().trim_end_matches('/')).trim_end_matches('/').to_owned()
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let (store, key) = (Arc::clone(&self.files), self.at(path));
        self.wait(async move {
            match store.get(&key).await {
                Err(Error::NotFound { source, .. }) if !is_bucket_missing(source.as_ref()) => Ok(None),
                other => Ok(Some(other?.bytes().await?.to_vec())),
            }
        })
    }

    fn is_file(&self, path: &str) -> io::Result<bool> {
        let (store, key) = (Arc::clone(&self.files), self.at(path));
        self.wait(async move {
            match store.head(&key).await {
                Err(Error::NotFound { .. }) => Ok(false),
                other => other.map(|_| true),
            }
        })
    }

    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let (store, key, bytes) = (Arc::clone(&self.files), self.at(path), PutPayload::from(bytes.to_vec()));
        self.wait(async move { store.put(&key, bytes).await.map(|_| ()) })
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.delete(vec![self.at(path)])
    }

    fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        let (store, from, to) = (Arc::clone(&self.files), self.at(from), self.at(to));
        self.wait(async move { store.copy(&from, &to).await })
    }

    fn entries(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        let (store, folder) = (Arc::clone(&self.files), self.at(folder));
        let found = self.wait(async move { store.list_with_delimiter(Some(&folder)).await })?;
        let name = |path: &StorePath| path.filename().map(str::to_owned);
        let folders = found.common_prefixes.iter().filter_map(|folder| Some((name(folder)?, true)));
        let files = found.objects.iter().filter_map(|file| Some((name(&file.location)?, false)));
        Ok(folders.chain(files).collect())
    }

    fn files(&self, folder: &str) -> io::Result<Vec<StoredFile>> {
        let (store, folder) = (Arc::clone(&self.files), self.at(folder));
        let found = self.wait(async move { store.list_with_delimiter(Some(&folder)).await })?;
        Ok(found.objects.iter().filter_map(|meta| Some(stored(meta, meta.location.filename()?.to_owned()))).collect())
    }

    fn data_files(&self, folder: &str) -> io::Result<Vec<StoredFile>> {
        let prefix = self.at(folder);
        let files = self.below(folder)?.into_iter().filter_map(|meta| {
            let parts: Vec<String> =
                meta.location.prefix_match(&prefix)?.map(|part| part.as_ref().to_owned()).collect();
            let (_, folders) = parts.split_last()?;
            (!folders.iter().any(|folder| is_hidden(folder))).then(|| stored(&meta, parts.join("/")))
        });
        Ok(files.collect())
    }

    fn is_folder(&self, path: &str) -> io::Result<bool> {
        let (store, folder) = (Arc::clone(&self.files), self.at(path));
        self.wait(async move { Ok(store.list(Some(&folder)).try_next().await?.is_some()) })
    }

    fn make_folder(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn keep_folder(&self, folder: &str) -> io::Result<()> {
        self.replace(&format!("{folder}/{KEPT}"), b"")
    }

    /// The logs of tables go first, the newest commit before the ones that it follows: a table is never one with holes in its log.
    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let (mut names, mut data) = (Vec::new(), Vec::new());
        for meta in self.below(folder)? {
            let is_of_log = meta.location.parts().any(|part| part.as_ref() == LOG);
            let is_json = meta.location.extension() == Some("json");
            if is_of_log || is_json { names.push(meta.location) } else { data.push(meta.location) }
        }
        names.sort_by(|a, b| b.cmp(a));
        self.delete(names)?;
        self.delete(data)
    }

    fn rename(&self, _: &str, _: &str) -> io::Result<bool> {
        Ok(false)
    }

    fn sweep(&self) {}

    fn log(&self, table: &str) -> std::result::Result<LogStoreRef, EngineError> {
        let folder = self.at(table);
        let mut url = self.url.clone();
        url.set_path(&format!("{folder}/"));
        let inside = PrefixStore::new(Arc::clone(&self.tables), folder);
        Ok(default_logstore(Arc::new(inside), Arc::clone(&self.tables), &url, &StorageConfig::default()))
    }
}

fn stored(meta: &ObjectMeta, path: String) -> StoredFile {
    StoredFile { path, size: meta.size, modified: Some(meta.last_modified.into()) }
}

fn is_bucket_missing(source: &(dyn std::error::Error + 'static)) -> bool {
    source.to_string().contains("NoSuchBucket")
}

fn failure(error: &Error) -> io::Error {
    io::Error::other(reason(error))
}
