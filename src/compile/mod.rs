//! Node → SQL: the template rendered with everything resolved, the ephemeral models that it reads put in front.

mod ephemeral;
mod given;
mod node_macro;
mod origins;
mod template;

use std::sync::{Arc, Mutex};

use crate::base::HashMap;
use crate::context::{Deferral, Door, EventWindow, NodeNames};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::RelationKind;
use crate::jinja::{Dict, Scope, Value};
use crate::manifest::{Materialized, Node, UniqueId};
use crate::parse::{Parsed, is_overridden};
use crate::source::Span;
use crate::sql::{Relation, statement, with_ctes};

pub use node_macro::{Materialization, OwnMaterialization};
pub use origins::Tracer;
pub use template::Rendered;

/// Compiles the nodes of one project. Rendering is synchronous and may ask the engine through the door: call it on a blocking
/// thread where there is one.
#[derive(Clone, Debug)]
pub struct Compiler {
    parsed: Parsed,
    door: Option<Door>,
    deferral: Option<Arc<Deferral>>,
    /// Whether the project has its own version of what the relation under test is made by.
    own_tested: bool,
}

/// A compiled node.
#[derive(Clone, Debug, Default)]
pub struct Compiled {
    /// The SQL, complete: dbt's `compiled_code`.
    pub sql: String,
    /// The ephemeral models in it, each with the SQL of its expression.
    pub ephemerals: Vec<(UniqueId, Rendered)>,
    /// The macros that its template called itself.
    pub macros: Vec<UniqueId>,
    /// What `is_incremental()` was.
    pub is_incremental: bool,
    /// Whether a template asked the engine for it: another answer may give other SQL.
    pub is_introspective: bool,
}

/// Why a node cannot be compiled.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// What is wrong, with the place.
    pub diagnostic: Diagnostic,
    /// The ephemeral model that cannot be compiled, where it is not the node itself.
    pub ephemeral: Option<UniqueId>,
}

impl From<Diagnostic> for CompileError {
    fn from(diagnostic: Diagnostic) -> Self {
        CompileError { diagnostic, ephemeral: None }
    }
}

impl From<CompileError> for Diagnostic {
    fn from(error: CompileError) -> Self {
        error.diagnostic
    }
}

impl Compiler {
    /// A compiler of a parsed project; without a door, templates that query the engine fail.
    #[must_use]
    pub fn new(parsed: Parsed, door: Option<Door>) -> Self {
        let own_tested = template::has_own_tested(&parsed.surroundings);
        Compiler { parsed, door, deferral: None, own_tested }
    }

    /// Whether the project or a package has its own version of a built-in macro, for the target's engine or for all.
    #[must_use]
    pub fn is_overridden(&self, name: &str) -> bool {
        is_overridden(&self.parsed.surroundings, name)
    }

    /// The same, whose templates ask the engine and change nothing by it.
    #[must_use]
    pub fn read_only(&self) -> Self {
        Compiler { door: self.door.as_ref().map(Door::read_only), ..self.clone() }
    }

    /// The same, reading from an earlier state what is not built here.
    #[must_use]
    pub fn deferring(self, deferral: Option<Deferral>) -> Self {
        Compiler { deferral: deferral.map(Arc::new), ..self }
    }

    /// The relation that a reference to a node means, where that is one of an earlier state.
    #[must_use]
    pub fn read_elsewhere(&self, node: &Node) -> Option<Relation> {
        self.deferral.as_ref()?.relation(node, self.door.as_ref()).cloned()
    }

    /// The relation of an earlier state that may be read in the place of a node's own.
    #[must_use]
    pub fn deferred(&self, id: &UniqueId) -> Option<&Relation> {
        self.deferral.as_ref()?.relations.get(id)
    }

    /// The project.
    #[must_use]
    pub fn parsed(&self) -> &Parsed {
        &self.parsed
    }

    /// Compiles a node.
    ///
    /// # Errors
    /// The first failure of its template, or of an ephemeral model that it reads.
    pub fn compile(&self, node: &Arc<Node>) -> Result<Compiled, CompileError> {
        let is_incremental = self.is_incremental(node)?;
        self.complete(self.render(node, is_incremental)?, is_incremental)
    }

    /// A rendered node with the ephemeral models that it reads.
    fn complete(&self, own: Rendered, is_incremental: bool) -> Result<Compiled, CompileError> {
        let ephemerals = ephemeral::gather(&own.reads, |id| self.ephemeral(id))?;
        Ok(Compiled { is_incremental, ..self.with_ephemerals(own, ephemerals) })
    }

    /// A rendered node with the ephemeral models that it reads, which are known.
    #[must_use]
    pub fn assembled(&self, own: &Rendered, known: &HashMap<&UniqueId, &Rendered>) -> Compiled {
        let find = |id: &UniqueId| known.get(id).map(|found| Rendered::clone(found)).ok_or(());
        let ephemerals = ephemeral::gather(&own.reads, find).unwrap_or_default();
        self.with_ephemerals(own.clone(), ephemerals)
    }

    fn with_ephemerals(&self, own: Rendered, ephemerals: Vec<(UniqueId, Rendered)>) -> Compiled {
        let cte =
            |(id, found): &(UniqueId, Rendered)| Some((self.parsed.manifest.node(id)?.cte_name(), found.sql.clone()));
        let ctes: Vec<(String, String)> = ephemerals.iter().filter_map(cte).collect();
        let sql = with_ctes(&own.sql, &ctes, self.parsed.surroundings.session.dialect);
        let is_introspective = own.is_introspective || ephemerals.iter().any(|(_, found)| found.is_introspective);
        Compiled { sql, ephemerals, macros: own.macros, is_incremental: false, is_introspective }
    }

    /// Compiles the text of an operation, which sees some names more.
    ///
    /// # Errors
    /// As [`Compiler::compile`].
    pub fn compile_text(&self, node: &Arc<Node>, extra: Vec<(&'static str, Value)>) -> Result<Compiled, CompileError> {
        self.complete(self.render_in(node, &scope(NodeNames { extra, ..self.names(node, false) }))?, false)
    }

    /// Renders a text with the names of a node: hooks, inline queries.
    ///
    /// # Errors
    /// When the template fails; `at` is where it stands.
    pub fn render_text(&self, node: &Arc<Node>, text: &str, at: Span) -> Result<String, Diagnostic> {
        self.render_with(node, text, at, Vec::new())
    }

    /// Renders a text with the names of a node and some more.
    ///
    /// # Errors
    /// When the template fails; `at` is where it stands.
    pub fn render_with(
        &self,
        node: &Arc<Node>,
        text: &str,
        at: Span,
        extra: Vec<(&'static str, Value)>,
    ) -> Result<String, Diagnostic> {
        let scope = scope(NodeNames { extra, ..self.names(node, false) });
        self.parsed.surroundings.environment.render_text(text, at, &scope).text
    }

    /// What is known of a model before its batches are compiled: whether it adds to its table.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub fn compile_later(&self, node: &Arc<Node>) -> Result<Compiled, CompileError> {
        let is_incremental = self.is_incremental(node)?;
        Ok(Compiled { is_incremental, ..Compiled::default() })
    }

    /// Compiles a node for one stretch of event time: of inputs that have an `event_time` only the rows in it are read.
    ///
    /// # Errors
    /// As [`Compiler::compile`].
    pub fn compile_window(
        &self,
        node: &Arc<Node>,
        window: EventWindow,
        is_incremental: bool,
    ) -> Result<Compiled, CompileError> {
        let names = NodeNames { window: Some(window), ..self.names(node, is_incremental) };
        self.complete(self.render_in(node, &scope(names))?, is_incremental)
    }

    /// Calls a macro with the names of a node.
    ///
    /// # Errors
    /// When there is no such macro, or it fails.
    pub fn call(&self, node: &Arc<Node>, name: &str, kwargs: &[(&str, Value)]) -> Result<Value, Diagnostic> {
        self.parsed.surroundings.environment.call(name, &[], kwargs, &scope(self.names(node, false)))
    }

    fn names(&self, node: &Arc<Node>, is_incremental: bool) -> NodeNames {
        NodeNames {
            surroundings: self.parsed.surroundings.clone(),
            manifest: Arc::clone(&self.parsed.manifest),
            lookup: Arc::clone(&self.parsed.lookup),
            node: Arc::clone(node),
            door: self.door.as_ref().map(|door| door.watched(node.relation.clone())),
            deferral: self.deferral.clone(),
            is_incremental,
            execute: true,
            extra: Vec::new(),
            results: Mutex::new(HashMap::default()),
            written: Dict::default().into(),
            ephemerals: Mutex::default(),
            window: None,
            given: None,
        }
    }

    fn render(&self, node: &Arc<Node>, is_incremental: bool) -> Result<Rendered, Diagnostic> {
        self.render_in(node, &scope(self.names(node, is_incremental)))
    }

    /// dbt's rule: the relation exists, is a table, and nobody asked for a full refresh.
    fn is_incremental(&self, node: &Node) -> Result<bool, Diagnostic> {
        let session = &self.parsed.surroundings.session;
        let full_refresh = node.config.full_refresh.unwrap_or(session.flags.full_refresh());
        if node.config.materialized != Materialized::Incremental || full_refresh {
            return Ok(false);
        }
        let (Some(door), Some(relation)) = (&self.door, &node.relation) else { return Ok(false) };
        let found = door.relation(relation).map_err(|error| {
            Diagnostic::error(error.code(), format!("`{relation}` cannot be looked up: {error}")).at(node.span)
        })?;
        Ok(found.is_some_and(|info| info.kind == RelationKind::Table))
    }

    /// The SQL of an ephemeral model, fit to stand in brackets.
    fn ephemeral(&self, id: &UniqueId) -> Result<Rendered, CompileError> {
        let node = self
            .parsed
            .manifest
            .nodes
            .get(id)
            .ok_or_else(|| Diagnostic::error(codes::INTERNAL, format!("there is no ephemeral model `{id}`")))?;
        let failed = |diagnostic| CompileError { diagnostic, ephemeral: Some(id.clone()) };
        let rendered = self.render(node, false).map_err(failed)?;
        Ok(Rendered { sql: statement(&rendered.sql).to_owned(), ..rendered })
    }
}

/// What templates of a node see.
fn scope(names: NodeNames) -> Scope {
    let package: Arc<str> = names.node.package.as_str().into();
    Scope::new(package, Value::from_object(names))
}
