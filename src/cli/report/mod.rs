//! What is shown while nodes run: one file a way of showing.

pub(super) mod command;
mod events;
mod line;
mod live;
mod plain;

use serde_json::json;

use super::printer::{LogFormat, Printer};
use crate::manifest::{Manifest, Node, ResourceType};
use crate::run::{NodeResult, Plan, Reporter, Status};

pub(super) use command::{completed, concurrency, encountered, started};

/// The reporter that fits the terminal and the flags; the log hears of everything in any case.
pub(super) fn reporter(printer: &Printer, manifest: &Manifest, plan: &Plan) -> Box<dyn Reporter> {
    let columns = line::Columns::of(manifest, plan, printer);
    let events = Box::new(events::EventReporter::new(printer.clone()));
    let shown: Box<dyn Reporter> = match printer.format {
        LogFormat::Json => return events,
        LogFormat::Text if printer.live => Box::new(live::LiveReporter::new(columns, plan.len())),
        LogFormat::Text => Box::new(plain::PlainReporter::new(columns, printer.clone())),
    };
    Box::new(Both(shown, events))
}

/// Tells two reporters.
struct Both(Box<dyn Reporter>, Box<dyn Reporter>);

impl Reporter for Both {
    fn started(&self, node: &Node, index: usize, total: usize) {
        self.0.started(node, index, total);
        self.1.started(node, index, total);
    }

    fn finished(&self, node: &Node, result: &NodeResult, index: usize, total: usize) {
        self.0.finished(node, result, index, total);
        self.1.finished(node, result, index, total);
    }
}

/// The last line: how many ended how, and how long it took.
pub(super) fn summary(results: &[NodeResult], seconds: f64, printer: &Printer) {
    let count = |status: Status| results.iter().filter(|result| result.status == status).count();
    let parts = [
        (count(Status::Success), "built"),
        (count(Status::Pass), "passed"),
        (count(Status::Warn), "warned"),
        (count(Status::Fail), "failed"),
        (count(Status::Error), if count(Status::Error) == 1 { "error" } else { "errors" }),
        (count(Status::Skipped), "skipped"),
        (count(Status::NoOp), "left as they are"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let message = format!("finished in {}: {}", line::seconds(seconds), said.join(", "));
    printer.line(&format!("\n{message}"));
    let counts = json!({
        "pass": count(Status::Success) + count(Status::Pass),
        "warn": count(Status::Warn),
        "error": count(Status::Error) + count(Status::Fail),
        "skip": count(Status::Skipped),
        "noop": count(Status::NoOp),
        "total": results.len(),
    });
    events::stats(&counts, &message, printer);
}

/// The word for a node's kind: a model's materialization, else the kind of resource.
fn kind(node: &Node) -> &str {
    match node.resource {
        ResourceType::Model => node.config.materialized.as_str(),
        other => other.as_str(),
    }
}
