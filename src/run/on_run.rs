//! `on-run-start` and `on-run-end`: statements of the project and its packages before and after all nodes.
//!
//! Each is an operation with a result of its own. The first that fails before the nodes is the end of the run: all nodes are skipped.
//! Those at the end always run, and see what became of the nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value as Json;
use tracing::Instrument;

use super::outcome::{MAIN_THREAD, NodeResult, Status};
use super::{Reporter, Runner, Turn, results_value};
use crate::diagnostic::Diagnostic;
use crate::engine::Outcome;
use crate::jinja::{Value, mutable};
use crate::manifest::{Node, Phase, RunHook};

impl Runner {
    /// Runs the hooks before the nodes; gives their results, and whether the nodes may run.
    pub async fn before_nodes(&self, reporter: &dyn Reporter) -> (Vec<NodeResult>, bool) {
        let results = self.run_hooks(Phase::Start, Vec::new(), reporter).await;
        let may_run = results.iter().all(|result| !result.status.is_failure());
        (results, may_run)
    }

    /// Runs the hooks after the nodes.
    pub(super) async fn after_nodes(&self, results: &[NodeResult], reporter: &dyn Reporter) -> Vec<NodeResult> {
        let manifest = &self.compiler.parsed().manifest;
        if !manifest.run_hooks.iter().any(|hook| hook.phase == Phase::End) {
            return Vec::new();
        }
        let made = results.iter().filter(|result| !result.status.is_failure() && result.status != Status::Skipped);
        let places: BTreeSet<(String, String)> = made
            .filter_map(|result| manifest.node(&result.id)?.relation.as_ref())
            .map(|relation| (relation.database.clone(), relation.schema.clone()))
            .collect();
        let schemas: BTreeSet<&String> = places.iter().map(|(_, schema)| schema).collect();
        let schemas: Vec<Value> = schemas.into_iter().map(Value::from).collect();
        let places: Vec<Value> =
            places.iter().map(|(database, schema)| [database, schema].into_iter().map(Value::from).collect()).collect();
        let extra = vec![
            ("results", results_value::of(self, results)),
            ("schemas", mutable(Value::from(schemas))),
            ("database_schemas", mutable(Value::from(places))),
        ];
        self.run_hooks(Phase::End, extra, reporter).await
    }

    /// Runs the hooks after sources were measured, which makes no schema; `results` is what the hooks see of them.
    pub async fn after_sources(&self, results: Vec<Json>, reporter: &dyn Reporter) -> Vec<NodeResult> {
        let none = || mutable(Value::from(Vec::<Value>::new()));
        let results = results_value::of_fields(results);
        let extra = vec![("results", results), ("schemas", none()), ("database_schemas", none())];
        self.run_hooks(Phase::End, extra, reporter).await
    }

    async fn run_hooks(
        &self,
        phase: Phase,
        extra: Vec<(&'static str, Value)>,
        reporter: &dyn Reporter,
    ) -> Vec<NodeResult> {
        let parsed = self.compiler.parsed();
        let mut results: Vec<NodeResult> = Vec::new();
        let hooks: Vec<&RunHook> = parsed.manifest.run_hooks.iter().filter(|hook| hook.phase == phase).collect();
        for (index, RunHook { node, .. }) in hooks.iter().enumerate() {
            if phase == Phase::Start && results.iter().any(|result| result.status.is_failure()) {
                results.push(NodeResult::skipped(node, "an earlier hook failed"));
                continue;
            }
            let turn = Turn { index: index + 1, total: hooks.len(), thread: MAIN_THREAD };
            reporter.hook_started(node, turn);
            let running = self.run_hook(node, extra.clone()).instrument(reporter.span(node, MAIN_THREAD));
            let result = running.await.unwrap_or_else(|diagnostic| {
                let what = format!("in {} of `{}`", phase.as_str(), node.package);
                NodeResult::failed(node, diagnostic.note(what))
            });
            reporter.hook_finished(node, &result, turn);
            results.push(result);
        }
        results
    }

    async fn run_hook(&self, node: &Arc<Node>, extra: Vec<(&'static str, Value)>) -> Result<NodeResult, Diagnostic> {
        let start = self.now();
        let compiled = self.compile_by(node, move |compiler, node| compiler.compile_text(node, extra)).await?;
        let compiled_at = self.now();
        let outcome = self.statements_of_hook(node, &compiled.sql).await?;
        Ok(NodeResult {
            rows: outcome.rows,
            response: outcome.response,
            failures: Some(0),
            compile: Some((start, compiled_at)),
            execute: Some((compiled_at, self.now())),
            compiled: Some(compiled),
            ..NodeResult::new(node, Status::Success, "OK")
        })
    }

    async fn statements_of_hook(&self, node: &Node, sql: &str) -> Result<Outcome, Diagnostic> {
        if sql.trim().is_empty() {
            return Ok(Outcome::default());
        }
        self.script(sql).await.map_err(|error| {
            let message = self.session().scrub(&error.message);
            let diagnostic = error.diagnostic(message).at(node.span);
            diagnostic.note(format!("the statement was: {}", self.session().scrub(sql.trim())))
        })
    }
}
