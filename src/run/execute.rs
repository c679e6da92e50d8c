//! One node from its template to its result.

use std::sync::Arc;

use tracing::{Instrument, Span};

use super::materialize::{self, Job};
use super::sql_file::{CompiledFile, write_sql};
use super::{NodeResult, Runner, test, unit_test};
use crate::base::Timestamp;
use crate::compile::{CompileError, Compiled, Compiler, Tracer};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Annotated, Comment, Engine, EngineError, WriteGuard};
use crate::manifest::{Node, ResourceType};
use crate::session::Session;
use crate::sql::statement;

/// A node that is compiled and about to be executed.
struct Begun {
    runner: Runner,
    node: Arc<Node>,
    compiled: Compiled,
    start: Timestamp,
    compiled_at: Timestamp,
    #[expect(dead_code, reason = "held until the node has ended, or its draft")]
    held: WriteGuard,
}

impl Begun {
    fn job(&self) -> Job<'_> {
        Job { runner: &self.runner, node: &self.node, compiled: &self.compiled }
    }

    /// What it came to. A failure that points into the compiled SQL points at where that comes from.
    async fn end(self, result: Result<NodeResult, Diagnostic>) -> NodeResult {
        let (runner, node) = (&self.runner, &self.node);
        let result = match result {
            Ok(result) => result,
            Err(failure) => {
                let (tracer, for_task) = (Tracer::new(&runner.compiler), Arc::clone(node));
                let compiled = self.compiled.clone();
                let placed = runner.blocking(move || Ok(tracer.at_origin(&for_task, &compiled, failure))).await;
                ended(node, placed.unwrap_or_else(|error| error))
            }
        };
        let is_compiled = node.resource != ResourceType::Seed && !is_in_batches(&self.runner, node);
        NodeResult {
            compile: Some((self.start, self.compiled_at)),
            execute: Some((self.compiled_at, self.runner.now())),
            compiled: is_compiled.then_some(self.compiled),
            ..result
        }
    }
}

/// Whether a node is compiled batch by batch, and not as a whole.
fn is_in_batches(runner: &Runner, node: &Node) -> bool {
    node.config.microbatch.is_some() && materialize::is_built_in(runner, node)
}

impl Runner {
    /// Compiles and executes a node. Failures are part of the result. A node that `is_audited` is yet to be settled when it has succeeded.
    pub(super) async fn execute(&self, node: &Arc<Node>, is_audited: bool) -> NodeResult {
        let begun = match self.begin(node).await {
            Ok(begun) => begun,
            Err(result) => return *result,
        };
        let job = begun.job();
        let result = match (node.resource, &node.config.test) {
            (_, Some(config)) => test::run(&job, config, None).await,
            (ResourceType::UnitTest, _) => unit_test::run(&job).await,
            _ => materialize::run(&job, is_audited).await,
        };
        begun.end(result).await
    }

    /// The same of several tests of one relation, each with the span of its events: together as far as that goes.
    /// `has_few_rows` says that the relation is known to be small.
    pub(super) async fn execute_tests(&self, tests: &[(Arc<Node>, Span)], has_few_rows: bool) -> Vec<NodeResult> {
        let mut begun = Vec::new();
        for (test, span) in tests {
            begun.push(self.begin(test).instrument(span.clone()).await);
        }
        let compiled = begun.iter().enumerate().filter_map(|(at, begun)| Some((at, begun.as_ref().ok()?)));
        let jobs: Vec<(usize, Job<'_>)> = compiled.map(|(at, begun)| (at, begun.job())).collect();
        let mut judged = test::judge_together(&jobs, has_few_rows).await;
        let mut results = Vec::new();
        for (at, (begun, (test, span))) in begun.into_iter().zip(tests).enumerate() {
            results.push(match (begun, &test.config.test) {
                (Ok(begun), Some(config)) => {
                    let result = test::run(&begun.job(), config, judged.remove(&at)).instrument(span.clone()).await;
                    begun.end(result).await
                }
                (Ok(_), None) => self.execute(test, false).await,
                (Err(result), _) => *result,
            });
        }
        results
    }

    /// Compiles a node.
    ///
    /// # Errors
    /// The result of a node that cannot be compiled.
    async fn begin(&self, node: &Arc<Node>) -> Result<Begun, Box<NodeResult>> {
        let failed = |diagnostic| Box::new(NodeResult::failed(node, diagnostic));
        let runner = self.annotated(node).map_err(failed)?.unwrap_or_else(|| self.clone());
        let held = runner.begin_draft(node).await.map_err(|diagnostic| Box::new(ended(node, diagnostic)))?;
        let start = runner.now();
        tracing::debug!(target: "transform::compiling", "Began compiling node {}", node.id);
        if node.resource == ResourceType::Function {
            materialize::function::check(&runner, node).map_err(failed)?;
        }
        let compiling = match node.resource {
            ResourceType::UnitTest => unit_test::compile(&runner, node).await,
            _ if is_in_batches(&runner, node) => runner.compile_by(node, Compiler::compile_later).await,
            _ => runner.compile(node).await,
        };
        let compiled_at = runner.now();
        let compiled = match compiling {
            Ok(compiled) => compiled,
            Err(error) => {
                // A draft that cannot be removed is in nobody's way.
                let _ = runner.reject(node, None).await;
                let result = runner.not_compiled(node, error);
                return Err(Box::new(NodeResult { compile: Some((start, compiled_at)), ..result }));
            }
        };
        tracing::debug!(target: "transform::executing", "Began executing node {}", node.id);
        Ok(Begun { runner, node: Arc::clone(node), compiled, start, compiled_at, held })
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

/// What became of a node that did not come to its end.
fn ended(node: &Node, diagnostic: Diagnostic) -> NodeResult {
    match diagnostic.code {
        codes::CANCELLED => NodeResult::skipped(node, "the run was stopped"),
        _ => NodeResult::failed(node, diagnostic),
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
