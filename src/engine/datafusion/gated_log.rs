//! The log of a table behind a [`Gate`]: everything as the log itself does it, except that a commit passes the gate first, and that the gate
//! knows the files that are written.

use std::sync::Arc;

use async_trait::async_trait;
use deltalake::kernel::Version;
use deltalake::kernel::transaction::TransactionError;
use deltalake::logstore::{CommitOrBytes, LogStore, LogStoreConfig, LogStoreRef};
use deltalake::{DeltaResult, ObjectStore};
use object_store::PutPayload;
use uuid::Uuid;

use super::gate::Gate;

/// `bytes::Bytes`, which none of the libraries names again.
type Bytes = <PutPayload as IntoIterator>::Item;

/// A log behind a gate.
pub(super) struct GatedLog {
    log: LogStoreRef,
    gate: Gate,
}

impl GatedLog {
    /// Puts a log behind a gate.
    pub(super) fn new(log: LogStoreRef, gate: Gate) -> Self {
        GatedLog { log, gate }
    }
}

#[async_trait]
impl LogStore for GatedLog {
    fn name(&self) -> String {
        self.log.name()
    }

    async fn refresh(&self) -> DeltaResult<()> {
        self.log.refresh().await
    }

    async fn read_commit_entry(&self, version: Version) -> DeltaResult<Option<Bytes>> {
        self.log.read_commit_entry(version).await
    }

    async fn write_commit_entry(
        &self,
        version: Version,
        commit: CommitOrBytes,
        operation: Uuid,
    ) -> Result<(), TransactionError> {
        self.gate
            .pass()
            .map_err(|error| TransactionError::LogStoreError { msg: error.message.clone(), source: Box::new(error) })?;
        self.log.write_commit_entry(version, commit, operation).await
    }

    async fn abort_commit_entry(
        &self,
        version: Version,
        commit: CommitOrBytes,
        operation: Uuid,
    ) -> Result<(), TransactionError> {
        self.log.abort_commit_entry(version, commit, operation).await
    }

    async fn get_latest_version(&self, start: Version) -> DeltaResult<Version> {
        self.log.get_latest_version(start).await
    }

    fn object_store(&self, operation: Option<Uuid>) -> Arc<dyn ObjectStore> {
        self.gate.written().of(self.log.object_store(operation))
    }

    fn root_object_store(&self, operation: Option<Uuid>) -> Arc<dyn ObjectStore> {
        self.log.root_object_store(operation)
    }

    fn config(&self) -> &LogStoreConfig {
        self.log.config()
    }
}
