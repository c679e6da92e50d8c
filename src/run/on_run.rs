//! `on-run-start` and `on-run-end`: statements of the project and its packages before and after all nodes.
//!
//! Each is an operation with a result of its own. The first that fails before the nodes is the end of the run: all nodes are skipped.
//! Those at the end always run, and see what became of the nodes.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::outcome::{NodeResult, Status};
use super::{Runner, results_value};
use crate::diagnostic::Diagnostic;
use crate::engine::Outcome;
use crate::jinja::{Value, mutable};
use crate::manifest::{Node, Phase, ResourceType, RunHook};
use crate::parse::inline::bare;

impl Runner {
    /// Runs the hooks before the nodes; gives their results, and whether the nodes may run.
    pub(super) async fn before_nodes(&self) -> (Vec<NodeResult>, bool) {
        let results = self.run_hooks(Phase::Start, Vec::new()).await;
        let may_run = results.iter().all(|result| !result.status.is_failure());
        (results, may_run)
    }

    /// Runs the hooks after the nodes.
    pub(super) async fn after_nodes(&self, results: &[NodeResult]) -> Vec<NodeResult> {
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
        self.run_hooks(Phase::End, extra).await
    }

    async fn run_hooks(&self, phase: Phase, extra: Vec<(&'static str, Value)>) -> Vec<NodeResult> {
        let parsed = self.compiler.parsed();
        let mut results: Vec<NodeResult> = Vec::new();
        for hook in parsed.manifest.run_hooks.iter().filter(|hook| hook.phase == phase) {
            let node = Arc::new(bare(parsed, hook.id.clone(), ResourceType::Operation, hook.span));
            if phase == Phase::Start && results.iter().any(|result| result.status.is_failure()) {
                results.push(NodeResult::skipped(&node, "an earlier hook failed"));
                continue;
            }
            let start = self.now();
            let result = match self.run_hook(&node, hook, extra.clone()).await {
                Ok(outcome) => NodeResult {
                    rows: outcome.rows,
                    response: outcome.response,
                    ..NodeResult::new(&node, Status::Success, "OK")
                },
                Err(diagnostic) => {
                    let what = format!("in {} of `{}`", phase.as_str(), hook.package);
                    NodeResult::failed(&node, diagnostic.note(what))
                }
            };
            results.push(NodeResult { execute: Some((start, self.now())), ..result });
        }
        results
    }

    async fn run_hook(
        &self,
        node: &Arc<Node>,
        hook: &RunHook,
        extra: Vec<(&'static str, Value)>,
    ) -> Result<Outcome, Diagnostic> {
        let (compiler, rendered, text, at) = (self.compiler.clone(), Arc::clone(node), hook.sql.clone(), hook.span);
        let sql = self.blocking(move || compiler.render_with(&rendered, &text, at, extra)).await?;
        if sql.trim().is_empty() {
            return Ok(Outcome::default());
        }
        self.script(&sql).await.map_err(|error| {
            let message = self.session().scrub(&error.message);
            let diagnostic = Diagnostic::error(error.code(), message).at(hook.span);
            let diagnostic = diagnostic.note(format!("the statement was: {}", self.session().scrub(sql.trim())));
            match error.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            }
        })
    }
}
