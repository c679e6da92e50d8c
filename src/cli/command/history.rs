//! `transform history`: the versions of a node's table, the newest first.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::util::pretty::pretty_format_batches;
use serde_json::{Value as Json, json};

use crate::cli::arguments::{HistoryArgs, ShowOutput};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Engine, RelationVersion};
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &HistoryArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let (node, relation) = workspace.the_one(&args.name, printer)?;
    let engine = workspace.engine()?;
    keeps_versions(&workspace, engine.as_ref())?;
    let mut versions = runtime()?.block_on(engine.versions(&relation)).map_err(|error| {
        let message = workspace.project.session.scrub(&error.message);
        Failure::failed(error.diagnostic(message), &workspace.sources)
    })?;
    if versions.is_empty() {
        let message = format!("`{}` has no versions: it is no table, or not built yet", node.name);
        return Err(Failure::failed(Diagnostic::error(codes::EXECUTION, message).at(node.span), &workspace.sources));
    }
    versions.truncate(usize::try_from(args.limit).unwrap_or(usize::MAX));
    match args.output {
        ShowOutput::Text => printer.data(&table(&versions)),
        ShowOutput::Json => {
            let versions: Vec<Json> = versions.iter().map(told).collect();
            printer.data(&format!("{:#}", json!({ "node": node.name, "versions": versions })));
        }
    }
    Ok(Exit::Success)
}

/// Refuses an engine that keeps no versions.
pub(super) fn keeps_versions(workspace: &Workspace, engine: &dyn Engine) -> Result<(), Failure> {
    if engine.capabilities().versions {
        return Ok(());
    }
    let kind = &workspace.project.session.target.kind;
    let message = format!("`{kind}` keeps no versions that `transform` could list or restore");
    Err(Failure::usage(Diagnostic::error(codes::ENGINE_UNAVAILABLE, message), &workspace.sources))
}

/// What was noted of a version, by its name.
fn noted<'v>(version: &'v RelationVersion, key: &str) -> Option<&'v str> {
    version.note.get("transform")?.get(key)?.as_str()
}

/// A version as an object of JSON.
fn told(version: &RelationVersion) -> Json {
    json!({
        "version": version.number,
        "at": version.at,
        "operation": version.operation,
        "rows": version.rows,
        "user": noted(version, "user"),
        "invocation_id": noted(version, "invocation_id"),
        "is_kept": version.is_kept,
    })
}

/// The versions as a table to read.
fn table(versions: &[RelationVersion]) -> String {
    let column = |of: &dyn Fn(&RelationVersion) -> Option<String>| -> ArrayRef {
        Arc::new(versions.iter().map(of).collect::<StringArray>())
    };
    let seconds = |version: &RelationVersion| version.at.map(|at| at.0.format("%Y-%m-%d %H:%M:%S").to_string());
    let columns = [
        ("version", column(&|version| Some(version.number.to_string()))),
        ("at (UTC)", column(&seconds)),
        ("by", column(&|version| noted(version, "user").map(str::to_owned))),
        ("operation", column(&|version| version.operation.clone())),
        ("rows", column(&|version| version.rows.map(|rows| rows.to_string()))),
        ("invocation", column(&|version| noted(version, "invocation_id").map(str::to_owned))),
        ("files", column(&|version| Some(if version.is_kept { "kept" } else { "removed" }.to_owned()))),
    ];
    let shown = RecordBatch::try_from_iter(columns).and_then(|batch| pretty_format_batches(&[batch]));
    shown.map(|shown| shown.to_string()).unwrap_or_default()
}
