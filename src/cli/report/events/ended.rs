//! What is said of a run when all is done: how many ended how, what failed and what warned once more, and the count of all.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::node_info;
use crate::base::counted;
use crate::cli::printer::{Event, LogLevel, Printer};
use crate::cli::report::Ended;
use crate::cli::workspace::Workspace;
use crate::compile::Compiled;
use crate::manifest::{Node, ResourceType};
use crate::run::{CompiledFile, NodeResult, Status};

/// Tells all of it; `summary` is the line for people.
pub(in crate::cli::report) fn ended(workspace: &Workspace, ended: &Ended<'_>, summary: &str, printer: &Printer) {
    let node_of = |result: &NodeResult| workspace.manifest().to_run(&result.id);
    let say = |name, code, level, message: &str, data| {
        printer.event(&Event::new(name, code, level, message).with(data));
    };
    let line = stat_line(ended.results.iter().filter_map(node_of).map(|node| kind(&node)));
    let message = format!("Finished running {line} in {:.2}s", ended.seconds);
    let data = json!({
        "stat_line": line,
        "execution": format!(" in {:.2}s", ended.seconds),
        "execution_time": ended.seconds,
    });
    say("FinishedRunningStats", "E047", LogLevel::Info, &message, data);
    let count = |status: Status| ended.results.iter().filter(|result| result.status == status).count();
    let (errors, warnings) = (count(Status::Error) + count(Status::Fail), count(Status::Warn));
    let partial = count(Status::PartialSuccess);
    let message = format!(
        "Completed with {}, {partial} partial successes, and {}",
        counted(errors, "error"),
        counted(warnings, "warning")
    );
    let data = json!({
        "num_errors": errors,
        "num_warnings": warnings,
        "num_partial_success": partial,
        "keyboard_interrupt": ended.was_interrupted,
    });
    say("EndOfRunSummary", "Z030", LogLevel::Info, &message, data);
    for result in ended.results {
        if let Some(node) = node_of(result) {
            told_again(workspace, &node, result, printer);
        }
    }
    let stats = json!({
        "pass": count(Status::Success) + count(Status::Pass),
        "warn": warnings,
        "error": errors + partial,
        "skip": count(Status::Skipped),
        "noop": count(Status::NoOp),
        "total": ended.results.len(),
    });
    say("StatsLine", "Z023", LogLevel::Info, summary, json!({ "stats": stats }));
}

/// A node that failed or warned: that it did, what is to be said of it, and where its SQL lies.
fn told_again(workspace: &Workspace, node: &Arc<Node>, result: &NodeResult, printer: &Printer) {
    let (level, one, other) = match result.status {
        Status::Warn => (LogLevel::Warn, ("RunResultWarning", "Z021"), ("RunResultWarningMessage", "Z046")),
        status if status.is_failure() => (LogLevel::Error, ("RunResultFailure", "Z022"), ("RunResultError", "Z024")),
        _ => return,
    };
    let with_info = |mut data: Map<String, Json>| {
        data.insert("node_info".to_owned(), node_info(node, result.status.as_str(), Some(result)));
        Json::Object(data)
    };
    let fields = |pairs: &[(&str, &str)]| {
        with_info(pairs.iter().map(|(name, value)| ((*name).to_owned(), Json::from(*value))).collect())
    };
    let (resource, path) = (node.resource.as_str(), node.original_path.as_str());
    let kind = if level == LogLevel::Warn { "Warning" } else { "Failure" };
    let message = format!("{kind} in {resource} {} ({path})", node.name);
    let data = fields(&[("resource_type", resource), ("node_name", &node.name), ("path", path)]);
    printer.event(&Event::new(one.0, one.1, level, &message).with(data));
    let data = fields(&[("msg", &result.message)]);
    printer.event(&Event::new(other.0, other.1, level, &result.message).with(data));
    if let Some(Compiled { sql, .. }) = &result.compiled {
        let (session, target_dir) = (&workspace.project.session, workspace.project.target_dir.as_path());
        let path = CompiledFile { session, target_dir, node, sql }.path();
        let path = path.strip_prefix(&workspace.project.root).unwrap_or(&path);
        let path = Path::new(path).display().to_string();
        let message = format!("compiled code at {path}");
        printer
            .event(&Event::new("SQLCompiledPath", "Z026", LogLevel::Info, &message).with(fields(&[("path", &path)])));
    }
}

/// What a result is counted as: `table model`, `data test`, `project hook`.
fn kind(node: &Node) -> String {
    match node.resource {
        ResourceType::Model => format!("{} model", node.config.materialized.as_str()),
        ResourceType::Test => "data test".to_owned(),
        ResourceType::UnitTest => "unit test".to_owned(),
        ResourceType::Operation => "project hook".to_owned(),
        other => other.as_str().to_owned(),
    }
}

/// `1 seed, 2 view models`: the kinds by name.
fn stat_line(kinds: impl Iterator<Item = String>) -> String {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for kind in kinds {
        *counts.entry(kind).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(kind, count)| counted(*count, kind)).collect();
    parts.join(", ")
}
