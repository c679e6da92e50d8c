//! What is shown while nodes run: one file a way of showing.

mod json;
mod line;
mod live;
mod plain;

use super::printer::{LogFormat, Printer};
use crate::manifest::{Manifest, ResourceType};
use crate::run::{NodeResult, Plan, Reporter, Status};

/// The reporter that fits the terminal and the arguments.
pub(super) fn reporter(printer: &Printer, manifest: &Manifest, plan: &Plan) -> Box<dyn Reporter> {
    let columns = line::Columns::of(manifest, plan, *printer);
    match printer.format {
        LogFormat::Json => Box::new(json::JsonReporter::new(*printer)),
        LogFormat::Text if printer.live => Box::new(live::LiveReporter::new(columns, plan.len())),
        LogFormat::Text => Box::new(plain::PlainReporter::new(columns, *printer)),
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
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    match printer.format {
        LogFormat::Json => json::summary(results, seconds, *printer),
        LogFormat::Text => printer.line(&format!("\nfinished in {}: {}", line::seconds(seconds), said.join(", "))),
    }
}

/// The word for a node's kind: a model's materialization, else the kind of resource.
fn kind(node: &crate::manifest::Node) -> &str {
    match node.resource {
        ResourceType::Model => node.config.materialized.as_str(),
        other => other.as_str(),
    }
}
