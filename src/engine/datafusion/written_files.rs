//! The files that an operation puts into the folder of a table. Of a write that fails only these may go: others write there, too.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart,
};

use super::drafts::Bytes;

/// What was written so far. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct WrittenFiles(Arc<Mutex<Vec<WrittenFile>>>);

/// A file, which may be written only in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenFile {
    /// Relative to the table.
    pub(super) path: String,
    /// Bytes.
    pub(super) size: u64,
}

impl WrittenFiles {
    /// Takes up a file and tells its number.
    pub(super) fn add(&self, path: &str, size: u64) -> usize {
        self.with(|files| {
            files.push(WrittenFile { path: path.to_owned(), size });
            files.len() - 1
        })
    }

    /// How many files were written.
    pub(super) fn count(&self) -> usize {
        self.with(|files| files.len())
    }

    /// The files that came after the first `count`.
    pub(super) fn since(&self, count: usize) -> Vec<WrittenFile> {
        self.with(|files| files.get(count..).unwrap_or_default().to_vec())
    }

    /// The store of a table, which tells what is put into it.
    pub(super) fn of(&self, store: Arc<dyn ObjectStore>) -> Arc<dyn ObjectStore> {
        Arc::new(Telling { store, written: self.clone() })
    }

    fn grow(&self, number: usize, bytes: u64) {
        self.with(|files| files.get_mut(number).into_iter().for_each(|file| file.size += bytes));
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<WrittenFile>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A store that tells what is put into it.
#[derive(Debug)]
struct Telling {
    store: Arc<dyn ObjectStore>,
    written: WrittenFiles,
}

impl fmt::Display for Telling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.store.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Telling {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.written.add(location.as_ref(), payload.content_length() as u64);
        self.store.put_opts(location, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let number = self.written.add(location.as_ref(), 0);
        let upload = self.store.put_multipart_opts(location, options).await?;
        Ok(Box::new(TellingUpload { upload, number, written: self.written.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.store.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.store.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.store.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.store.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.store.rename_opts(from, to, options).await
    }
}

/// A file that comes in parts.
#[derive(Debug)]
struct TellingUpload {
    upload: Box<dyn MultipartUpload>,
    number: usize,
    written: WrittenFiles,
}

#[async_trait]
impl MultipartUpload for TellingUpload {
    fn put_part(&mut self, part: PutPayload) -> UploadPart {
        self.written.grow(self.number, part.content_length() as u64);
        self.upload.put_part(part)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.upload.complete().await
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
