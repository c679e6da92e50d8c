//! The one way from a template to the engine. Templates are rendered synchronously; the engine is async.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, EngineError, Operation, Outcome, RelationInfo};
use crate::jinja::unmarked;
use crate::sql::{Relation, is_query, statements};

/// Blocks the calling thread until the engine has answered. Must not be called on a thread that drives async tasks: compile
/// nodes on blocking threads.
#[derive(Clone)]
pub struct Door {
    engine: Arc<dyn Engine>,
    runtime: Handle,
    cancel: CancellationToken,
    is_read_only: bool,
    was_asked: Arc<AtomicBool>,
    own: Option<Relation>,
}

impl Door {
    /// A door to `engine`, whose work `runtime` drives until `cancel` is cancelled.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, runtime: Handle, cancel: CancellationToken) -> Self {
        Door { engine, runtime, cancel, is_read_only: false, was_asked: Arc::default(), own: None }
    }

    /// The same way to another engine.
    #[must_use]
    pub fn with_engine(&self, engine: Arc<dyn Engine>) -> Self {
        Door { engine, ..self.clone() }
    }

    /// The same way for a template that is rendered once more: what it runs besides queries is not run again.
    #[must_use]
    pub fn read_only(&self) -> Self {
        Door { is_read_only: true, ..self.clone() }
    }

    /// The same way, with an account of its own of whether anybody took it to ask for more than what is known of `own`.
    #[must_use]
    pub fn watched(&self, own: Option<Relation>) -> Self {
        Door { was_asked: Arc::default(), own, ..self.clone() }
    }

    /// Whether the engine was asked anything this way, but for the relation of its own.
    #[must_use]
    pub fn was_asked(&self) -> bool {
        self.was_asked.load(Ordering::Relaxed)
    }

    /// A statement without the marks that a template has which is rendered once more.
    fn plain<'s>(&self, sql: &'s str) -> Cow<'s, str> {
        if self.is_read_only { unmarked(sql) } else { Cow::Borrowed(sql) }
    }

    /// Waits for an answer.
    fn ask<T>(&self, answer: impl Future<Output = T>) -> T {
        self.was_asked.store(true, Ordering::Relaxed);
        self.runtime.block_on(answer)
    }

    /// The rows of a query, all in memory.
    ///
    /// # Errors
    /// As [`Engine::query`] and the stream of its rows.
    pub fn query(&self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
        self.ask(async { self.engine.query(&self.plain(sql), &self.cancel).await?.collect().await })
    }

    /// Runs a statement that is not a query.
    ///
    /// # Errors
    /// As [`Engine::apply`].
    pub fn execute(&self, sql: &str) -> Result<Outcome, EngineError> {
        if self.is_read_only {
            self.was_asked.store(true, Ordering::Relaxed);
            return Ok(Outcome::default());
        }
        let operation = Operation::Execute { sql: sql.to_owned() };
        self.ask(self.engine.apply(operation, &self.cancel))
    }

    /// Runs a text of one or more statements, one after the other; gives the rows of the last one, none where it is no query.
    ///
    /// # Errors
    /// The first failure; the statements behind it are not run.
    pub fn run(&self, sql: &str) -> Result<(SchemaRef, Vec<RecordBatch>), EngineError> {
        let dialect = self.engine.dialect();
        let mut found = (SchemaRef::new(Schema::empty()), Vec::new());
        for statement in statements(&self.plain(sql), dialect) {
            found = if is_query(statement, dialect) {
                self.query(statement)?
            } else {
                self.execute(statement)?;
                (SchemaRef::new(Schema::empty()), Vec::new())
            };
        }
        Ok(found)
    }

    /// Names and SQL types of a query's columns; it is planned and not run.
    ///
    /// # Errors
    /// As [`Engine::query`].
    pub fn columns(&self, sql: &str) -> Result<Vec<(String, String)>, EngineError> {
        let schema = self.ask(self.engine.columns(&self.plain(sql), &self.cancel))?;
        Ok(schema
            .fields()
            .iter()
            .map(|field| (field.name().clone(), self.engine.type_name(field.data_type())))
            .collect())
    }

    /// All relations of a schema.
    ///
    /// # Errors
    /// As [`Engine::relations`].
    pub fn relations(&self, database: &str, schema: &str) -> Result<Vec<RelationInfo>, EngineError> {
        self.ask(self.engine.relations(database, schema))
    }

    /// What is known of a relation.
    ///
    /// # Errors
    /// As [`Engine::relation`].
    pub fn relation(&self, relation: &Relation) -> Result<Option<RelationInfo>, EngineError> {
        if self.own.as_ref() == Some(relation) {
            return self.runtime.block_on(self.engine.relation(relation));
        }
        self.ask(self.engine.relation(relation))
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("engine", &self.engine).finish_non_exhaustive()
    }
}
