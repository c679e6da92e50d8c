//! For programs: what happens to each node as events with dbt's names, codes and fields. [`ended`] is what is said of a run as a
//! whole, [`info`] what events say of their node.

mod ended;
mod info;
mod outcome;

use serde_json::json;
use tracing::Span;

use super::line;
use crate::cli::printer::{Event, LogLevel, Printer, node_span};
use crate::manifest::{Node, ResourceType};
use crate::run::{NodeResult, Reporter, Status, Turn};

pub(super) use ended::ended;
use info::node_info;

/// Tells the log of every node that starts and ends.
pub(super) struct EventReporter {
    printer: Printer,
}

impl EventReporter {
    pub(super) fn new(printer: Printer) -> Self {
        EventReporter { printer }
    }

    /// dbt's first and last event of a node enclose the others.
    fn began(&self, node: &Node, turn: Turn<'_>) {
        let message = format!("Began running node {}", node.id);
        let data = json!({ "node_info": node_info(node, "started", None) });
        self.printer.event(&Event::new("NodeStart", "Q024", LogLevel::Debug, &message).with(data).on(turn.thread));
    }

    fn is_over(&self, node: &Node, result: &NodeResult, turn: Turn<'_>) {
        let data = json!({
            "node_info": node_info(node, result.status.as_str(), Some(result)),
            "run_result": {
                "status": result.status.as_str(),
                "message": result.message,
                "num_failures": result.failures.unwrap_or(0),
                "thread": result.thread,
                "execution_time": result.seconds(),
                "adapter_response": result.adapter_response(),
                "timing_info": result.timing(),
            },
        });
        let message = format!("Finished running node {}", node.id);
        self.printer.event(&Event::new("NodeFinished", "Q025", LogLevel::Debug, &message).with(data).on(turn.thread));
    }
}

impl Reporter for EventReporter {
    fn started(&self, node: &Node, turn: Turn<'_>) {
        self.began(node, turn);
        let description = description(node);
        let message = format!("{} of {} START {description}", turn.index, turn.total);
        let info = node_info(node, "started", None);
        let data = json!({ "node_info": info, "description": description, "index": turn.index, "total": turn.total });
        self.printer.event(&Event::new("LogStartLine", "Q011", LogLevel::Info, &message).with(data).on(turn.thread));
    }

    fn finished(&self, node: &Node, result: &NodeResult, turn: Turn<'_>) {
        if result.status == Status::Skipped {
            self.began(node, turn);
        }
        let status = result.status.as_str();
        let message = format!("{} of {} {} {}", turn.index, turn.total, status.to_uppercase(), description(node));
        let (name, code) = outcome::name(node, result);
        let data = outcome::data(node, result, turn);
        self.printer.event(&Event::new(name, code, level(result.status), &message).with(data).on(turn.thread));
        self.is_over(node, result, turn);
    }

    fn hook_started(&self, hook: &Node, turn: Turn<'_>) {
        let statement = hook_name(hook);
        let message = format!("{} of {} START hook: {statement}", turn.index, turn.total);
        let data = json!({
            "node_info": node_info(hook, "started", None),
            "statement": statement,
            "index": turn.index,
            "total": turn.total,
        });
        self.printer
            .event(&Event::new("LogHookStartLine", "Q032", LogLevel::Info, &message).with(data).on(turn.thread));
    }

    fn hook_finished(&self, hook: &Node, result: &NodeResult, turn: Turn<'_>) {
        let (statement, status) = (hook_name(hook), result.status.as_str());
        let message = format!("{} of {} {} hook: {statement}", turn.index, turn.total, status.to_uppercase());
        let data = json!({
            "node_info": node_info(hook, status, Some(result)),
            "statement": statement,
            "status": status,
            "index": turn.index,
            "total": turn.total,
            "execution_time": result.seconds(),
        });
        let event = Event::new("LogHookEndLine", "Q033", level(result.status), &message);
        self.printer.event(&event.with(data).on(turn.thread));
    }

    fn span(&self, node: &Node, thread: &str) -> Span {
        node_span!(node_info(node, "started", None), thread)
    }
}

fn level(status: Status) -> LogLevel {
    match status {
        Status::Error | Status::Fail | Status::PartialSuccess => LogLevel::Error,
        Status::Warn => LogLevel::Warn,
        _ => LogLevel::Info,
    }
}

/// What a node is, and its name, as dbt's events have it.
fn description(node: &Node) -> String {
    let name = line::name(node);
    match node.resource {
        ResourceType::Model => format!("sql {} model {name}", node.config.materialized.as_str()),
        ResourceType::Seed => format!("seed file {name}"),
        other => format!("{} {name}", other.as_str()),
    }
}

/// `shop.on-run-start.0` of the hook `shop-on-run-start-0`.
fn hook_name(hook: &Node) -> String {
    let place = hook.name.strip_prefix(&hook.package).and_then(|name| name.strip_prefix('-'));
    match place.and_then(|place| place.rsplit_once('-')) {
        Some((phase, number)) => format!("{}.{phase}.{number}", hook.package),
        None => hook.name.clone(),
    }
}
