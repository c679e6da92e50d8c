//! Materializations: how a node becomes a relation. One file each, over the engine's operations; hooks around them, descriptions
//! and remarks behind them.

mod contract;
mod custom;
mod docs;
mod external;
pub(super) mod function;
mod hooks;
mod incremental;
mod materialized_view;
mod microbatch;
mod schema_change;
mod seed;
mod snapshot;
mod strategy_macro;
mod table;
mod view;

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use serde_json::Value as Json;

use self::contract::Shape;
use self::hooks::When;
use super::{NodeResult, Runner, Status, node_json};
use crate::compile::Compiled;
use crate::context::{RelationValue, value_of};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{EngineError, Layout, Operation, Outcome, RelationKind};
use crate::jinja::Value;
use crate::manifest::{Materialized, Node, ResourceType};
use crate::sql::Relation;

/// A node on its way to a relation.
pub(super) struct Job<'a> {
    pub(super) runner: &'a Runner,
    pub(super) node: &'a Arc<Node>,
    pub(super) compiled: &'a Compiled,
}

/// Whether no macro of the project or a package makes the node's relation.
pub(super) fn is_built_in(runner: &Runner, node: &Node) -> bool {
    !node.is_ephemeral() && runner.compiler.own_materialization(node).is_none()
}

/// Makes the node's relation; as a draft that is left open when it `is_audited`.
pub(super) async fn run(job: &Job<'_>, is_audited: bool) -> Result<NodeResult, Diagnostic> {
    let made = make(job).await;
    job.runner.end_draft(job.node, made, is_audited).await
}

async fn make(job: &Job<'_>) -> Result<NodeResult, Diagnostic> {
    if matches!(job.node.config.materialized, Materialized::Ephemeral | Materialized::Test) {
        return Ok(NodeResult::new(job.node, Status::Success, "nothing to run"));
    }
    if job.node.resource == ResourceType::Model && job.node.language() == "python" {
        return Err(Diagnostic::error(
            codes::PYTHON_MODEL,
            format!("model `{}` is in Python, which no engine here runs", job.node.name),
        )
        .at(job.node.span)
        .help("write it in SQL, or leave it out: `--exclude` its name"));
    }
    if let Some(own) = job.runner.compiler.own_materialization(job.node) {
        return custom::run(job, own).await;
    }
    if job.node.resource == ResourceType::Function {
        return function::run(job).await;
    }
    hooks::run(job, When::Before).await?;
    let (outcome, what) = match &job.node.config.materialized {
        Materialized::View => (view::run(job).await?, "created view"),
        Materialized::Table => (table::run(job).await?, "created table"),
        Materialized::External => (external::run(job).await?, "wrote files"),
        Materialized::Incremental if job.node.config.microbatch.is_some() => {
            let result = microbatch::run(job).await?;
            if result.status != Status::Error {
                finish(job).await?;
            }
            return Ok(result);
        }
        Materialized::Incremental => incremental::run(job).await?,
        Materialized::MaterializedView => materialized_view::run(job).await?,
        Materialized::Seed => (seed::run(job).await?, "loaded seed"),
        Materialized::Snapshot if job.node.resource == ResourceType::Snapshot => snapshot::run(job).await?,
        other => return Err(unknown(job, other.as_str())),
    };
    finish(job).await?;
    Ok(NodeResult {
        rows: outcome.rows,
        response: outcome.response,
        ..NodeResult::new(job.node, Status::Success, what)
    })
}

/// What comes behind the making of a relation.
async fn finish(job: &Job<'_>) -> Result<(), Diagnostic> {
    docs::refuse_grants(job);
    docs::persist(job).await?;
    hooks::run(job, When::After).await
}

fn unknown(job: &Job<'_>, name: &str) -> Diagnostic {
    const KNOWN: [&str; 7] = ["view", "table", "incremental", "materialized_view", "ephemeral", "external", "seed"];
    let diagnostic = match name {
        "dynamic_table" => {
            let message = format!("model `{}`: this engine has no dynamic tables", job.node.name);
            Diagnostic::error(codes::SQL_UNSUPPORTED, message)
                .help("a `view` is always up to date; a `materialized_view` is refreshed by each run that finds something new")
        }
        _ => {
            let message = format!("model `{}`: there is no materialization `{name}`", job.node.name);
            Diagnostic::error(codes::CONFIG_VALUE, message).suggest(name, KNOWN)
        }
    };
    diagnostic.at(job.node.span)
}

impl Job<'_> {
    /// The relation that the node makes.
    fn relation(&self) -> Result<Relation, Diagnostic> {
        self.node.relation.clone().ok_or_else(|| {
            Diagnostic::error(codes::INTERNAL, format!("`{}` makes no relation", self.node.name)).at(self.node.span)
        })
    }

    /// The relation as macros see it.
    fn relation_value(&self, kind: Option<RelationKind>) -> Result<Value, Diagnostic> {
        let dialect = self.runner.engine.dialect();
        Ok(RelationValue::new(self.relation()?, dialect).with_kind(kind).into_value())
    }

    /// The node as macros see it, compiled.
    fn model_value(&self) -> Value {
        let mut model = node_json(self.runner, self.node);
        if let Json::Object(fields) = &mut model {
            fields.insert("compiled_code".to_owned(), Json::from(self.compiled.sql.as_str()));
            fields.insert("compiled".to_owned(), Json::from(true));
        }
        value_of(&model)
    }

    /// Renders a text with the names of the node, compiled.
    async fn render(&self, text: &str) -> Result<String, Diagnostic> {
        let (compiler, node, text) = (self.runner.compiler.clone(), Arc::clone(self.node), text.to_owned());
        let sql = || Value::from(&self.compiled.sql);
        let extra = vec![("sql", sql()), ("compiled_code", sql()), ("model", self.model_value())];
        self.runner.blocking(move || compiler.render_with(&node, &text, node.span, extra)).await
    }

    /// How the rows of the node's table lie in files.
    fn layout(&self) -> Layout {
        self.node.config.layout.as_deref().cloned().unwrap_or_default()
    }

    /// Lets what is added to the node's table have the layout that its configs ask for now.
    async fn arrange(&self) -> Result<(), Diagnostic> {
        if self.runner.engine.capabilities().layouts {
            self.apply(Operation::Arrange { relation: self.relation()?, layout: self.layout() }).await?;
        }
        Ok(())
    }

    /// Makes or replaces the node's table.
    async fn create_table(&self, shape: Shape) -> Result<Outcome, Diagnostic> {
        let Shape { query, lines_before, rules, statement } = shape;
        let (relation, rules) = (self.relation()?, rules.unwrap_or_default());
        let operation = Operation::CreateTable { relation, query, rules, layout: self.layout() };
        let said = statement.unwrap_or_else(|| operation.to_sql(self.runner.engine.dialect()));
        self.runner.write("run", self.node, &said)?;
        let applied = self.runner.engine.apply(operation, &self.runner.cancel).await;
        applied.map_err(|error| self.failure(error, lines_before))
    }

    /// Applies an operation, after writing its SQL to `target/run`.
    pub(super) async fn apply(&self, operation: Operation) -> Result<Outcome, Diagnostic> {
        self.apply_behind(operation, 0).await
    }

    /// The same, of a query with lines of ours before the node's own.
    async fn apply_behind(&self, operation: Operation, lines_before: usize) -> Result<Outcome, Diagnostic> {
        let is_aside = matches!(
            operation,
            Operation::Alter { .. }
                | Operation::Widen { .. }
                | Operation::Constrain { .. }
                | Operation::Arrange { .. }
                | Operation::Describe { .. }
                | Operation::Drop { .. }
        );
        if !is_aside {
            self.runner.write("run", self.node, &operation.to_sql(self.runner.engine.dialect()))?;
        }
        let applied = self.runner.engine.apply(operation, &self.runner.cancel).await;
        applied.map_err(|error| self.failure(error, lines_before))
    }

    /// The columns of a query, which is planned and not run.
    async fn columns(&self, query: &str) -> Result<SchemaRef, Diagnostic> {
        let columns = self.runner.engine.columns(query, &self.runner.cancel).await;
        columns.map_err(|error| self.failure(error, 0))
    }

    /// Calls a macro with the node's names.
    async fn call(&self, name: &str, arguments: Vec<(&'static str, Value)>) -> Result<Value, Diagnostic> {
        let (compiler, node, name) = (self.runner.compiler.clone(), Arc::clone(self.node), name.to_owned());
        self.runner.blocking(move || compiler.call(&node, &name, &arguments)).await
    }

    /// A failure of a statement that is not the node's query.
    fn statement_failure(&self, error: &EngineError, sql: &str) -> Diagnostic {
        let session = self.runner.session();
        let message = format!("{} `{}`: {}", self.node.resource, self.node.name, error.message);
        let diagnostic = error.diagnostic(session.scrub(&message)).at(self.node.span);
        diagnostic.note(format!("the statement was: {}", session.scrub(sql.trim())))
    }
}
