//! `transform run`, `test`, `build` and `seed`: nodes executed in the order of the graph.

use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::analyze::{Analyses, Others};
use crate::base::{HashMap, IndexSet, seconds_between};
use crate::cli::analysis::{Analysis, StaticAnalysis};
use crate::cli::arguments::BuildArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::interrupt::interrupted;
use crate::cli::printer::Printer;
use crate::cli::recording::{Ended, record};
use crate::cli::report;
use crate::cli::telling::{Beginning, untold};
use crate::cli::workspace::{Workspace, runtime};
use crate::compile::Compiler;
use crate::context::Deferral;
use crate::diagnostic::render::concise;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::docs::openlineage::OnTheWay;
use crate::manifest::{ResourceType, UniqueId};
use crate::run::{NodeResult, Plan, Runner};
use crate::session::Flags;

/// Which of the commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Kind {
    Run,
    Test,
    Build,
    Seed,
    Snapshot,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Run => "run",
            Kind::Test => "test",
            Kind::Build => "build",
            Kind::Seed => "seed",
            Kind::Snapshot => "snapshot",
        }
    }

    fn takes(self, resource: ResourceType) -> bool {
        match self {
            Kind::Run => resource == ResourceType::Model,
            Kind::Test => matches!(resource, ResourceType::Test | ResourceType::UnitTest),
            Kind::Build => resource != ResourceType::Analysis,
            Kind::Seed => resource == ResourceType::Seed,
            Kind::Snapshot => resource == ResourceType::Snapshot,
        }
    }
}

/// Runs one of the commands.
pub(in crate::cli) fn run(kind: Kind, flags: &Flags, args: &BuildArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let chosen = workspace.choose(&args.select, printer)?;
    run_chosen(kind, &workspace, args, (chosen, EarlierBatches::default()), printer)
}

/// What became of the batches of models in an earlier command.
pub(in crate::cli) type EarlierBatches = HashMap<UniqueId, serde_json::Value>;

/// Runs nodes of an earlier command again: those of `ids`, and in a build the tests of these among all that were run `earlier`.
pub(in crate::cli) fn retry(
    kind: Kind,
    flags: &Flags,
    args: &BuildArgs,
    (ids, earlier, batches): (&IndexSet<String>, &IndexSet<String>, &EarlierBatches),
    printer: &Printer,
) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let manifest = workspace.manifest();
    let all = manifest.nodes.keys().chain(manifest.unit_tests.keys());
    let mut chosen: IndexSet<UniqueId> = all.filter(|id| ids.contains(id.as_str())).cloned().collect();
    if kind == Kind::Build {
        // What a test said of an earlier version it does not say of the one that is made now.
        let is_test = |id: &&UniqueId| manifest.node(id).is_some_and(|node| node.resource == ResourceType::Test);
        let children = chosen.iter().flat_map(|id| workspace.dag.children(id));
        let tests: Vec<UniqueId> =
            children.filter(|id| is_test(id) && earlier.contains(id.as_str())).cloned().collect();
        chosen.extend(tests);
    }
    run_chosen(kind, &workspace, args, (chosen, batches.clone()), printer)
}

fn run_chosen(
    kind: Kind,
    workspace: &Workspace,
    args: &BuildArgs,
    (mut chosen, batches): (IndexSet<UniqueId>, EarlierBatches),
    printer: &Printer,
) -> Result<Exit, Failure> {
    chosen.retain(|id| runs(workspace, kind, id));
    workspace.write_manifest()?;
    let plan = Plan::new(workspace.manifest(), &workspace.dag, &chosen, kind == Kind::Build);
    workspace.parsed.surroundings.kept.select(plan.ids().map(ToString::to_string).collect());
    if plan.is_empty() {
        let warning = Diagnostic::warning(codes::SELECTOR_EMPTY, "no node is selected: nothing to do");
        printer.diagnostics(&warning.into(), &workspace.sources);
        workspace.write_results(&[], workspace.arguments(&args.select))?;
        return Ok(Exit::Success);
    }
    check_order(&plan).map_err(|diagnostic| Failure::usage(diagnostic, &workspace.sources))?;
    let deferral = workspace.deferral(&chosen)?;
    let ran = execute(workspace, kind, (&plan, deferral, batches), printer)?;
    let Ran { compiler, results, was_interrupted, told, interrupt, runtime } = ran;
    workspace.write_manifest_behind(&compiler, &results)?;
    workspace.write_results(&results, workspace.arguments(&args.select))?;
    let failures: Diagnostics = results.iter().filter_map(|result| result.diagnostic.clone()).collect();
    printer.diagnostics(&failures, &workspace.sources);
    let session = &workspace.project.session;
    let seconds = seconds_between(session.started_at, session.world.now());
    report::summary(workspace, &report::Ended { results: &results, seconds, was_interrupted }, printer);
    if let Some(Err(problem)) = told.map(|told| told.arrive(&|| interrupt.is_cancelled())) {
        untold(workspace, &problem, printer);
    }
    drop(runtime);
    let failed = results.iter().any(NodeResult::is_failure);
    Ok(if failed || was_interrupted { Exit::Failed } else { Exit::Success })
}

/// Whether the command executes a node; ephemeral models live in their readers.
fn runs(workspace: &Workspace, kind: Kind, id: &UniqueId) -> bool {
    workspace.manifest().to_run(id).is_some_and(|node| {
        kind.takes(node.resource) && !node.is_ephemeral() && !node.is_empty(&workspace.project.session.sources)
    })
}

/// The graph has no cycles, but tests also hold nodes back.
fn check_order(plan: &Plan) -> Result<(), Diagnostic> {
    let Some(path) = plan.cycle() else { return Ok(()) };
    let names: Vec<&str> = path.iter().map(|id| id.as_str()).collect();
    let message = format!("nodes wait for each other: {}", names.join(" → "));
    Err(Diagnostic::error(codes::CYCLE, message).help("exclude one of the tests among them with `--exclude`"))
}

/// Renders the comment on statements once, as that of no node: one that cannot be used ends the command before anything runs.
fn check_query_comment(workspace: &Workspace, runner: &Runner, plan: &Plan) -> Result<(), Failure> {
    let first = plan.ids().find_map(|id| workspace.manifest().to_run(id));
    let checked = first.map_or(Ok(None), |node| runner.compiler.query_comment(&node, None));
    checked.map(|_| ()).map_err(|diagnostic| Failure::usage(diagnostic, &workspace.sources))
}

/// Looks at the SQL of all nodes before one of them runs, and gives what is known of it. What is wrong is told; in strict analysis then
/// nothing runs.
fn check_sql(
    workspace: &Workspace,
    runner: &Runner,
    (plan, runtime): (&Plan, &Runtime),
    printer: &Printer,
) -> Result<Analyses, Failure> {
    let asked = StaticAnalysis::of(workspace);
    if asked == StaticAnalysis::Off {
        return Ok(Analyses::default());
    }
    let compiler = runner.compiler.read_only();
    let mut analysis = Analysis::new(workspace, (&compiler, runner.engine.as_ref()), runtime);
    analysis.seeds = Arc::clone(&runner.seeds);
    let chosen = plan.ids().cloned().collect();
    let analyses = analysis.of(&chosen, Others::Built)?;
    let wrong = analysis.found(&analyses, &chosen, asked);
    if asked == StaticAnalysis::Strict && !wrong.is_empty() {
        return Err(Failure::usage(wrong, &workspace.sources));
    }
    for diagnostic in &wrong {
        printer.line(&concise(diagnostic, &workspace.sources));
    }
    Ok(analyses)
}

/// What came of a run.
struct Ran {
    compiler: Compiler,
    results: Vec<NodeResult>,
    was_interrupted: bool,
    /// What others are told of it, which may not have arrived; it is waited for when everything else is done.
    told: Option<OnTheWay>,
    /// Ctrl-C cancels it, as long as the runtime is there.
    interrupt: CancellationToken,
    runtime: Runtime,
}

fn execute(
    workspace: &Workspace,
    kind: Kind,
    (plan, deferral, batches): (&Plan, Option<Deferral>, EarlierBatches),
    printer: &Printer,
) -> Result<Ran, Failure> {
    let runtime = runtime()?;
    // Ctrl-C cancels the outer token, `--fail-fast` the inner one alone.
    let interrupt = CancellationToken::new();
    let cancel = interrupt.child_token();
    let engine = workspace.engine()?;
    let compiler = workspace.compiler(Some(&engine), &runtime, &cancel).deferring(deferral);
    let parallel = engine.capabilities().parallel;
    let threads = if parallel { workspace.project.session.target.threads } else { 1 };
    let runner = Runner {
        compiler,
        engine: engine.clone(),
        seeds: Arc::default(),
        target_dir: workspace.project.target_dir.clone(),
        threads,
        fail_fast: workspace.project.session.flags.is("fail_fast"),
        earlier_batches: Arc::new(batches),
        cancel: cancel.clone(),
    };
    check_query_comment(workspace, &runner, plan)?;
    let analyses = match kind {
        Kind::Seed => Analyses::default(),
        _ => check_sql(workspace, &runner, (plan, &runtime), printer)?,
    };
    let guard = workspace.begin(&runtime, engine.as_ref(), &format!("transform {}", kind.name()))?;
    report::concurrency(threads, &workspace.project.session.target.name, plan.len(), printer);
    let beginning = Beginning {
        workspace,
        command: kind.name(),
        plan,
        compiler: &runner.compiler,
        engine: &engine,
        runtime: &runtime,
    };
    let emitter = beginning.emitter(analyses, printer);
    let reporter = report::reporter(printer, workspace.manifest(), plan);
    let reporter = report::telling(reporter, emitter.as_ref());
    let results = runtime.block_on(async {
        tokio::spawn(interrupted(interrupt.clone()));
        runner.run(plan, reporter.as_ref()).await
    });
    let was_interrupted = interrupt.is_cancelled();
    let ended = Ended { command: kind.name(), plan, results: &results, threads, was_interrupted };
    record(workspace, &ended, (&engine, &runtime), printer);
    drop(guard);
    drop(reporter);
    let told = emitter.map(|emitter| emitter.end(&results, was_interrupted));
    Ok(Ran { compiler: runner.compiler, results, was_interrupted, told, interrupt, runtime })
}
