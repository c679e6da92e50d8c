//! One node from its template to its result.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::materialize::{self, Job};
use super::{NodeResult, Runner, test};
use crate::base::Timestamp;
use crate::compile::Compiled;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::EngineError;
use crate::manifest::{Materialized, Node, ResourceType, TestKind};
use crate::source::{Location, Span};
use crate::sql::statement;

impl Runner {
    /// Compiles and executes a node. Failures are part of the result.
    pub(super) async fn execute(&self, node: &Arc<Node>) -> NodeResult {
        let start = self.now();
        let compiled = match self.compile(node).await {
            Ok(compiled) => compiled,
            Err(diagnostic) => {
                return NodeResult { compile: Some((start, self.now())), ..NodeResult::failed(node, diagnostic) };
            }
        };
        let compiled_at = self.now();
        let job = Job { runner: self, node, compiled: &compiled };
        let result = match node.resource {
            ResourceType::Test => test::run(&job).await,
            _ => materialize::run(&job).await,
        };
        let result = result.unwrap_or_else(|diagnostic| NodeResult::failed(node, diagnostic));
        let dialect = self.engine.dialect();
        NodeResult {
            compiled_sql: (node.resource != ResourceType::Seed).then_some(compiled.sql),
            compile: Some((start, compiled_at)),
            execute: Some((compiled_at, self.now())),
            relation: node.relation.as_ref().map(|relation| relation.render(dialect)),
            ..result
        }
    }

    /// Compiles on a thread that may block, since templates can query the engine, and writes `target/compiled`.
    pub(super) async fn compile(&self, node: &Arc<Node>) -> Result<Compiled, Diagnostic> {
        let (compiler, for_task) = (self.compiler.clone(), Arc::clone(node));
        let compiled = tokio::task::spawn_blocking(move || compiler.compile(&for_task))
            .await
            .unwrap_or_else(|error| Err(Diagnostic::error(codes::INTERNAL, format!("compiling failed: {error}"))))?;
        if node.resource != ResourceType::Seed {
            self.write("compiled", node, &compiled.sql)?;
        }
        Ok(compiled)
    }

    /// Writes SQL below the folder `kind` of the target folder.
    pub(super) fn write(&self, kind: &str, node: &Node, sql: &str) -> Result<(), Diagnostic> {
        let path = self.target_dir.join(kind).join(sql_path(node));
        let session = &self.compiler.parsed().surroundings.session;
        session.world.write(&path, sql.as_bytes()).map_err(|error| {
            Diagnostic::error(codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.compiler.parsed().surroundings.session.world.now()
    }
}

/// Where the SQL of a node is written below `compiled/` and `run/`, as dbt lays it out.
#[must_use]
fn sql_path(node: &Node) -> PathBuf {
    let folder = Path::new(&node.package).join(&node.original_path);
    match &node.test {
        Some(TestKind::Generic(_)) => folder.join(&node.path),
        _ => folder,
    }
}

impl Job<'_> {
    /// The query of the node, fit to stand in brackets.
    pub(super) fn query(&self) -> String {
        statement(&self.compiled.sql).to_owned()
    }

    /// An engine's failure as a diagnostic that points into the compiled file and names the model's own.
    pub(super) fn failure(&self, error: EngineError) -> Diagnostic {
        let what = match self.node.config.materialized {
            Materialized::Test => "test",
            _ => self.node.resource.as_str(),
        };
        let message = format!("{what} `{}`: {}", self.node.name, error.message);
        let mut diagnostic = Diagnostic::error(error.code(), message);
        let session = &self.runner.compiler.parsed().surroundings.session;
        diagnostic = match error.position {
            Some(position) => {
                let path = self.runner.target_dir.join("compiled").join(sql_path(self.node));
                let id = session.sources.add(path, self.compiled.sql.clone());
                let file = session.sources.get(id);
                // The engine got the query without the white space before it.
                let lead = self.compiled.sql.len() - self.compiled.sql.trim_start().len();
                let first = file.location(lead);
                let column = if position.line == 1 { first.column - 1 } else { 0 };
                let line = position.line + first.line - 1;
                let at = file.offset(Location { line, column: position.column + column });
                diagnostic
                    .at(Span::new(id, at..word_end(file.text(), at)))
                    .note(format!("compiled from `{}`", self.node.original_path))
            }
            None => diagnostic.at(self.node.span),
        };
        match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// The end of the word at an offset, so that it can be underlined.
fn word_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').unwrap_or(rest.len());
    at + word.max(rest.chars().next().map_or(0, char::len_utf8))
}
