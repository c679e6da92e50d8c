//! `transform source freshness`: how old the newest rows of the sources are, judged by what the project allows.

mod meter;

use std::sync::Arc;

use chrono::DateTime;
use serde_json::{Value as Json, json};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use self::meter::{Criteria, Meter};
use crate::artifact::history::{NodeRecord, Record};
use crate::artifact::{MeasuredFreshness, Metadata, SourceFreshness, Sources, resource};
use crate::base::seconds_between;
use crate::cli::arguments::{FreshnessArgs, SourceCommand};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::{Event, LogLevel, Printer};
use crate::cli::recording::{invocation, remember};
use crate::cli::report;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::manifest::Source;
use crate::run::{MAIN_THREAD, Plan, Runner};
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, command: &SourceCommand, printer: &Printer) -> Result<Exit, Failure> {
    let SourceCommand::Freshness(args) = command;
    freshness(flags, args, printer)
}

fn freshness(flags: &Flags, args: &FreshnessArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    workspace.write_manifest()?;
    let chosen = workspace.choose(&args.select, printer)?;
    let sources = chosen.iter().filter_map(|id| workspace.manifest().sources.get(id));
    let sources: Vec<(&Arc<Source>, Criteria)> =
        sources.filter_map(|source| Some((source, Criteria::of(source)?))).collect();
    if sources.is_empty() {
        let warning = Diagnostic::warning(codes::SELECTOR_EMPTY, "no source with a `freshness` is selected");
        printer.diagnostics(&warning.into(), &workspace.sources);
        write(&workspace, args, Vec::new())?;
        return Ok(Exit::Success);
    }
    let runtime = runtime()?;
    let runner = runner(&workspace, &runtime)?;
    let with_hooks = runs_hooks(&workspace);
    let _guard = match with_hooks {
        true => Some(workspace.begin(&runtime, runner.engine.as_ref(), "transform source freshness")?),
        false => None,
    };
    let reporter = || report::reporter(printer, workspace.manifest(), &Plan::default());
    let (mut hooks, may_measure) = match with_hooks {
        true => runtime.block_on(runner.before_nodes(reporter().as_ref())),
        false => (Vec::new(), true),
    };
    let (mut results, mut diagnostics) = (Vec::new(), Diagnostics::new());
    // As with nodes, a hook that fails keeps the sources from being measured; what is known of them stays.
    if may_measure {
        let meter = Meter { workspace: &workspace, runner: &runner, runtime: &runtime };
        (results, diagnostics) = measure(&meter, &sources, printer);
        write(&workspace, args, results.clone())?;
        let outcome = if diagnostics.has_errors() { "failed" } else { "success" };
        let invocation = invocation(&workspace, ("source freshness", outcome), runner.threads);
        let results = results.iter().map(|result| recorded(&workspace, result)).collect();
        remember(&workspace, Record { invocation, results }, (&runner.engine, &runtime), printer);
    }
    if with_hooks {
        let results = results.iter().map(|result| seen_by_hooks(&workspace, result)).collect();
        hooks.extend(runtime.block_on(runner.after_sources(results, reporter().as_ref())));
        workspace.write_manifest_behind(&runner.compiler, &hooks)?;
    }
    diagnostics.extend(hooks.iter().filter_map(|hook| hook.diagnostic.clone()));
    printer.diagnostics(&diagnostics, &workspace.sources);
    Ok(if diagnostics.has_errors() { Exit::Failed } else { Exit::Success })
}

fn runner(workspace: &Workspace, runtime: &Runtime) -> Result<Runner, Failure> {
    let (engine, cancel) = (workspace.engine()?, CancellationToken::new());
    Ok(Runner {
        compiler: workspace.compiler(Some(&engine), runtime, &cancel),
        engine,
        seeds: Arc::default(),
        target_dir: workspace.project.target_dir.clone(),
        threads: 1,
        fail_fast: false,
        earlier_batches: Arc::default(),
        cancel,
    })
}

/// Whether there are hooks of the run, and the project does not say that they are for nodes alone.
fn runs_hooks(workspace: &Workspace) -> bool {
    let says_no = workspace.project.session.flags.get("source_freshness_run_project_hooks") == Json::Bool(false);
    !says_no && !workspace.manifest().run_hooks.is_empty()
}

fn measure(
    meter: &Meter<'_>,
    sources: &[(&Arc<Source>, Criteria)],
    printer: &Printer,
) -> (Vec<SourceFreshness>, Diagnostics) {
    let (mut results, mut diagnostics) = (Vec::new(), Diagnostics::new());
    for (index, (source, criteria)) in sources.iter().enumerate() {
        let start = meter.workspace.project.session.world.now();
        let measured = meter.measure(source, criteria, start);
        tell(printer, source, &measured, (index + 1, sources.len()));
        diagnostics.extend(judged(source, &measured));
        results.push(match measured {
            Ok(measured) => SourceFreshness::Measured(Box::new(measured)),
            Err(diagnostic) => SourceFreshness::Failed {
                unique_id: source.id.clone(),
                error: diagnostic.message.clone(),
                status: "runtime error",
            },
        });
    }
    (results, diagnostics)
}

/// What is remembered of a source.
fn recorded(workspace: &Workspace, result: &SourceFreshness) -> NodeRecord {
    let (id, status, message, timing) = match result {
        SourceFreshness::Measured(measured) => {
            let age = format!("the newest row is {} old", in_words(measured.max_loaded_at_time_ago_in_s));
            (&measured.unique_id, measured.status, age, measured.timing.last())
        }
        SourceFreshness::Failed { unique_id, error, status } => (unique_id, *status, error.clone(), None),
    };
    let source = workspace.manifest().sources.get(id);
    NodeRecord {
        unique_id: id.to_string(),
        name: source.map(|source| format!("{}.{}", source.source, source.name)).unwrap_or_default(),
        status: status.to_owned(),
        thread: MAIN_THREAD.to_owned(),
        queued_at: None,
        began_at: timing.map(|timing| timing.started_at),
        finished_at: timing.map(|timing| timing.completed_at),
        slack: None,
        is_critical: false,
        rows_affected: None,
        failures: None,
        message: (status != "pass").then(|| workspace.project.session.scrub(&message)),
    }
}

/// One of `results` as hooks at the end see it: what every result has, what was measured, and the source itself.
fn seen_by_hooks(workspace: &Workspace, result: &SourceFreshness) -> Json {
    let mut fields = json!({
        "status": null, "timing": [], "thread_id": "MainThread", "execution_time": 0.0, "adapter_response": {}, "message": null,
        "failures": null,
    });
    let (id, own) = match result {
        SourceFreshness::Measured(measured) => {
            (&measured.unique_id, json!({ "age": measured.max_loaded_at_time_ago_in_s }))
        }
        SourceFreshness::Failed { unique_id, error, .. } => (unique_id, json!({ "message": error })),
    };
    let node = resource(workspace.manifest(), &workspace.project.session, id);
    let written = serde_json::to_value(result).unwrap_or_default();
    for facts in [written, own, json!({ "node": node })] {
        if let (Json::Object(fields), Json::Object(facts)) = (&mut fields, facts) {
            fields.extend(facts);
        }
    }
    fields
}

fn write(workspace: &Workspace, args: &FreshnessArgs, results: Vec<SourceFreshness>) -> Result<(), Failure> {
    let session = &workspace.project.session;
    let metadata = Metadata::new("sources", 3, session);
    let elapsed_time = seconds_between(session.started_at, metadata.generated_at);
    let artifact = Sources { metadata, results, elapsed_time };
    match &args.output {
        None => workspace.write_artifact("sources.json", &artifact),
        // Joined to the target folder, an absolute path stays what it is.
        Some(path) => {
            let path = session.world.absolute(path);
            workspace.write_artifact(&path.to_string_lossy(), &artifact)
        }
    }
}

fn tell(
    printer: &Printer,
    source: &Source,
    measured: &Result<MeasuredFreshness, Diagnostic>,
    (index, total): (usize, usize),
) {
    let (status, age) = match measured {
        Ok(measured) => (measured.status, Some(measured.max_loaded_at_time_ago_in_s)),
        Err(_) => ("runtime error", None),
    };
    let name = format!("{}.{}", source.source, source.name);
    let old = age.map(|age| format!("  newest row is {} old", in_words(age))).unwrap_or_default();
    let line = format!("{index}/{total} {status:<7} source {name}{old}");
    printer.line(&line);
    let level = match status {
        "pass" => LogLevel::Info,
        "warn" => LogLevel::Warn,
        _ => LogLevel::Error,
    };
    let data = json!({
        "status": status,
        "source_name": source.source,
        "table_name": source.name,
        "index": index,
        "total": total,
        "execution_time": measured.as_ref().map_or(0.0, |measured| measured.execution_time),
        "node_info": { "unique_id": source.id, "node_name": source.name, "resource_type": "source", "node_status": status },
    });
    printer.event(&Event::new("LogFreshnessResult", "Q018", level, &line).with(data));
}

/// What is wrong with a source's freshness.
fn judged(source: &Source, measured: &Result<MeasuredFreshness, Diagnostic>) -> Option<Diagnostic> {
    let measured = match measured {
        Ok(measured) => measured,
        Err(diagnostic) => return Some(diagnostic.clone()),
    };
    let severity = match measured.status {
        "pass" => return None,
        "warn" => Severity::Warning,
        _ => Severity::Error,
    };
    let age = match measured.max_loaded_at.0 == DateTime::UNIX_EPOCH {
        true => "has no rows".to_owned(),
        false => format!("has no row newer than {}", in_words(measured.max_loaded_at_time_ago_in_s)),
    };
    let message = format!("source `{}.{}` {age}", source.source, source.name);
    Some(Diagnostic::new(codes::SOURCE_STALE, severity, message).at(source.span))
}

/// `3 days`, `5 hours`, `20 minutes`, `7 seconds`.
fn in_words(seconds: f64) -> String {
    let (count, unit) = match seconds {
        seconds if seconds >= 172_800.0 => (seconds / 86_400.0, "days"),
        seconds if seconds >= 7_200.0 => (seconds / 3_600.0, "hours"),
        seconds if seconds >= 120.0 => (seconds / 60.0, "minutes"),
        seconds => (seconds, "seconds"),
    };
    format!("{:.0} {unit}", count.floor())
}
