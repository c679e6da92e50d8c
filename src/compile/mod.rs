//! Node → SQL: the template rendered with everything resolved, the ephemeral models that it reads put in front.

mod ephemeral;
mod given;
mod node_macro;

use std::sync::{Arc, Mutex};

use crate::base::HashMap;
use crate::context::{Deferral, Door, EventWindow, NodeNames, test_arguments};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::RelationKind;
use crate::jinja::{Dict, Scope, Value};
use crate::manifest::{GenericTest, Materialized, Node, Template, TestKind, UniqueId};
use crate::parse::{Parsed, is_overridden};
use crate::source::Span;
use crate::sql::{Relation, statement, with_ctes};

pub use node_macro::Materialization;

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

/// The macro that gives the rows that a test looks at.
const WHERE_SUBQUERY: &str = "get_where_subquery";

/// A compiled node.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The SQL, complete: dbt's `compiled_code`.
    pub sql: String,
    /// The ephemeral models in it, each with the SQL of its expression.
    pub ephemerals: Vec<(UniqueId, String)>,
    /// What `is_incremental()` was.
    pub is_incremental: bool,
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
        let own_tested = ["ref", "source", WHERE_SUBQUERY].iter().any(|name| is_overridden(&parsed.surroundings, name));
        Compiler { parsed, door, deferral: None, own_tested }
    }

    /// Whether the project or a package has its own version of a built-in macro, for the target's engine or for all.
    #[must_use]
    pub fn is_overridden(&self, name: &str) -> bool {
        is_overridden(&self.parsed.surroundings, name)
    }

    /// The same, reading from an earlier state what is not built here.
    #[must_use]
    pub fn deferring(self, deferral: Option<Deferral>) -> Self {
        Compiler { deferral: deferral.map(Arc::new), ..self }
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
        let own = self.render(node, is_incremental)?;
        self.complete(node, &own, is_incremental)
    }

    /// The rendered node with the ephemeral models that it reads.
    fn complete(&self, node: &Arc<Node>, own: &str, is_incremental: bool) -> Result<Compiled, CompileError> {
        Ok(Compiled { is_incremental, ..self.with_ephemerals(own, self.ephemerals(node)?) })
    }

    /// A rendered node with the ephemeral models that it reads, whose SQL is known.
    #[must_use]
    pub fn assembled(&self, node: &Node, own: &str, known: &HashMap<&UniqueId, &str>) -> Compiled {
        let read = ephemeral::order(&self.parsed.manifest, node).into_iter();
        let read = read.filter_map(|node| Some((node.id.clone(), (*known.get(&node.id)?).to_owned())));
        self.with_ephemerals(own, read.collect())
    }

    fn with_ephemerals(&self, own: &str, ephemerals: Vec<(UniqueId, String)>) -> Compiled {
        let cte = |(id, sql): &(UniqueId, String)| Some((self.parsed.manifest.node(id)?.cte_name(), sql.clone()));
        let ctes: Vec<(String, String)> = ephemerals.iter().filter_map(cte).collect();
        let sql = with_ctes(own, &ctes, self.parsed.surroundings.session.dialect);
        Compiled { sql, ephemerals, is_incremental: false }
    }

    /// Compiles the text of an operation, which sees some names more.
    ///
    /// # Errors
    /// As [`Compiler::compile`].
    pub fn compile_text(&self, node: &Arc<Node>, extra: Vec<(&'static str, Value)>) -> Result<Compiled, CompileError> {
        let own = self.render_in(node, &scope(NodeNames { extra, ..self.names(node, false) }))?;
        self.complete(node, &own, false)
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
        self.parsed.surroundings.environment.render_text(text, at, &scope)
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
        let own = self.render_in(node, &scope(names))?;
        self.complete(node, &own, is_incremental)
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
            door: self.door.clone(),
            deferral: self.deferral.clone(),
            is_incremental,
            execute: true,
            extra: Vec::new(),
            results: Mutex::new(HashMap::default()),
            written: Dict::default().into(),
            window: None,
            given: None,
        }
    }

    fn render(&self, node: &Arc<Node>, is_incremental: bool) -> Result<String, Diagnostic> {
        self.render_in(node, &scope(self.names(node, is_incremental)))
    }

    fn render_in(&self, node: &Arc<Node>, scope: &Scope) -> Result<String, Diagnostic> {
        let environment = &self.parsed.surroundings.environment;
        match (&node.template, &node.test) {
            (_, Some(TestKind::Generic(test))) => self.render_test(node, test, scope),
            // What is not SQL is no template.
            (Template::File(span), _) if node.language() == "python" => {
                let file = self.parsed.surroundings.session.sources.get(span.file);
                Ok(file.text().get(span.range()).unwrap_or_default().trim().to_owned())
            }
            (Template::File(span), _) => environment.render(*span, scope),
            (Template::Text(text), _) => environment.render_text(text, node.span, scope),
            (Template::Seed(_), _) => Ok(String::new()),
        }
    }

    /// Calls the macro of a generic test with its arguments.
    fn render_test(&self, node: &Node, test: &GenericTest, scope: &Scope) -> Result<String, Diagnostic> {
        let environment = &self.parsed.surroundings.environment;
        let model = self.tested(node, test, scope)?;
        let kwargs = test_arguments(environment, scope, &test.arguments, model, node.span)?;
        let kwargs: Vec<(&str, Value)> = kwargs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let name = match &test.namespace {
            Some(namespace) => format!("{namespace}.test_{}", test.name),
            None => format!("test_{}", test.name),
        };
        let value = environment
            .call(&name, &[], &kwargs, scope)
            .map_err(|diagnostic| diagnostic.frame(format!("in test `{}`", node.name), Some(node.span)))?;
        Ok(value.to_string())
    }

    /// The `model` of a test: the relation under test, or the rows of it that the config `where` keeps.
    fn tested(&self, node: &Node, test: &GenericTest, scope: &Scope) -> Result<Value, Diagnostic> {
        let model = test.arguments.get("model").and_then(|model| model.as_str());
        if let Some(model) = model.filter(|_| self.own_tested) {
            return self.parsed.surroundings.environment.native(model, node.span, scope);
        }
        let names = scope.names.downcast_object_ref::<NodeNames>();
        let value = names.zip(test.attached.as_ref()).and_then(|(names, id)| names.relation(id)).ok_or_else(|| {
            Diagnostic::error(codes::INTERNAL, format!("test `{}` is on nothing", node.name)).at(node.span)
        })?;
        let value = value.into_value();
        if node.config.test.filter.is_none() {
            return Ok(value);
        }
        self.parsed.surroundings.environment.call(WHERE_SUBQUERY, &[value], &[], scope)
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

    /// The ephemeral models that a node reads, directly or through others, each after the ones it reads itself.
    fn ephemerals(&self, node: &Node) -> Result<Vec<(UniqueId, String)>, CompileError> {
        let sql = |node: &Arc<Node>| {
            let rendered = self.render(node, false);
            let failed = |diagnostic| CompileError { diagnostic, ephemeral: Some(node.id.clone()) };
            rendered.map(|sql| (node.id.clone(), statement(&sql).to_owned())).map_err(failed)
        };
        ephemeral::order(&self.parsed.manifest, node).into_iter().map(sql).collect()
    }
}

/// What templates of a node see.
fn scope(names: NodeNames) -> Scope {
    let package: Arc<str> = names.node.package.as_str().into();
    Scope::new(package, Value::from_object(names))
}
