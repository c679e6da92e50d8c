//! `transform runs`: the last commands that ran nodes, and what one of them did.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::util::pretty::pretty_format_batches;
use serde_json::{Value as Json, json};

use crate::artifact::history::{Head, History, NodeRecord, Of, Record};
use crate::base::{IndexMap, Timestamp, counted, seconds_between};
use crate::cli::arguments::{RunsArgs, ShowOutput};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::EngineError;
use crate::session::Flags;

/// The most commands that an id is looked for among.
const KNOWN: usize = 10_000;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &RunsArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let engine = workspace.engine()?;
    let runtime = runtime()?;
    let history = History::of(&workspace.project.session, &engine);
    let failed = |error: EngineError| {
        let message = workspace.project.session.scrub(&error.message);
        Failure::failed(error.diagnostic(message), &workspace.sources)
    };
    let limit = if args.invocation.is_some() { KNOWN } else { args.limit.get() };
    let heads = runtime
        .block_on(history.heads(Of { project: &workspace.project.session.project, target: None }, limit))
        .map_err(failed)?;
    let Some(wanted) = &args.invocation else {
        match args.output {
            ShowOutput::Text if heads.is_empty() => printer.message("no command is remembered yet"),
            ShowOutput::Text => printer.data(&commands(&heads)),
            ShowOutput::Json => {
                printer.data(&format!("{:#}", json!({ "runs": heads.iter().map(told).collect::<Vec<_>>() })))
            }
        }
        return Ok(Exit::Success);
    };
    let head = the_one(&heads, wanted).map_err(|error| Failure::usage(error, &workspace.sources))?;
    let records = runtime.block_on(history.records(std::slice::from_ref(head))).map_err(failed)?;
    for record in &records {
        match args.output {
            ShowOutput::Text => {
                printer.data(&commands(std::slice::from_ref(head)));
                printer.data(&nodes(record));
            }
            ShowOutput::Json => {
                let mut run = told(head);
                run["results"] = json!(record.results);
                printer.data(&format!("{run:#}"));
            }
        }
    }
    Ok(Exit::Success)
}

/// The command of an id, of which the beginning is enough where it is the only one.
fn the_one<'h>(heads: &'h [Head], wanted: &str) -> Result<&'h Head, Diagnostic> {
    if wanted == "last" {
        let none = || Diagnostic::error(codes::ARGUMENT, "no command is remembered yet");
        return heads.first().ok_or_else(none);
    }
    let found: Vec<&Head> = heads.iter().filter(|head| head.invocation.invocation_id.starts_with(wanted)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Diagnostic::error(codes::ARGUMENT, format!("no command `{wanted}` is remembered"))
            .help("`transform runs` lists those that are")),
        many => Err(Diagnostic::error(
            codes::ARGUMENT,
            format!("`{wanted}` is the beginning of {}", counted(many.len(), "command")),
        )),
    }
}

/// A command as an object of JSON.
fn told(head: &Head) -> Json {
    let mut run = json!(head.invocation);
    run["counts"] = json!(head.counts);
    run
}

/// Commands as a table to read.
fn commands(heads: &[Head]) -> String {
    let of = |of: &dyn Fn(&Head) -> Option<String>| column(heads, of);
    table([
        ("started (UTC)", of(&|head| Some(seconds(head.invocation.started_at)))),
        ("command", of(&|head| Some(head.invocation.command.clone()))),
        ("target", of(&|head| Some(head.invocation.target.clone()))),
        ("outcome", of(&|head| Some(head.invocation.outcome.clone()))),
        ("took", of(&|head| Some(took(head.invocation.started_at, head.invocation.ended_at)))),
        ("nodes", of(&|head| Some(sums(&head.counts)))),
        ("by", of(&|head| head.invocation.invoked_by.clone())),
        ("invocation", of(&|head| Some(head.invocation.invocation_id.clone()))),
    ])
}

/// The nodes of a command as a table to read, those of its critical path marked.
fn nodes(record: &Record) -> String {
    let of = |of: &dyn Fn(&NodeRecord) -> Option<String>| column(&record.results, of);
    table([
        ("node", of(&|node| Some(node.unique_id.clone()))),
        ("status", of(&|node| Some(node.status.clone()))),
        ("waited", of(&|node| Some(took(node.queued_at?, node.began_at?)))),
        ("took", of(&|node| Some(took(node.began_at?, node.finished_at?)))),
        ("critical", of(&|node| node.is_critical.then(|| "yes".to_owned()))),
        ("rows", of(&|node| node.rows_affected.map(|rows| rows.to_string()))),
        ("failures", of(&|node| node.failures.map(|failures| failures.to_string()))),
    ])
}

fn column<T>(items: &[T], of: &dyn Fn(&T) -> Option<String>) -> ArrayRef {
    Arc::new(items.iter().map(of).collect::<StringArray>())
}

fn table<const N: usize>(columns: [(&str, ArrayRef); N]) -> String {
    let shown = RecordBatch::try_from_iter(columns).and_then(|batch| pretty_format_batches(&[batch]));
    shown.map(|shown| shown.to_string()).unwrap_or_default()
}

fn seconds(at: Timestamp) -> String {
    at.0.format("%Y-%m-%d %H:%M:%S").to_string()
}

fn took(from: Timestamp, to: Timestamp) -> String {
    format!("{:.2}s", seconds_between(from, to))
}

fn sums(counts: &IndexMap<String, u64>) -> String {
    counts.iter().map(|(status, count)| format!("{count} {status}")).collect::<Vec<_>>().join(", ")
}
