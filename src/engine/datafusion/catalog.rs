//! What SQL can name: the lake's tables and views, and the declared source files.
//!
//! Nothing is registered and nothing is kept: each statement looks at the lake's folders, so relations that this or another
//! process made a moment ago are there. A declared source wins over a relation of the lake with its name.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use datafusion::catalog::{CatalogProvider, CatalogProviderList, SchemaProvider, TableProvider};
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::{TableType, ViewTable};
use datafusion::execution::SessionState;

use super::as_of;
use super::delta::DeltaTables;
use super::external::Sources;
use super::information_schema::{self, InformationSchema};
use super::lake::{Lake, View};
use super::operations::comments;
use super::session::plan_query;
use super::written;
use crate::engine::{Comments, EngineError, ErrorKind, PointInTime, RelationKind};
use crate::sql::Relation;

/// Views over views deeper than this are taken for a mistake.
const MAX_VIEW_DEPTH: usize = 64;

/// How often a relation is looked for that goes while it is looked at.
const LOOKS: usize = 3;

tokio::task_local! {
    /// The views that are being planned, outermost first: how a view that reads itself is noticed.
    static OPEN_VIEWS: Vec<String>;
}

type StateSource = Box<dyn Fn() -> Option<SessionState> + Send + Sync>;

/// All databases: the lake, and those that only declared sources name.
#[derive(Clone, Debug)]
pub(super) struct Catalogs(Arc<Shared>);

struct Shared {
    database: String,
    lake: Arc<Lake>,
    tables: Arc<DeltaTables>,
    sources: Arc<Sources>,
    /// The session that views are planned in. It owns these catalogs, so it is reached through a weak pointer.
    session: OnceLock<StateSource>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Catalogs {
    /// The catalogs of a lake named `database`.
    pub(super) fn new(database: &str, lake: Arc<Lake>, tables: Arc<DeltaTables>, sources: Arc<Sources>) -> Self {
        let database = database.to_owned();
        Catalogs(Arc::new(Shared { database, lake, tables, sources, session: OnceLock::new() }))
    }

    /// Says where views are planned.
    pub(super) fn attach(&self, session: StateSource) {
        // A second session over the same catalogs would be a defect; the first one stays.
        let _ = self.0.session.set(session);
    }

    /// The remarks on a relation of the lake; none where they cannot be read.
    pub(super) async fn comments(&self, schema: &str, name: &str) -> Comments {
        comments(&self.0.lake, &self.0.tables, schema, name).await.unwrap_or_default()
    }

    /// The query of a view.
    pub(super) fn view_definition(&self, schema: &str, name: &str) -> Option<String> {
        self.0.lake.view(schema, name).ok().flatten().map(|view| view.sql)
    }

    /// The names of all relations of a schema.
    pub(super) fn relation_names(&self, database: &str, schema: &str) -> Vec<String> {
        self.0.relation_names(database, schema)
    }
}

impl CatalogProviderList for Catalogs {
    fn register_catalog(&self, _: String, _: Arc<dyn CatalogProvider>) -> Option<Arc<dyn CatalogProvider>> {
        None
    }

    fn catalog_names(&self) -> Vec<String> {
        let names: BTreeSet<String> = self.0.sources.databases().into_iter().chain([self.0.database.clone()]).collect();
        names.into_iter().collect()
    }

    fn catalog(&self, name: &str) -> Option<Arc<dyn CatalogProvider>> {
        let known = name == self.0.database || self.0.sources.databases().iter().any(|database| database == name);
        known.then(|| Arc::new(Database { shared: Arc::clone(&self.0), name: name.to_owned() }) as _)
    }
}

#[derive(Debug)]
struct Database {
    shared: Arc<Shared>,
    name: String,
}

impl CatalogProvider for Database {
    fn schema_names(&self) -> Vec<String> {
        let mut names: BTreeSet<String> = self.shared.sources.schemas(&self.name).into_iter().collect();
        if self.name == self.shared.database {
            names.extend(or_warn(self.shared.lake.schemas()));
        }
        names.into_iter().collect()
    }

    fn schema(&self, name: &str) -> Option<Arc<dyn SchemaProvider>> {
        if name == information_schema::NAME {
            return Some(Arc::new(InformationSchema::new(Arc::new(Catalogs(Arc::clone(&self.shared))))));
        }
        let in_lake = self.name == self.shared.database
            // What cannot be found out now is told when a relation of it is asked for.
            && self.shared.lake.has_schema(name).unwrap_or(true);
        let known = in_lake || self.shared.sources.schemas(&self.name).iter().any(|schema| schema == name);
        let schema = || Schema { shared: Arc::clone(&self.shared), database: self.name.clone(), name: name.to_owned() };
        known.then(|| Arc::new(schema()) as _)
    }
}

#[derive(Debug)]
struct Schema {
    shared: Arc<Shared>,
    database: String,
    name: String,
}

#[async_trait]
impl SchemaProvider for Schema {
    fn table_names(&self) -> Vec<String> {
        self.shared.relation_names(&self.database, &self.name)
    }

    async fn table(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        if let Some(source) = self.shared.sources.get(&self.database, &self.name, name) {
            let state = self.shared.state()?;
            return Ok(Some(source.open(&state).await?));
        }
        // Another process may put a table in the place of a view between two looks, and the other way round.
        for _ in 0..LOOKS {
            let found = match self.kind(name)? {
                Some(RelationKind::View) => self.view(name).await?,
                Some(_) => self.shared.tables.provider(&self.name, name).await?,
                None => break,
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        match self.earlier(name)? {
            Some((table, at)) => Ok(Some(self.shared.tables.provider_at((&self.name, table), at).await?)),
            None => Ok(None),
        }
    }

    async fn table_type(&self, name: &str) -> Result<Option<TableType>> {
        if self.shared.sources.get(&self.database, &self.name, name).is_some() {
            return Ok(Some(TableType::Base));
        }
        Ok(self.kind(name)?.map(|kind| match kind {
            RelationKind::View => TableType::View,
            RelationKind::Table | RelationKind::External => TableType::Base,
        }))
    }

    fn table_exist(&self, name: &str) -> bool {
        let is_source = self.shared.sources.get(&self.database, &self.name, name).is_some();
        is_source || self.kind(name).is_ok_and(|kind| kind.is_some()) || self.earlier(name).is_ok_and(|at| at.is_some())
    }
}

impl Schema {
    fn kind(&self, name: &str) -> Result<Option<RelationKind>, EngineError> {
        if self.database == self.shared.database { self.shared.lake.kind(&self.name, name) } else { Ok(None) }
    }

    /// The table and the point in time that a name means which is no relation's own.
    fn earlier<'n>(&self, name: &'n str) -> Result<Option<(&'n str, PointInTime)>, EngineError> {
        match as_of::meant(name) {
            Some((table, at)) => Ok(self.kind(table)?.map(|_| (table, at))),
            None => Ok(None),
        }
    }

    async fn view(&self, name: &str) -> Result<Option<Arc<dyn TableProvider>>, DataFusionError> {
        let Some(View { sql, schema, files, .. }) = self.shared.lake.view(&self.name, name)? else { return Ok(None) };
        if let Some(files) = files {
            let (state, relation) = (self.shared.state()?, Relation::new(&self.database, &self.name, name));
            return Ok(Some(written::open(&state, relation, &files, self.shared.sources.project_dir()).await?));
        }
        let full_name = format!("{}.{}.{name}", self.database, self.name);
        let mut state = self.shared.state()?;
        if let Some(schema) = schema {
            state.config_mut().options_mut().catalog.default_schema = schema;
        }
        let plan = within_view(&full_name, async {
            plan_query(&state, &sql).await.map_err(|mut error| {
                // A place in the view's query means nothing in the statement that reads the view.
                error.position = None;
                error.message = format!("view `{full_name}`: {}", error.message);
                error
            })
        })
        .await?;
        Ok(Some(Arc::new(ViewTable::new(plan, Some(sql)))))
    }
}

impl Shared {
    fn relation_names(&self, database: &str, schema: &str) -> Vec<String> {
        let mut names: BTreeSet<String> = self.sources.tables(database, schema).into_iter().collect();
        if database == self.database {
            names.extend(or_warn(self.lake.relations(schema)).into_iter().map(|(name, _)| name));
        }
        names.into_iter().collect()
    }

    fn state(&self) -> Result<SessionState, EngineError> {
        let state = self.session.get().and_then(|state| state());
        state.ok_or_else(|| EngineError::new(ErrorKind::Internal, "the session of the lake has ended"))
    }
}

/// A list that nobody can be told the failure of.
fn or_warn<T>(listed: Result<Vec<T>, EngineError>) -> Vec<T> {
    listed.unwrap_or_else(|error| {
        tracing::warn!("{error}");
        Vec::new()
    })
}

/// Plans the query of a view, unless that view is being planned already.
///
/// # Errors
/// [`ErrorKind::Plan`] when the view reads itself, and as `planning` says.
pub(super) async fn within_view<T>(
    view: &str,
    planning: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    let mut open = OPEN_VIEWS.try_with(Vec::clone).unwrap_or_default();
    if let Some(at) = open.iter().position(|other| other == view) {
        let circle = open[at..].iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" → ");
        return Err(EngineError::new(ErrorKind::Plan, format!("view `{view}` reads itself: {circle} → `{view}`")));
    }
    if open.len() >= MAX_VIEW_DEPTH {
        return Err(EngineError::new(ErrorKind::Plan, format!("views are nested deeper than {MAX_VIEW_DEPTH}")));
    }
    open.push(view.to_owned());
    OPEN_VIEWS.scope(open, planning).await
}
