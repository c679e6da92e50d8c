//! An engine that says what it is sent: each statement as a `debug` event of the target `transform::sql`, and one of the target
//! `transform::sql_status` when it has been done.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::analysis::Analyst;
use super::{
    Access, Capabilities, DatasetName, Engine, EngineError, ExternalTable, Operation, Outcome, RelationInfo,
    RelationVersion, Rows, WriteGuard,
};
use crate::sql::{Dialect, Relation};

/// The same engine, telling.
#[derive(Debug)]
pub struct Logged(Arc<dyn Engine>);

impl Logged {
    /// An engine that tells what `engine` is sent.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>) -> Self {
        Logged(engine)
    }
}

#[async_trait]
impl Engine for Logged {
    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn capabilities(&self) -> Capabilities {
        self.0.capabilities()
    }

    fn type_name(&self, data_type: &DataType) -> String {
        self.0.type_name(data_type)
    }

    fn stored_type(&self, data_type: &DataType) -> DataType {
        self.0.stored_type(data_type)
    }

    fn analyst(&self) -> Result<Arc<dyn Analyst>, EngineError> {
        self.0.analyst()
    }

    fn dataset(&self, relation: &Relation) -> DatasetName {
        self.0.dataset(relation)
    }

    fn local_storage(&self) -> Option<PathBuf> {
        self.0.local_storage()
    }

    fn declare(&self, tables: Vec<ExternalTable>) -> Result<(), EngineError> {
        self.0.declare(tables)
    }

    async fn make_schemas(&self, schemas: &[(String, String)]) -> Result<(), EngineError> {
        self.0.make_schemas(schemas).await
    }

    async fn begin(&self, command: &str, access: Access) -> Result<WriteGuard, EngineError> {
        self.0.begin(command, access).await
    }

    async fn hold(&self, relation: &Relation, cancel: &CancellationToken) -> Result<WriteGuard, EngineError> {
        self.0.hold(relation, cancel).await
    }

    async fn query(&self, sql: &str, cancel: &CancellationToken) -> Result<Rows, EngineError> {
        tracing::debug!(target: "transform::sql", "{sql}");
        let started = Instant::now();
        let Rows { schema, batches } = self.0.query(sql, cancel).await?;
        // A query is done when its last row has been read.
        let batches = stream::unfold(Some(batches), move |batches| async move {
            let mut batches = batches?;
            match batches.next().await {
                Some(Ok(batch)) => Some((Ok(batch), Some(batches))),
                Some(Err(error)) => Some((Err(error), None)),
                None => {
                    done(started);
                    None
                }
            }
        });
        let batches = batches.boxed();
        Ok(Rows { schema, batches })
    }

    async fn columns(&self, sql: &str, cancel: &CancellationToken) -> Result<SchemaRef, EngineError> {
        tracing::debug!(target: "transform::sql", "{sql}");
        let started = Instant::now();
        let columns = self.0.columns(sql, cancel).await?;
        done(started);
        Ok(columns)
    }

    async fn apply(&self, operation: Operation, cancel: &CancellationToken) -> Result<Outcome, EngineError> {
        let is_told = tracing::enabled!(target: "transform::sql", tracing::Level::DEBUG);
        // Steps that are no SQL are not told of.
        let sql = is_told.then(|| operation.to_sql(self.dialect()));
        let Some(sql) = sql.filter(|sql| !sql.is_empty()) else { return self.0.apply(operation, cancel).await };
        tracing::debug!(target: "transform::sql", "{sql}");
        let started = Instant::now();
        let outcome = self.0.apply(operation, cancel).await?;
        done(started);
        Ok(outcome)
    }

    async fn relation(&self, relation: &Relation) -> Result<Option<RelationInfo>, EngineError> {
        self.0.relation(relation).await
    }

    async fn relations(&self, database: &str, schema: &str) -> Result<Vec<RelationInfo>, EngineError> {
        self.0.relations(database, schema).await
    }

    async fn versions(&self, relation: &Relation) -> Result<Vec<RelationVersion>, EngineError> {
        self.0.versions(relation).await
    }

    async fn check(&self) -> Result<Vec<(String, String)>, EngineError> {
        self.0.check().await
    }
}

/// A statement is done.
fn done(started: Instant) {
    let elapsed = started.elapsed().as_secs_f64();
    tracing::debug!(target: "transform::sql_status", status = "OK", elapsed, query_id = "", "SQL status: OK in {elapsed:.3} seconds");
}
