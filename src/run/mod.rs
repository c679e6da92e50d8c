//! SQL → relations: nodes are run in the order of the graph, as many at once as the target allows; tests are judged; what became
//! of each node is told to a [`Reporter`] as it happens and returned at the end.

mod draft;
mod execute;
mod materialize;
mod on_run;
mod outcome;
mod output;
mod plan;
mod reporter;
mod results_value;
mod schedule;
mod seed_file;
mod sql_file;
mod statement;
mod test;
mod unit_test;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::base::{HashMap, IndexMap};
use crate::compile::Compiler;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::Engine;
use crate::manifest::{Materialized, Node, UniqueId};
use plan::Queue;

pub use draft::note;
pub use outcome::{MAIN_THREAD, NodeResult, Status};
pub use output::outputs;
pub use plan::Plan;
pub use reporter::{Reporter, Turn};
pub use schedule::{Schedule, Scheduled};
pub use seed_file::{SeedFiles, SeedRows};
pub use sql_file::{CompiledFile, has_compiled_file, write_sql};

/// What a run needs.
#[derive(Clone)]
pub struct Runner {
    /// Compiles nodes; its door leads to the same engine.
    pub compiler: Compiler,
    /// Where they run.
    pub engine: Arc<dyn Engine>,
    /// The files of seeds.
    pub seeds: Arc<SeedFiles>,
    /// `target/`, for compiled and executed SQL.
    pub target_dir: PathBuf,
    /// How many nodes run at once.
    pub threads: usize,
    /// Stop at the first failure.
    pub fail_fast: bool,
    /// The batches of models of which an earlier command built some and failed with others, as its results have them: only those that
    /// failed are built.
    pub earlier_batches: Arc<HashMap<UniqueId, serde_json::Value>>,
    /// Stops the run.
    pub cancel: CancellationToken,
}

impl Runner {
    /// Runs the nodes of a plan, between the hooks of the run. Every node has a result, in the order of the plan, and every hook one
    /// before or behind them.
    pub async fn run(&self, plan: &Plan, reporter: &dyn Reporter) -> Vec<NodeResult> {
        self.make_schemas(plan).await;
        let (mut results, may_run) = self.before_nodes(reporter).await;
        let nodes = if may_run { self.run_nodes(plan, reporter).await } else { self.skip_nodes(plan, reporter) };
        let ended = self.after_nodes(&nodes, reporter).await;
        results.extend(nodes);
        results.extend(ended);
        results
    }

    /// Makes the schemas of what is made, which hooks may count on. Where that fails the first node that needs one says why.
    async fn make_schemas(&self, plan: &Plan) {
        let manifest = &self.compiler.parsed().manifest;
        let relations = plan.ids().filter_map(|id| manifest.to_run(id)?.relation.clone());
        let schemas: BTreeSet<_> = relations.map(|relation| (relation.database, relation.schema)).collect();
        if let Err(error) = self.engine.make_schemas(&Vec::from_iter(schemas)).await {
            tracing::debug!("schemas could not be made: {error}");
        }
    }

    /// Skips all nodes: a hook before them failed.
    fn skip_nodes(&self, plan: &Plan, reporter: &dyn Reporter) -> Vec<NodeResult> {
        let mut progress = Progress::new(plan, reporter);
        let manifest = &self.compiler.parsed().manifest;
        for node in plan.ids().filter_map(|id| manifest.to_run(id)) {
            progress.finish(&node, NodeResult::skipped(&node, "`on-run-start` failed"));
        }
        progress.results.into_values().collect()
    }

    async fn run_nodes(&self, plan: &Plan, reporter: &dyn Reporter) -> Vec<NodeResult> {
        let mut progress = Progress::new(plan, reporter);
        let mut audits = Audits::default();
        let mut running = Running::default();
        let mut queue = plan.queue();
        loop {
            while running.tasks.len() < self.threads
                && !self.cancel.is_cancelled()
                && let Some(id) = queue.next()
            {
                let Some(node) = self.compiler.parsed().manifest.to_run(&id) else { continue };
                if let Some(cause) = progress.blocked_by(&id) {
                    let skipped = NodeResult::skipped(&node, &cause);
                    self.end(&node, skipped, (&mut progress, &mut audits, &mut queue)).await;
                    continue;
                }
                let task = self.task(node, (&progress, &audits, &mut queue));
                let thread = running.free_thread();
                task.nodes().for_each(|node| progress.start(node, &thread));
                running.start(self.clone(), task, thread, reporter);
            }
            // With nothing running, nothing more can become ready: all is done, or the run was cancelled.
            let Some((task, results)) = running.next().await else { break };
            for (node, result) in task.nodes().zip(results) {
                if self.fail_fast && result.is_failure() {
                    self.cancel.cancel();
                }
                let made = task.is_audited() && result.status == Status::Success;
                match plan.audits(&node.id).filter(|_| made) {
                    Some(tests) => {
                        queue.made(&node.id, tests);
                        audits.begin(Arc::clone(node), result, tests.len());
                    }
                    None => self.end(node, result, (&mut progress, &mut audits, &mut queue)).await,
                }
            }
        }
        for Audit { node, result, failed, .. } in audits.0.into_values() {
            if failed.is_empty() {
                // A draft that cannot be removed is in nobody's way.
                let _ = self.reject(&node, None).await;
            } else {
                let settled = self.settle(&node, result, &failed).await;
                progress.finish(&node, settled);
            }
        }
        self.complete(plan, progress)
    }

    /// What is to be done about a node: with a test come those that look at the same relation.
    fn task(&self, node: Arc<Node>, (progress, audits, queue): (&Progress<'_>, &Audits, &mut Queue)) -> Task {
        let plan = progress.plan;
        let Some((tested, tests)) = plan.tests_beside(&node.id) else {
            let is_audited = plan.audits(&node.id).is_some() && self.is_audited(&node);
            return Task::Node { node, is_audited };
        };
        let manifest = &self.compiler.parsed().manifest;
        let mut beside: Vec<Arc<Node>> = Vec::new();
        for id in tests.iter().filter(|id| progress.blocked_by(id).is_none()) {
            if queue.take(id) {
                beside.extend(manifest.to_run(id));
            }
        }
        let rows = audits.0.get(tested).map(|audit| &audit.result).or_else(|| progress.results.get(tested));
        let rows = rows.and_then(|result| result.rows);
        let has_few_rows = manifest.node(tested).is_some_and(|tested| match tested.config.materialized {
            Materialized::View => true,
            Materialized::Table | Materialized::Seed => rows.is_some_and(|rows| rows <= test::FEW_ROWS),
            _ => false,
        });
        beside.insert(0, node);
        Task::Tests { tests: beside, has_few_rows }
    }

    /// Ends a node; with the last of its audits also the node that they were about.
    async fn end(
        &self,
        node: &Arc<Node>,
        result: NodeResult,
        (progress, audits, queue): (&mut Progress<'_>, &mut Audits, &mut Queue),
    ) {
        let ended = progress.plan.audited_by(&node.id).and_then(|audited| audits.end(audited, &result));
        progress.finish(node, result);
        if let Some(Audit { node: audited, result, failed, .. }) = ended {
            let settled = self.settle(&audited, result, &failed).await;
            queue.done(&audited.id);
            progress.finish(&audited, settled);
        }
        queue.done(&node.id);
    }

    /// Nodes that never came to run are skipped.
    fn complete(&self, plan: &Plan, mut progress: Progress<'_>) -> Vec<NodeResult> {
        let manifest = &self.compiler.parsed().manifest;
        for node in plan.ids().filter_map(|id| manifest.to_run(id)) {
            if progress.results.contains_key(&node.id) {
                continue;
            }
            let result = match self.cancel.is_cancelled() {
                true => NodeResult::skipped(&node, "the run was stopped"),
                false => {
                    let message = format!("{} `{}` waited for what never ended", node.resource, node.name);
                    NodeResult::failed(&node, Diagnostic::error(codes::INTERNAL, message).at(node.span))
                }
            };
            progress.finish(&node, result);
        }
        let mut results = progress.results;
        plan.ids().filter_map(|id| results.swap_remove(id)).collect()
    }
}

/// What a worker does at once.
#[derive(Clone)]
enum Task {
    /// A node.
    Node { node: Arc<Node>, is_audited: bool },
    /// Tests of one relation.
    Tests { tests: Vec<Arc<Node>>, has_few_rows: bool },
}

impl Task {
    fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        match self {
            Task::Node { node, .. } => std::slice::from_ref(node).iter(),
            Task::Tests { tests, .. } => tests.iter(),
        }
    }

    fn is_audited(&self) -> bool {
        matches!(self, Task::Node { is_audited: true, .. })
    }

    /// Executes its nodes, each with the span of its events.
    async fn execute(self, runner: Runner, spans: Vec<tracing::Span>) -> Vec<NodeResult> {
        match self {
            Task::Node { node, is_audited } => {
                let span = spans.into_iter().next().unwrap_or_else(tracing::Span::none);
                vec![runner.execute(&node, is_audited).instrument(span).await]
            }
            Task::Tests { tests, has_few_rows } => {
                let tests: Vec<_> = tests.into_iter().zip(spans).collect();
                runner.execute_tests(&tests, has_few_rows).await
            }
        }
    }
}

/// What runs now.
#[derive(Default)]
struct Running {
    tasks: JoinSet<Vec<NodeResult>>,
    /// With the thread of each.
    started: HashMap<task::Id, (Task, String)>,
}

impl Running {
    /// The name of the worker with the lowest number that does nothing, as dbt names its threads.
    fn free_thread(&self) -> String {
        let mut names = (1..=self.started.len() + 1).map(|number| format!("Thread-{number} (worker)"));
        names.find(|name| !self.started.values().any(|(_, busy)| busy == name)).unwrap_or_default()
    }

    fn start(&mut self, runner: Runner, task: Task, thread: String, reporter: &dyn Reporter) {
        let spans = task.nodes().map(|node| reporter.span(node, &thread)).collect();
        let started = self.tasks.spawn(task.clone().execute(runner, spans));
        self.started.insert(started.id(), (task, thread));
    }

    /// The next task that ends, and the results of its nodes. One that panics is an error of its nodes.
    async fn next(&mut self) -> Option<(Task, Vec<NodeResult>)> {
        let (id, results) = match self.tasks.join_next_with_id().await? {
            Ok((id, results)) => (id, Ok(results)),
            Err(error) => (error.id(), Err(error)),
        };
        let (task, thread) = self.started.remove(&id)?;
        let results = results.unwrap_or_else(|error| {
            let defect = |node: &Arc<Node>| {
                let message = format!("{} `{}` ended in a defect: {error}", node.resource, node.name);
                NodeResult::failed(node, Diagnostic::error(codes::INTERNAL, message).at(node.span))
            };
            task.nodes().map(defect).collect()
        });
        let results = results.into_iter().map(|result| NodeResult { thread: thread.clone(), ..result });
        Some((task, results.collect()))
    }
}

/// The nodes that are made and wait for their audit.
#[derive(Default)]
struct Audits(IndexMap<UniqueId, Audit>);

/// A node that is made, and how its audit goes.
struct Audit {
    node: Arc<Node>,
    result: NodeResult,
    /// How many tests have not ended.
    left: usize,
    /// The names of those that failed.
    failed: Vec<String>,
}

impl Audits {
    fn begin(&mut self, node: Arc<Node>, result: NodeResult, tests: usize) {
        self.0.insert(node.id.clone(), Audit { node, result, left: tests, failed: Vec::new() });
    }

    /// Takes a test's result into account; gives the audit of its node when it was the last.
    fn end(&mut self, audited: &UniqueId, test: &NodeResult) -> Option<Audit> {
        let audit = self.0.get_mut(audited)?;
        audit.left -= 1;
        if test.status.is_failure() {
            audit.failed.push(test.name.clone());
        }
        if audit.left == 0 { self.0.swap_remove(audited) } else { None }
    }
}

/// A node as the manifest's artifact has it, for templates.
fn node_json(runner: &Runner, node: &Node) -> serde_json::Value {
    let parsed = runner.compiler.parsed();
    crate::artifact::resource(&parsed.manifest, runner.session(), &node.id).unwrap_or_default()
}

/// What has become of the nodes so far.
struct Progress<'a> {
    plan: &'a Plan,
    reporter: &'a dyn Reporter,
    results: IndexMap<UniqueId, NodeResult>,
    started: usize,
}

impl<'a> Progress<'a> {
    fn new(plan: &'a Plan, reporter: &'a dyn Reporter) -> Self {
        Progress { plan, reporter, results: IndexMap::default(), started: 0 }
    }

    fn start(&mut self, node: &Node, thread: &str) {
        self.started += 1;
        self.reporter.started(node, Turn { index: self.started, total: self.plan.len(), thread });
    }

    fn finish(&mut self, node: &Node, result: NodeResult) {
        if result.status == Status::Skipped {
            self.started += 1;
        }
        let turn = Turn { index: self.results.len() + 1, total: self.plan.len(), thread: &result.thread };
        self.reporter.finished(node, &result, turn);
        self.results.insert(node.id.clone(), result);
    }

    /// Why a node must not run: the first of the nodes it waits for that failed.
    fn blocked_by(&self, id: &UniqueId) -> Option<String> {
        self.plan.waits_for(id).find_map(|parent| {
            let result = self.results.get(parent)?;
            let name = &result.name;
            match result.status {
                Status::Error | Status::PartialSuccess => Some(format!("`{name}` failed")),
                Status::Fail => Some(format!("test `{name}` failed")),
                Status::Skipped => Some(format!("`{name}` was skipped")),
                _ => None,
            }
        })
    }
}
