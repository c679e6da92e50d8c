//! The embedded engine: DataFusion over a lake of Delta tables.
//!
//! [`storage`] is where files are, [`lake`] which ones they are, [`delta`] the tables in them, [`data_files`] their rows, [`drafts`] what
//! is yet to be published of them, [`versions`] what they were, which SQL can name with [`as_of`], [`external`] the source files that a
//! project declares; [`catalog`] shows them to SQL, [`session`] plans it. [`operations`] change relations; [`row_source`] carries the rows
//! of a query into a table, [`storable`] gives them types that it can hold, [`assignment`] refuses those that it would change, and
//! [`staging`] keeps rows that are needed twice. [`guard`] refuses SQL that would be silently wrong, [`lock`] keeps writers from each
//! other; [`memory`] keeps queries within their limit; [`error`] and [`plan_message`] put the libraries' errors into our words, and [`place`] finds where they are.
//!
//! [`idioms`] are spellings of the warehouses that become DataFusion's, [`functions`] are those of SQL that it lacks, [`user_functions`] the
//! project's own; [`laterals`] are computed in the rows that they are joined to, [`overflow`] keeps sums within their types, and [`casts`]
//! have the values that they have in the warehouses.
//!
//! All work happens on the threads of [`workers`], callers only wait; [`gate`] and [`gated_log`] see to it that what was cancelled is
//! never committed, and [`yielding`] that it ends soon.
//!
//! Making the engine costs nothing: the session is opened by the first statement.

mod analysis;
mod as_of;
mod assignment;
mod casts;
mod catalog;
mod chains;
mod checks;
mod context;
mod data_files;
mod delta;
mod drafts;
mod dynamic_filters;
mod error;
mod external;
mod functions;
mod gate;
mod gated_log;
mod guard;
mod idioms;
mod information_schema;
mod lake;
mod laterals;
mod lock;
mod marks;
mod memory;
mod microseconds;
mod offsets;
mod operations;
mod overflow;
mod place;
mod plan_message;
mod query;
mod rewritten;
mod row_source;
mod session;
mod settings;
mod spill_dir;
mod sql_types;
mod staging;
mod storable;
mod storage;
#[cfg(test)]
mod tests;
mod type_names;
mod user_functions;
mod versions;
mod workers;
mod written;
mod written_files;
mod yielding;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use self::analysis::Planner;
use self::context::Context;
use self::external::{Source, Sources};
use self::gate::{CloseOnDrop, Gate};
use self::lake::Lake;
use self::lock::Locks;
use self::settings::Settings;
use self::spill_dir::SpillDir;
use self::workers::{Workers, finished};
use super::analysis::Analyst;
use super::registry;
use super::{
    Access, Capabilities, Comments, DatasetName, Engine, EngineError, ErrorKind, ExternalTable, Operation, Outcome,
    RelationInfo, RelationKind, RelationVersion, Rows, WriteGuard,
};
use crate::sql::{Dialect, Relation};

/// How long a cancelled operation may take to remove what it has written; then nobody waits for it any more.
const CLEANING_UP: Duration = Duration::from_millis(500);

/// The embedded engine.
#[derive(Debug)]
pub(super) struct DataFusion {
    settings: Settings,
    lake: Arc<Lake>,
    locks: Arc<Locks>,
    sources: Arc<Sources>,
    opened: OnceCell<Opened>,
}

/// What the first statement opens.
#[derive(Debug)]
struct Opened {
    context: Arc<Context>,
    workers: Workers,
    /// Removed last, when nothing is begun any more.
    #[expect(dead_code, reason = "held for the folder")]
    spill_dir: Option<SpillDir>,
}

impl DataFusion {
    /// The engine of a profile's output. Nothing is opened yet.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`](super::ErrorKind::Settings) naming the key whose value cannot be used.
    pub(super) fn new(profile: &registry::Settings) -> Result<Self, EngineError> {
        let settings = Settings::read(profile)?;
        let lake = Arc::new(Lake::new(storage::open(&settings.lake)?));
        let sources = Arc::new(Sources::new(settings.project_dir.clone()));
        let locks = Arc::new(Locks::new(Arc::clone(&lake), settings.lock_timeout));
        Ok(DataFusion { settings, lake, locks, sources, opened: OnceCell::new() })
    }

    async fn opened(&self) -> Result<&Opened, EngineError> {
        let open = || async {
            let spill_dir = SpillDir::make(self.settings.spill_dir.as_deref())?;
            let lake = (Arc::clone(&self.lake), Arc::clone(&self.locks));
            let context = Context::open(&self.settings, spill_dir.as_ref(), lake, Arc::clone(&self.sources))?;
            Ok(Opened { context: Arc::new(context), workers: Workers::start()?, spill_dir })
        };
        self.opened.get_or_try_init(open).await
    }
}

#[async_trait]
impl Engine for DataFusion {
    fn dialect(&self) -> Dialect {
        Dialect::Generic
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            exports: true,
            external_files: true,
            parallel: true,
            grants: false,
            drafts: true,
            layouts: true,
            refreshes: true,
            versions: true,
            appends: true,
        }
    }

    fn type_name(&self, data_type: &DataType) -> String {
        type_names::sql_name(data_type)
    }

    fn stored_type(&self, data_type: &DataType) -> DataType {
        storable::storable_type(data_type, "").unwrap_or_else(|_| data_type.clone())
    }

    fn analyst(&self) -> Result<Arc<dyn Analyst>, EngineError> {
        Ok(Arc::new(Planner::new(&self.settings)?))
    }

    /// By where the files are: those of a source, or of the table's folder in the lake.
    fn dataset(&self, relation: &Relation) -> DatasetName {
        let Relation { database, schema, identifier } = relation;
        match self.sources.get(database, schema, identifier).as_deref().and_then(Source::location) {
            Some(location) => DatasetName::of_files(&location),
            None => {
                let lake = self.settings.lake.to_string();
                let folder = format!("{}/{}", lake::encode(schema), lake::encode(identifier));
                DatasetName::at(&format!("{}/{folder}", lake.trim_end_matches('/')))
            }
        }
    }

    fn local_storage(&self) -> Option<PathBuf> {
        self.lake.folder().map(Path::to_path_buf)
    }

    fn declare(&self, tables: Vec<ExternalTable>) -> Result<(), EngineError> {
        self.sources.declare(tables)
    }

    async fn make_schemas(&self, _schemas: &[(String, String)]) -> Result<(), EngineError> {
        Ok(())
    }

    async fn begin(&self, command: &str, access: Access) -> Result<WriteGuard, EngineError> {
        Ok(WriteGuard::holding(self.locks.begin(command, access).await?))
    }

    async fn hold(&self, relation: &Relation, cancel: &CancellationToken) -> Result<WriteGuard, EngineError> {
        if relation.database != self.settings.database {
            return Ok(WriteGuard::free());
        }
        Ok(WriteGuard::holding(self.locks.hold(relation, cancel).await?))
    }

    async fn query(&self, sql: &str, cancel: &CancellationToken) -> Result<Rows, EngineError> {
        let Opened { context, workers, .. } = self.opened().await?;
        query::query(workers, Arc::clone(context), sql, cancel).await
    }

    async fn columns(&self, sql: &str, cancel: &CancellationToken) -> Result<SchemaRef, EngineError> {
        // Rows are worked out as they are asked for.
        Ok(self.query(sql, cancel).await?.schema)
    }

    async fn apply(&self, operation: Operation, cancel: &CancellationToken) -> Result<Outcome, EngineError> {
        let Opened { context, workers, .. } = self.opened().await?;
        let gate = Gate::new();
        let _closed = CloseOnDrop(&gate);
        let (context, inner) = (Arc::clone(context), gate.clone());
        let applied = async move { operations::apply(&context, operation, &inner).await };
        let mut task = workers.detached(applied)?;
        tokio::select! {
            biased;
            done = &mut task => return finished(done),
            () = cancel.cancelled() => {}
        }
        if !gate.close() {
            return finished(task.await);
        }
        // What it came to does not matter: its change was not made visible and never will be.
        let _ = tokio::time::timeout(CLEANING_UP, task).await;
        Err(cancelled())
    }

    async fn relation(&self, relation: &Relation) -> Result<Option<RelationInfo>, EngineError> {
        if self.sources.get(&relation.database, &relation.schema, &relation.identifier).is_some() {
            let (kind, comments) = (RelationKind::External, Comments::default());
            return Ok(Some(RelationInfo { relation: relation.clone(), kind, schema: None, comments, maker: None }));
        }
        if relation.database != self.settings.database {
            return Ok(None);
        }
        let Some(kind) = self.lake.kind(&relation.schema, &relation.identifier)? else { return Ok(None) };
        let Opened { context, workers, .. } = self.opened().await?;
        let (context, relation) = (Arc::clone(context), relation.clone());
        let known = async move {
            let (of, name) = (relation.schema.as_str(), relation.identifier.as_str());
            let comments = operations::comments(&context.lake, &context.tables, of, name).await?;
            let (schema, maker) = match kind {
                RelationKind::Table => (context.table_schema(&relation).await?, context.tables.maker(of, name).await?),
                _ => (None, context.lake.view(of, name)?.and_then(|view| view.maker)),
            };
            Ok::<_, EngineError>(RelationInfo { relation, kind, schema, comments, maker })
        };
        workers.run(known).await.map(Some)
    }

    async fn relations(&self, database: &str, schema: &str) -> Result<Vec<RelationInfo>, EngineError> {
        let info = |(name, kind)| RelationInfo {
            relation: Relation::new(database, schema, name),
            kind,
            schema: None,
            comments: Comments::default(),
            maker: None,
        };
        let mut found: Vec<_> =
            self.sources.tables(database, schema).into_iter().map(|name| (name, RelationKind::External)).collect();
        if database == self.settings.database {
            let lake = self.lake.relations(schema)?;
            found.extend(lake.into_iter().filter(|(name, _)| self.sources.get(database, schema, name).is_none()));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found.into_iter().map(info).collect())
    }

    async fn versions(&self, relation: &Relation) -> Result<Vec<RelationVersion>, EngineError> {
        let (schema, name) = (relation.schema.clone(), relation.identifier.clone());
        if relation.database != self.settings.database || self.lake.kind(&schema, &name)? != Some(RelationKind::Table) {
            return Ok(Vec::new());
        }
        let Opened { context, workers, .. } = self.opened().await?;
        let tables = Arc::clone(&context.tables);
        workers.run(async move { tables.versions(&schema, &name).await }).await
    }

    async fn check(&self) -> Result<Vec<(String, String)>, EngineError> {
        let Opened { context, .. } = self.opened().await?;
        self.lake.check_writable()?;
        Ok(context.describe())
    }
}

/// The error of a call that was cancelled.
fn cancelled() -> EngineError {
    EngineError::new(ErrorKind::Cancelled, "cancelled")
}
