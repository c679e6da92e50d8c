//! BigQuery: SQL is pushed to the service, and nothing is computed here.
//!
//! [`settings`] is what the profile says and [`sign_in`] who we are; [`client`] makes calls, and [`failure`] is what they come to when they
//! fail. [`types`] are the types of columns, [`cells`] reads rows and [`upload`] writes them. [`catalog`] knows what is there, [`statements`]
//! are changes in words of GoogleSQL, and [`operations`] makes them.
//!
//! Making the engine costs nothing: nothing is called before the first statement.

mod catalog;
mod cells;
mod client;
mod failure;
mod operations;
mod settings;
mod sign_in;
mod statements;
mod types;
mod upload;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use self::catalog::Catalog;
use self::client::{Client, Done};
use self::settings::Settings;
use super::analysis::{Analyst, Unanalyzed};
use super::registry;
use super::{
    Access, Capabilities, Comments, DatasetName, Engine, EngineError, ErrorKind, ExternalTable, Operation, Outcome,
    RelationInfo, RelationVersion, Rows, WriteGuard,
};
use crate::sql::{Dialect, Relation};

/// The keys of a profile that are read here.
pub(super) const KEYS: &[&str] = &[
    "api_endpoint",
    "client_id",
    "client_secret",
    "database",
    "dataset",
    "execution_project",
    "impersonate_service_account",
    "job_creation_timeout_seconds",
    "job_execution_timeout_seconds",
    "job_retries",
    "job_retry_deadline_seconds",
    "keyfile",
    "keyfile_json",
    "location",
    "maximum_bytes_billed",
    "method",
    "priority",
    "project",
    "refresh_token",
    "retries",
    "schema",
    "scopes",
    "threads",
    "timeout_seconds",
    "token",
    "type",
];

/// How many datasets are listed at once.
const SCHEMAS_AT_ONCE: usize = 16;

/// The engine.
pub(super) struct BigQuery {
    settings: Arc<Settings>,
    client: Arc<Client>,
    catalog: Catalog,
}

impl fmt::Debug for BigQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BigQuery").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl BigQuery {
    /// The engine of a profile's output. Nothing is called yet.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] naming the key whose value cannot be used.
    pub(super) fn new(profile: &registry::Settings) -> Result<Self, EngineError> {
        let settings = Arc::new(Settings::read(profile)?);
        let client = Arc::new(Client::new(Arc::clone(&settings))?);
        Ok(BigQuery { settings, client, catalog: Catalog::default() })
    }
}

#[async_trait]
impl Engine for BigQuery {
    fn dialect(&self) -> Dialect {
        Dialect::BigQuery
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { parallel: true, ..Capabilities::default() }
    }

    fn type_name(&self, data_type: &DataType) -> String {
        types::type_name(data_type)
    }

    fn stored_type(&self, data_type: &DataType) -> DataType {
        data_type.clone()
    }

    fn analyst(&self) -> Result<Arc<dyn Analyst>, EngineError> {
        Ok(Arc::new(Unanalyzed))
    }

    fn dataset(&self, relation: &Relation) -> DatasetName {
        DatasetName { namespace: "bigquery".to_owned(), name: relation.to_string() }
    }

    fn local_storage(&self) -> Option<PathBuf> {
        None
    }

    fn declare(&self, _tables: Vec<ExternalTable>) -> Result<(), EngineError> {
        Ok(())
    }

    async fn make_schemas(&self, schemas: &[(String, String)]) -> Result<(), EngineError> {
        let made = schemas.iter().map(|(database, schema)| self.catalog.make(&self.client, (database, schema)).boxed());
        let made: Vec<_> = made.collect();
        stream::iter(made).buffer_unordered(SCHEMAS_AT_ONCE).try_collect().await
    }

    async fn begin(&self, _command: &str, _access: Access) -> Result<WriteGuard, EngineError> {
        Ok(WriteGuard::free())
    }

    async fn hold(&self, _relation: &Relation, _cancel: &CancellationToken) -> Result<WriteGuard, EngineError> {
        Ok(WriteGuard::free())
    }

    async fn query(&self, sql: &str, cancel: &CancellationToken) -> Result<Rows, EngineError> {
        // A script may have done half of what it says when it fails.
        let done = match sql.contains(';') {
            true => self.client.run_once(sql, cancel).await?,
            false => self.client.run(sql, cancel).await?,
        };
        if done.statistics["query"]["statementType"] != "SELECT" {
            self.catalog.forget();
        }
        let mut page = self.client.page(&done, None).await?;
        let schema = types::schema(&page["schema"]["fields"])?;
        let first = cells::batch(&schema, &page["rows"].take())?;
        let next = page["pageToken"].as_str().map(str::to_owned);
        let rest = Pages { client: Arc::clone(&self.client), done, schema: Arc::clone(&schema), next };
        let rest = stream::try_unfold(rest, |mut rest| async move {
            let Some(token) = rest.next.take() else { return Ok(None) };
            let mut page = rest.client.page(&rest.done, Some(&token)).await?;
            let batch = cells::batch(&rest.schema, &page["rows"].take())?;
            rest.next = page["pageToken"].as_str().map(str::to_owned);
            Ok(Some((batch, rest)))
        });
        let first = stream::iter([Ok(first)]);
        Ok(Rows { schema, batches: Box::pin(first.chain(rest)) })
    }

    async fn columns(&self, sql: &str, _cancel: &CancellationToken) -> Result<SchemaRef, EngineError> {
        types::schema(&self.client.fields(sql).await?)
    }

    async fn apply(&self, operation: Operation, cancel: &CancellationToken) -> Result<Outcome, EngineError> {
        operations::apply(self, operation, cancel).await
    }

    async fn relation(&self, relation: &Relation) -> Result<Option<RelationInfo>, EngineError> {
        if self.catalog.get(&self.client, relation).await?.is_none() {
            return Ok(None);
        }
        let table = self.client.resource(&catalog::path(relation), &[]).await?;
        table.map(|table| catalog::info(relation, &table)).transpose()
    }

    async fn relations(&self, database: &str, schema: &str) -> Result<Vec<RelationInfo>, EngineError> {
        let listed = self.catalog.list(&self.client, (database, schema)).await?;
        let info = |(name, listed): (String, catalog::Listed)| RelationInfo {
            relation: Relation::new(database, schema, name),
            kind: listed.kind,
            comments: Comments::default(),
            maker: None,
            schema: None,
        };
        Ok(listed.into_iter().flatten().map(info).collect())
    }

    async fn versions(&self, _relation: &Relation) -> Result<Vec<RelationVersion>, EngineError> {
        Ok(Vec::new())
    }

    async fn check(&self) -> Result<Vec<(String, String)>, EngineError> {
        let Settings { project, execution_project, dataset, location, credentials, endpoint, impersonate, .. } =
            &*self.settings;
        if self.client.resource(&format!("projects/{project}/datasets"), &[("maxResults", "1")]).await?.is_none() {
            let error = EngineError::new(ErrorKind::Settings, format!("there is no project `{project}`"));
            return Err(error.help("correct `project` in `profiles.yml`"));
        }
        let facts = [
            ("project", Some(project.clone())),
            ("execution project", Some(execution_project.clone())),
            ("dataset", Some(dataset.clone())),
            ("location", location.clone()),
            ("endpoint", Some(endpoint.to_string())),
            ("method", Some(credentials.method().to_owned())),
            ("acting as", impersonate.clone()),
        ];
        Ok(facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
    }
}

/// The pages of a result that are yet to be asked for.
struct Pages {
    client: Arc<Client>,
    done: Done,
    schema: SchemaRef,
    next: Option<String>,
}
