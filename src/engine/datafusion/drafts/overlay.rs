//! An object store in which the log of one table is read from memory before it is read from disk, and written to memory alone. Data
//! files go to disk as ever: without a log that names them nobody sees them.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures::stream::{self, BoxStream};
use futures::{FutureExt, StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    Attributes, CopyOptions, Error, GetOptions, GetResult, GetResultPayload, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, ObjectStoreExt, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutPayloadMut, PutResult,
    RenameOptions, Result, UploadPart,
};

/// `bytes::Bytes`, which none of the libraries names again.
pub(in crate::engine::datafusion) type Bytes = <PutPayload as IntoIterator>::Item;

/// The files of a log that are in memory, by name.
#[derive(Debug, Default)]
pub(super) struct LogFiles(Mutex<BTreeMap<String, LogFile>>);

#[derive(Clone, Debug)]
struct LogFile {
    bytes: Bytes,
    modified: DateTime<Utc>,
}

impl LogFiles {
    /// What is in a file.
    pub(super) fn read(&self, name: &str) -> Option<Bytes> {
        self.get(name).map(|file| file.bytes)
    }

    /// Puts a file there.
    pub(super) fn write(&self, name: &str, bytes: Bytes) {
        self.lock().insert(name.to_owned(), LogFile { bytes, modified: Utc::now() });
    }

    /// Forgets all files.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// Names, sizes and times of all files, sorted by name.
    pub(super) fn list(&self) -> Vec<(String, u64, Option<SystemTime>)> {
        let files = self.lock();
        files.iter().map(|(name, file)| (name.clone(), file.bytes.len() as u64, Some(file.modified.into()))).collect()
    }

    fn get(&self, name: &str) -> Option<LogFile> {
        self.lock().get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, LogFile>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogFile {
    fn meta(&self, location: Path) -> ObjectMeta {
        let size = self.bytes.len() as u64;
        ObjectMeta { location, last_modified: self.modified, size, e_tag: None, version: None }
    }

    fn result(&self, location: &Path, options: &GetOptions) -> Result<GetResult> {
        let meta = self.meta(location.clone());
        options.check_preconditions(&meta)?;
        let range = match &options.range {
            Some(range) => range.as_range(meta.size).map_err(|error| generic(error.into()))?,
            None => 0..meta.size,
        };
        let bytes = self.bytes.slice(index(range.start)..index(range.end));
        let payload = GetResultPayload::Stream(stream::once(async move { Ok(bytes) }).boxed());
        Ok(GetResult { payload, meta, range, attributes: Attributes::default() })
    }
}

fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn generic(source: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::Generic { store: "draft", source }
}

/// The files of a table's log over those on disk.
#[derive(Clone, Debug)]
pub(super) struct Overlay {
    base: Arc<dyn ObjectStore>,
    /// The folder of the log, as this store calls it.
    log: Path,
    files: Arc<LogFiles>,
}

impl Overlay {
    /// Puts files over the log in a folder of a store.
    pub(super) fn new(base: Arc<dyn ObjectStore>, log: Path, files: Arc<LogFiles>) -> Self {
        Overlay { base, log, files }
    }

    /// The name of a file of the log; `None` for every other file.
    fn name(&self, location: &Path) -> Option<String> {
        let mut parts = location.prefix_match(&self.log)?;
        let name = parts.next()?.as_ref().to_owned();
        parts.next().is_none().then_some(name)
    }

    fn found(&self, location: &Path) -> Option<LogFile> {
        self.files.get(&self.name(location)?)
    }

    /// The files in memory below a prefix.
    fn listed(&self, prefix: Option<&Path>) -> Vec<ObjectMeta> {
        let is_below = |location: &Path| prefix.is_none_or(|prefix| location.prefix_matches(prefix));
        let files = self.files.lock();
        let all = files.iter().map(|(name, file)| file.meta(self.log.clone().join(name.as_str())));
        all.filter(|meta| is_below(&meta.location)).collect()
    }

    /// Files on disk that memory has too are those in memory.
    fn is_covered(&self, meta: &ObjectMeta) -> bool {
        self.found(&meta.location).is_some()
    }
}

impl fmt::Display for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "draft over {}", self.base)
    }
}

#[async_trait]
impl ObjectStore for Overlay {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        let Some(name) = self.name(location) else { return self.base.put_opts(location, payload, options).await };
        if options.mode == PutMode::Create && (self.found(location).is_some() || self.base.head(location).await.is_ok())
        {
            let source = "the draft has it already".into();
            return Err(Error::AlreadyExists { path: location.to_string(), source });
        }
        self.files.write(&name, payload.into());
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        match self.name(location) {
            Some(name) => Ok(Box::new(Upload { files: Arc::clone(&self.files), name, parts: PutPayloadMut::new() })),
            None => self.base.put_multipart_opts(location, options).await,
        }
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        match self.found(location) {
            Some(file) => file.result(location, &options),
            None => self.base.get_opts(location, options).await,
        }
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        match self.found(location) {
            Some(file) => {
                Ok(ranges.iter().map(|range| file.bytes.slice(index(range.start)..index(range.end))).collect())
            }
            None => self.base.get_ranges(location, ranges).await,
        }
    }

    // Nothing of the log on disk goes for the sake of a draft.
    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let overlay = self.clone();
        let deleted = locations.and_then(move |location| {
            let overlay = overlay.clone();
            async move {
                match overlay.name(&location) {
                    Some(name) => drop(overlay.files.lock().remove(&name)),
                    None => overlay.base.delete(&location).await?,
                }
                Ok(location)
            }
        });
        deleted.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (overlay, own) = (self.clone(), self.listed(prefix));
        let rest = self.base.list(prefix).try_filter(move |meta| std::future::ready(!overlay.is_covered(meta)));
        in_order(own, rest.boxed())
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let mut found = self.base.list_with_delimiter(prefix).await?;
        found.objects.retain(|meta| !self.is_covered(meta));
        let own = self.listed(prefix).into_iter();
        found.objects.extend(own.filter(|_| prefix == Some(&self.log)));
        Ok(found)
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        match (self.name(from), self.name(to)) {
            (None, None) => self.base.copy_opts(from, to, options).await,
            _ => Err(generic("files of a draft's log are not copied".into())),
        }
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        match (self.name(from), self.name(to)) {
            (None, None) => self.base.rename_opts(from, to, options).await,
            _ => Err(generic("files of a draft's log are not renamed".into())),
        }
    }
}

/// Files in memory among those of a store, in the order of their names: buckets list them so, and readers rely on it.
fn in_order(
    own: Vec<ObjectMeta>,
    rest: BoxStream<'static, Result<ObjectMeta>>,
) -> BoxStream<'static, Result<ObjectMeta>> {
    let both = (own.into_iter().peekable(), rest.peekable());
    let files = stream::unfold(both, |(mut own, mut rest)| async move {
        let next = match (own.peek(), Pin::new(&mut rest).peek().await) {
            (Some(mine), Some(Ok(other))) if other.location < mine.location => rest.next().await,
            (Some(_), _) => own.next().map(Ok),
            (None, _) => rest.next().await,
        };
        next.map(|next| (next, (own, rest)))
    });
    files.boxed()
}

/// A file of the log that comes in parts.
#[derive(Debug)]
struct Upload {
    files: Arc<LogFiles>,
    name: String,
    parts: PutPayloadMut,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        part.into_iter().for_each(|bytes| self.parts.push(bytes));
        std::future::ready(Ok(())).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let parts = std::mem::replace(&mut self.parts, PutPayloadMut::new());
        self.files.write(&self.name, parts.freeze().into());
        Ok(PutResult { e_tag: None, version: None })
    }

    async fn abort(&mut self) -> Result<()> {
        Ok(())
    }
}
