//! Events of a command as a whole: that it started, why it could not go on, that it ended.

use serde_json::json;

use crate::artifact::DBT_VERSION;
use crate::base::{IndexMap, Timestamp, counted};
use crate::cli::exit::Exit;
use crate::cli::printer::{Event, LogFormat, LogLevel, Printer};
use crate::diagnostic::{Diagnostics, Severity};
use crate::manifest::{Manifest, ResourceType};
use crate::session::Flags;

/// A command begins.
pub(in crate::cli) fn started(flags: &Flags, printer: &Printer) {
    let message = format!("Running transform {} (dbt={DBT_VERSION})", env!("CARGO_PKG_VERSION"));
    let version = json!({ "log_version": 3, "version": format!("={DBT_VERSION}") });
    printer.event(&Event::new("MainReportVersion", "A001", LogLevel::Info, &message).with(version));
    let mut args = flags.all();
    args.retain(|name, value| !value.is_null() && name != "vars");
    let message = format!("running {} with {}", flags.command, json!(args));
    let data = json!({ "args": args, "invocation_command": flags.command });
    printer.event(&Event::new("MainReportArgs", "A002", LogLevel::Debug, &message).with(data));
}

/// A project has been read: what is in it.
pub(in crate::cli) fn found(manifest: &Manifest, printer: &Printer) {
    let mut counts = IndexMap::<&str, usize>::default();
    for node in manifest.nodes.values() {
        let kind = if node.resource == ResourceType::Test { "data test" } else { node.resource.as_str() };
        *counts.entry(kind).or_default() += 1;
    }
    counts.extend([
        ("operation", manifest.run_hooks.len()),
        ("source", manifest.sources.len()),
        ("exposure", manifest.exposures.len()),
        ("unit test", manifest.unit_tests.len()),
    ]);
    let parts: Vec<String> =
        counts.iter().filter(|(_, count)| **count > 0).map(|(what, count)| counted(*count, what)).collect();
    let line = parts.join(", ");
    let message = format!("Found {line}");
    printer.event(&Event::new("FoundStats", "W006", LogLevel::Info, &message).with(json!({ "stat_line": line })));
}

/// Nodes begin to run.
pub(in crate::cli) fn concurrency(threads: usize, target: &str, nodes: usize, printer: &Printer) {
    let message = format!("Concurrency: {threads} threads (target='{target}')");
    let data = json!({ "num_threads": threads, "target_name": target, "node_count": nodes });
    printer.event(&Event::new("ConcurrencyLine", "Q027", LogLevel::Info, &message).with(data));
}

/// A command cannot go on: dbt's word for the kind of error, which scripts look for, on a line before the errors.
pub(in crate::cli) fn encountered(diagnostics: &Diagnostics, printer: &Printer) {
    let Some(first) = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) else { return };
    let category = first.code.category();
    if printer.format == LogFormat::Text {
        printer.error_line(&format!("Encountered an error: {category}"));
    }
    let message = format!("Encountered an error:\n{category}\n  {}", first.message);
    let data = json!({ "exc": format!("{category}\n  {}", first.message) });
    printer.event(&Event::new("MainEncounteredError", "Z002", LogLevel::Error, &message).with(data));
}

/// A command ended.
pub(in crate::cli) fn completed(flags: &Flags, exit: Exit, seconds: f64, printer: &Printer) {
    let success = exit == Exit::Success;
    let ended = if success { "succeeded" } else { "failed" };
    let now = Timestamp(chrono::Utc::now());
    let message = format!("Command `{}` {ended} at {now} after {seconds:.2} seconds", flags.command);
    let data = json!({
        "command": flags.command,
        "completed_at": now,
        "elapsed": seconds,
        "success": success,
    });
    printer.event(&Event::new("CommandCompleted", "Q039", LogLevel::Debug, &message).with(data));
}
