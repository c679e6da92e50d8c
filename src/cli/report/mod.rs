//! What is shown while nodes run: one file a way of showing.

pub(super) mod command;
mod events;
mod line;
mod live;
mod plain;

use tracing::Span;

use super::printer::{LogFormat, Printer};
use super::workspace::Workspace;
use crate::docs::openlineage::Emitter;
use crate::manifest::{Manifest, Node, ResourceType};
use crate::run::{NodeResult, Plan, Reporter, Status, Turn};

pub(super) use command::{completed, concurrency, encountered, found, started};

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

/// The reporter, and beside it the one that tells others, if there is one.
pub(super) fn telling<'a>(shown: Box<dyn Reporter>, emitter: Option<&'a Emitter<'a>>) -> Box<dyn Reporter + 'a> {
    match emitter {
        Some(emitter) => Box::new(Both(Box::new(emitter), shown)),
        None => shown,
    }
}

/// Tells two reporters, the second of which writes the log.
struct Both<'a>(Box<dyn Reporter + 'a>, Box<dyn Reporter + 'a>);

impl Reporter for Both<'_> {
    fn started(&self, node: &Node, turn: Turn<'_>) {
        self.0.started(node, turn);
        self.1.started(node, turn);
    }

    fn finished(&self, node: &Node, result: &NodeResult, turn: Turn<'_>) {
        self.0.finished(node, result, turn);
        self.1.finished(node, result, turn);
    }

    fn hook_started(&self, hook: &Node, turn: Turn<'_>) {
        self.0.hook_started(hook, turn);
        self.1.hook_started(hook, turn);
    }

    fn hook_finished(&self, hook: &Node, result: &NodeResult, turn: Turn<'_>) {
        self.0.hook_finished(hook, result, turn);
        self.1.hook_finished(hook, result, turn);
    }

    fn span(&self, node: &Node, thread: &str) -> Span {
        self.1.span(node, thread)
    }
}

/// A run that is over.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended<'a> {
    /// What became of nodes and hooks.
    pub(super) results: &'a [NodeResult],
    /// How long it took.
    pub(super) seconds: f64,
    /// Whether the user stopped it.
    pub(super) was_interrupted: bool,
}

/// The last line: how many ended how, and how long it took.
pub(super) fn summary(workspace: &Workspace, ended: &Ended<'_>, printer: &Printer) {
    let count = |status: Status| ended.results.iter().filter(|result| result.status == status).count();
    let parts = [
        (count(Status::Success), "built"),
        (count(Status::PartialSuccess), "built in part"),
        (count(Status::Pass), "passed"),
        (count(Status::Warn), "warned"),
        (count(Status::Fail), "failed"),
        (count(Status::Error), if count(Status::Error) == 1 { "error" } else { "errors" }),
        (count(Status::Skipped), "skipped"),
        (count(Status::NoOp), "left as they are"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let message = format!("finished in {}: {}", line::seconds(ended.seconds), said.join(", "));
    printer.line(&format!("\n{message}"));
    events::ended(workspace, ended, &message, printer);
}

/// The word for a node's kind: a model's materialization, else the kind of resource.
fn kind(node: &Node) -> &str {
    match node.resource {
        ResourceType::Model => node.config.materialized.as_str(),
        other => other.as_str(),
    }
}
