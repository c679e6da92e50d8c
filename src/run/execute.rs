//! One node from its template to its result.

use std::sync::Arc;

use super::materialize::{self, Job};
use super::sql_file::{CompiledFile, write_sql};
use super::{NodeResult, Runner, test, unit_test};
use crate::base::Timestamp;
use crate::compile::{CompileError, Compiled, Compiler};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Annotated, Comment, Engine, EngineError};
use crate::manifest::{Node, ResourceType};
use crate::session::Session;
use crate::sql::statement;

impl Runner {
    /// Compiles and executes a node. Failures are part of the result. A node that `is_audited` is yet to be settled when it has succeeded.
    pub(super) async fn execute(&self, node: &Arc<Node>, is_audited: bool) -> NodeResult {
        match self.annotated(node) {
            Ok(Some(runner)) => runner.execute_annotated(node, is_audited).await,
            Ok(None) => self.execute_annotated(node, is_audited).await,
            Err(diagnostic) => NodeResult::failed(node, diagnostic),
        }
    }

    /// The same with the project's comment on the node's statements, if it has one.
    fn annotated(&self, node: &Arc<Node>) -> Result<Option<Runner>, Diagnostic> {
        let append = self.session().query_comment.as_ref().is_some_and(|config| config.append);
        let comment = self.compiler.query_comment(node, Some(node.id.as_str()))?.map(|text| Comment { text, append });
        Ok(comment.map(|comment| {
            let engine: Arc<dyn Engine> = Arc::new(Annotated::new(Arc::clone(&self.engine), comment));
            Runner { compiler: self.compiler.with_engine(Arc::clone(&engine)), engine, ..self.clone() }
        }))
    }

    async fn execute_annotated(&self, node: &Arc<Node>, is_audited: bool) -> NodeResult {
        let start = self.now();
        tracing::debug!(target: "transform::compiling", "Began compiling node {}", node.id);
        if node.resource == ResourceType::Function
            && let Err(diagnostic) = materialize::function::check(self, node)
        {
            return NodeResult::failed(node, diagnostic);
        }
        let compiling = match node.resource {
            ResourceType::UnitTest => unit_test::compile(self, node).await,
            _ => self.compile(node).await,
        };
        let compiled = match compiling {
            Ok(compiled) => compiled,
            Err(error) => return NodeResult { compile: Some((start, self.now())), ..self.not_compiled(node, error) },
        };
        let compiled_at = self.now();
        tracing::debug!(target: "transform::executing", "Began executing node {}", node.id);
        let job = Job { runner: self, node, compiled: &compiled };
        let result = match (node.resource, &node.config.test) {
            (_, Some(config)) => test::run(&job, config).await,
            (ResourceType::UnitTest, _) => unit_test::run(&job).await,
            _ => materialize::run(&job, is_audited).await,
        };
        let result = result.unwrap_or_else(|diagnostic| match diagnostic.code {
            codes::CANCELLED => NodeResult::skipped(node, "the run was stopped"),
            _ => NodeResult::failed(node, diagnostic),
        });
        NodeResult {
            compiled: (node.resource != ResourceType::Seed).then_some(compiled),
            compile: Some((start, compiled_at)),
            execute: Some((compiled_at, self.now())),
            ..result
        }
    }

    /// A node that failed, or one that an ephemeral model fails that it reads: that one is no node of the run, so that nothing else
    /// tells of its failure.
    fn not_compiled(&self, node: &Node, error: CompileError) -> NodeResult {
        let ephemeral = error.ephemeral.and_then(|id| self.compiler.parsed().manifest.node(&id));
        match ephemeral {
            Some(ephemeral) => NodeResult::skipped_because_of(node, ephemeral, error.diagnostic),
            None => NodeResult::failed(node, error.diagnostic),
        }
    }

    /// Compiles on a thread that may block, since templates can query the engine, and writes `target/compiled`.
    pub(super) async fn compile(&self, node: &Arc<Node>) -> Result<Compiled, CompileError> {
        self.compile_by(node, Compiler::compile).await
    }

    /// The same in another way.
    pub(super) async fn compile_by(
        &self,
        node: &Arc<Node>,
        compile: impl FnOnce(&Compiler, &Arc<Node>) -> Result<Compiled, CompileError> + Send + 'static,
    ) -> Result<Compiled, CompileError> {
        let (compiler, for_task) = (self.compiler.clone(), Arc::clone(node));
        let compiled = self.blocking(move || Ok(compile(&compiler, &for_task))).await??;
        // Of snapshots, too, though they have no such file in dbt: what is wrong with a query is shown in it.
        if node.resource != ResourceType::Seed && !compiled.sql.is_empty() {
            self.write("compiled", node, &compiled.sql)?;
        }
        Ok(compiled)
    }

    /// Writes SQL below the folder `kind` of the target folder.
    pub(super) fn write(&self, kind: &str, node: &Node, sql: &str) -> Result<(), Diagnostic> {
        write_sql(self.session().world.as_ref(), &self.target_dir.join(kind), node, sql)
    }

    /// Renders a text with the names of a node.
    pub(super) async fn render(&self, node: &Arc<Node>, text: &str) -> Result<String, Diagnostic> {
        let (compiler, node, text) = (self.compiler.clone(), Arc::clone(node), text.to_owned());
        self.blocking(move || compiler.render_text(&node, &text, node.span)).await
    }

    /// Does work that may ask the engine through the door, on a thread that may wait.
    pub(super) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Diagnostic> + Send + 'static,
    ) -> Result<T, Diagnostic> {
        let span = tracing::Span::current();
        let done = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
        done.unwrap_or_else(|error| Err(Diagnostic::error(codes::INTERNAL, format!("rendering failed: {error}"))))
    }

    /// Target, variables, flags.
    pub(super) fn session(&self) -> &Session {
        &self.compiler.parsed().surroundings.session
    }

    pub(super) fn now(&self) -> Timestamp {
        self.session().world.now()
    }
}

impl Job<'_> {
    /// The query of the node, fit to stand in brackets.
    pub(super) fn query(&self) -> String {
        statement(&self.compiled.sql).to_owned()
    }

    /// The compiled SQL, for what is said about it.
    pub(super) fn compiled_file(&self) -> CompiledFile<'_> {
        CompiledFile {
            session: self.runner.session(),
            target_dir: &self.runner.target_dir,
            node: self.node,
            sql: &self.compiled.sql,
        }
    }

    /// An engine's failure as a diagnostic; the statement was the node's query behind `lines_before` lines.
    pub(super) fn failure(&self, error: EngineError, lines_before: usize) -> Diagnostic {
        self.compiled_file().failure(error, lines_before)
    }
}
