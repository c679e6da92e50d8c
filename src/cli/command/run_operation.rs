//! `transform run-operation`: a macro of the project or a package, run for what it does.

use std::sync::Arc;

use serde_json::{Map, Value as Json};
use tokio_util::sync::CancellationToken;

use crate::artifact::{Metadata, RunResult, RunResults, Timing};
use crate::base::{Timestamp, seconds_between};
use crate::cli::arguments::{RunOperationArgs, SelectArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::interrupt::interrupted;
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, mapping, runtime};
use crate::context::value_of;
use crate::jinja::Value;
use crate::parse::operation;
use crate::session::Flags;

/// Runs the command. What the macro returns is of no account.
pub(in crate::cli) fn run(flags: &Flags, args: &RunOperationArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    workspace.write_manifest()?;
    let kwargs = mapping("--args", &args.args, &workspace.sources)?;
    let usage = |diagnostic| Failure::usage(diagnostic, &workspace.sources);
    let found = operation::find(&workspace.parsed, &args.name).map_err(usage)?;
    let (runtime, cancel) = (runtime()?, CancellationToken::new());
    let engine = workspace.engine()?;
    let compiler = workspace.compiler(Some(&engine), &runtime, &cancel);
    let _guard = workspace.begin(&runtime, engine.as_ref(), "transform run-operation")?;
    let listening = runtime.spawn(interrupted(cancel));
    let start = workspace.project.session.world.now();
    let values: Vec<(&str, Value)> = kwargs.iter().map(|(name, json)| (name.as_str(), value_of(json))).collect();
    let node = Arc::new(operation::node(&workspace.parsed, found));
    let called = compiler.call(&node, &format!("{}.{}", found.package, found.name), &values);
    listening.abort();
    let unique_id = format!("macro.{}.{}", found.package, found.name);
    write_results(&workspace, args, &kwargs, &unique_id, (start, called.is_ok()))?;
    match called {
        Ok(_) => Ok(Exit::Success),
        Err(diagnostic) => Err(Failure::failed(diagnostic, &workspace.sources)),
    }
}

fn write_results(
    workspace: &Workspace,
    args: &RunOperationArgs,
    kwargs: &Map<String, Json>,
    unique_id: &str,
    (start, succeeded): (Timestamp, bool),
) -> Result<(), Failure> {
    let session = &workspace.project.session;
    let end = session.world.now();
    let seconds = seconds_between(start, end);
    let mut arguments = workspace.arguments(&SelectArgs::default());
    arguments.insert("macro".to_owned(), Json::from(args.name.as_str()));
    arguments.insert("args".to_owned(), Json::Object(kwargs.clone()));
    let result = RunResult {
        status: if succeeded { "success" } else { "error" },
        timing: vec![
            Timing { name: "compile", started_at: session.started_at, completed_at: start },
            Timing { name: "execute", started_at: start, completed_at: end },
        ],
        thread_id: "MainThread".to_owned(),
        execution_time: seconds,
        adapter_response: Map::new(),
        message: None,
        failures: Some(u64::from(!succeeded)),
        unique_id: unique_id.to_owned(),
        compiled: None,
        compiled_code: None,
        relation_name: None,
        batch_results: None,
    };
    let artifact = RunResults {
        metadata: Metadata::new("run-results", 6, session),
        results: vec![result],
        elapsed_time: seconds,
        args: arguments,
    };
    workspace.write_artifact("run_results.json", &artifact)
}
