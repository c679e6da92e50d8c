//! An engine that puts a comment on the statements it is given: what `query-comment` asks for.

use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::analysis::Analyst;
use super::{
    Access, Capabilities, DatasetName, Engine, EngineError, ExternalTable, Operation, Outcome, Position, RelationInfo,
    RelationVersion, Rows, WriteGuard,
};
use crate::sql::{Dialect, Relation};

/// See the module.
#[derive(Debug)]
pub struct Annotated {
    inner: Arc<dyn Engine>,
    comment: Comment,
}

/// A comment on statements.
#[derive(Clone, Debug)]
pub struct Comment {
    /// What it says.
    pub text: String,
    /// Whether it stands behind the statement.
    pub append: bool,
}

impl Annotated {
    /// The same engine with a comment on each statement.
    pub fn new(inner: Arc<dyn Engine>, comment: Comment) -> Self {
        Annotated { inner, comment }
    }

    /// The statement with the comment.
    fn annotated(&self, sql: &str) -> String {
        let Comment { text, append } = &self.comment;
        if !append {
            return format!("/* {text} */\n{sql}");
        }
        let sql = sql.trim_end();
        match sql.strip_suffix(';') {
            Some(sql) => format!("{sql}\n/* {text} */;"),
            None => format!("{sql}\n/* {text} */"),
        }
    }

    /// The error's place in the statement without the comment.
    fn placed(&self, mut error: EngineError) -> EngineError {
        let Comment { text, append: false } = &self.comment else { return error };
        let added = text.lines().count().max(1);
        error.position =
            error.position.map(|place| Position { line: place.line.saturating_sub(added).max(1), ..place });
        error
    }
}

#[async_trait]
impl Engine for Annotated {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn type_name(&self, data_type: &DataType) -> String {
        self.inner.type_name(data_type)
    }

    fn stored_type(&self, data_type: &DataType) -> DataType {
        self.inner.stored_type(data_type)
    }

    fn analyst(&self) -> Result<Arc<dyn Analyst>, EngineError> {
        self.inner.analyst()
    }

    fn dataset(&self, relation: &Relation) -> DatasetName {
        self.inner.dataset(relation)
    }

    fn local_storage(&self) -> Option<PathBuf> {
        self.inner.local_storage()
    }

    fn declare(&self, tables: Vec<ExternalTable>) -> Result<(), EngineError> {
        self.inner.declare(tables)
    }

    async fn make_schemas(&self, schemas: &[(String, String)]) -> Result<(), EngineError> {
        self.inner.make_schemas(schemas).await
    }

    async fn begin(&self, command: &str, access: Access) -> Result<WriteGuard, EngineError> {
        self.inner.begin(command, access).await
    }

    async fn hold(&self, relation: &Relation, cancel: &CancellationToken) -> Result<WriteGuard, EngineError> {
        self.inner.hold(relation, cancel).await
    }

    async fn query(&self, sql: &str, cancel: &CancellationToken) -> Result<Rows, EngineError> {
        let sql = self.annotated(sql);
        self.inner.query(&sql, cancel).await.map_err(|error| self.placed(error))
    }

    async fn columns(&self, sql: &str, cancel: &CancellationToken) -> Result<SchemaRef, EngineError> {
        let sql = self.annotated(sql);
        self.inner.columns(&sql, cancel).await.map_err(|error| self.placed(error))
    }

    async fn apply(&self, operation: Operation, cancel: &CancellationToken) -> Result<Outcome, EngineError> {
        if let Operation::Execute { sql } = operation {
            let sql = self.annotated(&sql);
            let applied = self.inner.apply(Operation::Execute { sql }, cancel).await;
            return applied.map_err(|error| self.placed(error));
        }
        // No statement is sent for these; what they amount to is told as it would be.
        if tracing::enabled!(target: "transform::sql", tracing::Level::DEBUG) {
            let sql = self.annotated(&operation.to_sql(self.dialect()));
            tracing::debug!(target: "transform::sql", "{sql}");
        }
        self.inner.apply(operation, cancel).await
    }

    async fn relation(&self, relation: &Relation) -> Result<Option<RelationInfo>, EngineError> {
        self.inner.relation(relation).await
    }

    async fn relations(&self, database: &str, schema: &str) -> Result<Vec<RelationInfo>, EngineError> {
        self.inner.relations(database, schema).await
    }

    async fn versions(&self, relation: &Relation) -> Result<Vec<RelationVersion>, EngineError> {
        self.inner.versions(relation).await
    }

    async fn check(&self) -> Result<Vec<(String, String)>, EngineError> {
        self.inner.check().await
    }
}
