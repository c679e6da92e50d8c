//! The first bytes of a file, uncompressed: enough to see its header, or how its JSON is laid out.

use std::sync::Arc;

use datafusion::common::DataFusionError;
use futures::{StreamExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use super::format::Format;
use crate::engine::{EngineError, ErrorKind};

/// No header is longer.
const LONGEST: usize = 1 << 20;

/// The bytes of a file up to where `end` says, or all of them when it never does.
///
/// # Errors
/// When the file cannot be read or uncompressed, or `end` does not say so within the first megabyte.
pub(super) async fn read(
    store: &Arc<dyn ObjectStore>,
    file: &ObjectMeta,
    format: Format,
    mut end: impl FnMut(&[u8]) -> Option<usize>,
) -> Result<Vec<u8>, EngineError> {
    let content = store.get(&file.location).await.map_err(DataFusionError::from)?.into_stream();
    let content = content.map_err(DataFusionError::from).boxed();
    let mut content = format.file_compression().convert_stream(content)?;
    let mut head = Vec::new();
    while let Some(bytes) = content.next().await {
        head.extend_from_slice(&bytes?);
        if let Some(end) = end(&head) {
            head.truncate(end);
            return Ok(head);
        }
        if head.len() > LONGEST {
            return Err(EngineError::new(ErrorKind::SourceFile, "the first line is longer than a megabyte"));
        }
    }
    Ok(head)
}
