//! What every operation works with: the lake's files, its tables, the declared sources, the session.

use std::sync::Arc;

use datafusion::DATAFUSION_VERSION;
use datafusion::arrow::datatypes::SchemaRef;

use super::catalog::Catalogs;
use super::delta::DeltaTables;
use super::external::Sources;
use super::lake::Lake;
use super::lock::Locks;
use super::session::Session;
use super::settings::Settings;
use super::spill_dir::SpillDir;
use crate::engine::EngineError;
use crate::sql::Relation;

/// An opened lake.
#[derive(Clone, Debug)]
pub(super) struct Context {
    /// The engine's settings.
    pub(super) settings: Settings,
    /// The lake's files.
    pub(super) lake: Arc<Lake>,
    /// The lake's tables.
    pub(super) tables: Arc<DeltaTables>,
    /// The declared source files.
    pub(super) sources: Arc<Sources>,
    /// Who may change what.
    pub(super) locks: Arc<Locks>,
    /// Where SQL is planned and run.
    pub(super) session: Session,
}

impl Context {
    /// Opens the session of a lake; the lake itself need not exist.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`](crate::engine::ErrorKind::Settings) when an option of the session is wrong.
    pub(super) fn open(
        settings: &Settings,
        spill_dir: Option<&SpillDir>,
        (lake, locks): (Arc<Lake>, Arc<Locks>),
        sources: Arc<Sources>,
    ) -> Result<Self, EngineError> {
        let tables = Arc::new(DeltaTables::new(Arc::clone(&lake)));
        let catalogs = Catalogs::new(&settings.database, Arc::clone(&lake), Arc::clone(&tables), Arc::clone(&sources));
        let session = Session::open(settings, spill_dir, Arc::new(catalogs), Arc::clone(&lake))?;
        Ok(Context { settings: settings.clone(), lake, tables, sources, locks, session })
    }

    /// The same lake for what needs more memory than there is.
    pub(super) fn frugal(&self) -> Self {
        Context { session: self.session.frugal(), ..self.clone() }
    }

    /// The columns of a table, or `None` when it is not there.
    ///
    /// # Errors
    /// When the table's log cannot be read.
    pub(super) async fn table_schema(&self, relation: &Relation) -> Result<Option<SchemaRef>, EngineError> {
        match self.tables.open(&relation.schema, &relation.identifier).await? {
            Some(table) => Ok(Some(table.snapshot()?.snapshot().arrow_schema())),
            None => Ok(None),
        }
    }

    /// What the engine is, in `name: value` lines.
    pub(super) fn describe(&self) -> Vec<(String, String)> {
        let memory = self.settings.memory.bytes() >> 20;
        [
            ("engine", format!("DataFusion {DATAFUSION_VERSION}")),
            ("lake", self.lake.shown()),
            ("database", self.settings.database.clone()),
            ("schema", self.settings.schema.clone()),
            ("memory limit", format!("{memory} MB")),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }
}
