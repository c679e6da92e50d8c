//! Where SQL runs.
//!
//! An [`Engine`] takes statements and gives Arrow batches; it makes, replaces and drops relations through a small set of
//! [`Operation`]s, each of which is atomic for readers. Outside this folder nothing asks which engine it is: callers look at
//! [`Engine::capabilities`] and [`Engine::dialect`]. [`registry`] is the one file that knows which engines are built in.
//!
//! Wrappers (recording, dry-run, read-only) are further implementations of the trait, never flags on it.

pub mod analysis;
mod annotated;
#[cfg(feature = "bigquery")]
mod bigquery;
#[cfg(feature = "datafusion")]
mod datafusion;
mod dataset;
mod error;
mod export;
mod external;
#[cfg(any(feature = "datafusion", feature = "bigquery"))]
mod keys;
mod layout;
mod logged;
mod operation;
pub mod registry;
mod spelling;
mod version;

use std::any::Any;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use arrow::record_batch::RecordBatch;
use async_trait::async_trait;
use futures::TryStreamExt;
use futures::stream::BoxStream;
use tokio_util::sync::CancellationToken;

use crate::sql::{Dialect, Relation};

use analysis::Analyst;
pub use annotated::{Annotated, Comment};
pub use dataset::DatasetName;
pub use error::{EngineError, ErrorKind, Position};
pub use export::Export;
pub use external::{Compression, CsvOptions, DeclaredColumn, ExternalTable, FileFormat};
pub use layout::{Grain, Granularity, Layout, ParquetCompression, PartitionColumn};
pub use logged::Logged;
pub use operation::{Check, ColumnChange, Comments, Delete, Merge, OnChange, Operation, Outcome, Rules};
pub use version::{PointInTime, RelationVersion};

/// The name of the threads that engines work on. A panic on one of them is an error of the operation that it works for, unless the
/// library catches it where it happens.
pub const WORKER: &str = "query";

/// Bytes of the stack of each thread that plans or runs queries. The system gives them as they are used. Plans are as deep as statements are
/// long, and are walked by functions that call themselves.
pub const STACK: usize = 256 << 20;

/// A place to run SQL: a warehouse, or the embedded engine.
///
/// All methods may be called from many tasks at once. Every method that takes a token stops soon after it is cancelled, with
/// [`ErrorKind::Cancelled`], and leaves relations as they were.
#[async_trait]
pub trait Engine: Send + Sync + fmt::Debug {
    /// How SQL for this engine is spelt.
    fn dialect(&self) -> Dialect;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// What its users call a type.
    fn type_name(&self, data_type: &DataType) -> String;

    /// The type that a table has for the values of this one; the type itself where a table has none.
    fn stored_type(&self, data_type: &DataType) -> DataType;

    /// What understands its SQL without it: nothing is connected to, and nothing that it keeps is known.
    ///
    /// # Errors
    /// When a setting is wrong.
    fn analyst(&self) -> Result<Arc<dyn Analyst>, EngineError>;

    /// What tools outside call a relation, whether it is there or not.
    fn dataset(&self, relation: &Relation) -> DatasetName;

    /// The folder on this machine that holds the relations, for an engine that keeps them in one.
    fn local_storage(&self) -> Option<PathBuf>;

    /// Tells the engine of source tables that are files, so that SQL can name them. Nothing is read yet.
    ///
    /// # Errors
    /// When a table's options make no sense.
    fn declare(&self, tables: Vec<ExternalTable>) -> Result<(), EngineError>;

    /// Makes the schemas that are not there, each by its database and name: before statements of users, which count on them. Engines whose
    /// schemas come with what is in them have nothing to do.
    ///
    /// # Errors
    /// When one cannot be made.
    async fn make_schemas(&self, schemas: &[(String, String)]) -> Result<(), EngineError>;

    /// Asks for the right to write, for the length of a command. `command` is shown to whoever waits for it meanwhile.
    /// The right ends when the guard is dropped or the process dies.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] when another process keeps it from that; the message says which.
    async fn begin(&self, command: &str, access: Access) -> Result<WriteGuard, EngineError>;

    /// Keeps other processes from changing a relation until the guard goes; waits for one that changes it now. A draft of the relation
    /// holds it, too ([`Operation::Draft`]), and every change for as long as it takes.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] when the other does not end in time; the message says who it is.
    async fn hold(&self, relation: &Relation, cancel: &CancellationToken) -> Result<WriteGuard, EngineError>;

    /// Runs a query and streams its rows.
    ///
    /// # Errors
    /// When the query cannot be planned; errors while it runs come through the stream.
    async fn query(&self, sql: &str, cancel: &CancellationToken) -> Result<Rows, EngineError>;

    /// The columns of a query, which is planned and not run.
    ///
    /// # Errors
    /// When the query cannot be planned.
    async fn columns(&self, sql: &str, cancel: &CancellationToken) -> Result<SchemaRef, EngineError>;

    /// Changes relations. For readers the change happens at once or not at all.
    ///
    /// # Errors
    /// As the operation says; the relation keeps its earlier content.
    async fn apply(&self, operation: Operation, cancel: &CancellationToken) -> Result<Outcome, EngineError>;

    /// What is known of a relation, or `None` when there is none of that name.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    async fn relation(&self, relation: &Relation) -> Result<Option<RelationInfo>, EngineError>;

    /// All relations of a schema, sorted by name; none when the schema does not exist.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    async fn relations(&self, database: &str, schema: &str) -> Result<Vec<RelationInfo>, EngineError>;

    /// The versions of a table, the newest first; none for what is no table. Only of engines that have [`Capabilities::versions`].
    ///
    /// # Errors
    /// When the catalog cannot be read.
    async fn versions(&self, relation: &Relation) -> Result<Vec<RelationVersion>, EngineError>;

    /// Checks the connection and says in a few `name: value` lines what it is connected to; no secrets.
    ///
    /// # Errors
    /// When the engine cannot be reached or its storage cannot be used.
    async fn check(&self) -> Result<Vec<(String, String)>, EngineError>;
}

/// What an engine can do beyond the common ground.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Rows in memory can be appended to a table at little cost ([`Operation::Append`]).
    pub appends: bool,
    /// Queries can be written to files ([`Operation::Export`]).
    pub exports: bool,
    /// Source tables may be files ([`Engine::declare`]).
    pub external_files: bool,
    /// Several statements may run at once.
    pub parallel: bool,
    /// It has users, whom rights can be granted.
    pub grants: bool,
    /// A relation's new version can be kept from other readers until it is published ([`Operation::Draft`]).
    pub drafts: bool,
    /// The layout of a table that is there can be changed ([`Operation::Arrange`]).
    pub layouts: bool,
    /// It can tell whether a table has the rows of a query as they are now ([`Operation::Refresh`]).
    pub refreshes: bool,
    /// Tables keep their earlier versions: they can be listed, read (`version as of`, `timestamp as of`) and restored.
    pub versions: bool,
}

/// Whether a command that writes lets others write at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// They may, each relation in turn.
    Shared,
    /// Nobody else writes meanwhile.
    Exclusive,
}

/// The right to write; ends when dropped.
pub struct WriteGuard(#[expect(dead_code, reason = "held for its drop")] Option<Box<dyn Any + Send + Sync>>);

impl WriteGuard {
    /// A guard that keeps `held` alive.
    pub fn holding(held: impl Any + Send + Sync) -> Self {
        WriteGuard(Some(Box::new(held)))
    }

    /// For engines where nobody has to wait.
    #[must_use]
    pub fn free() -> Self {
        WriteGuard(None)
    }
}

impl fmt::Debug for WriteGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteGuard")
    }
}

/// Table or view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// Holds rows.
    Table,
    /// Holds a query.
    View,
    /// Files that the project declares as a source.
    External,
}

/// A relation that exists.
#[derive(Clone, Debug)]
pub struct RelationInfo {
    /// Its name.
    pub relation: Relation,
    /// What it is.
    pub kind: RelationKind,
    /// The remarks on it and its columns; [`Engine::relations`] may leave them out.
    pub comments: Comments,
    /// The node that it was published for last, by its id, where that was noted; [`Engine::relations`] leaves it out.
    pub maker: Option<String>,
    /// Its columns, where the catalog knows them without running anything dear; [`Engine::relations`] may leave them out.
    pub schema: Option<SchemaRef>,
}

/// The rows of a query: a schema, also when there are no rows, and batches as they come.
pub struct Rows {
    /// Names and types of the columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: BoxStream<'static, Result<RecordBatch, EngineError>>,
}

impl Rows {
    /// All rows in memory: for results that are known to be small.
    ///
    /// # Errors
    /// The first error of the stream.
    pub async fn collect(self) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
        Ok((self.schema, self.batches.try_collect().await?))
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("schema", &self.schema).finish_non_exhaustive()
    }
}
