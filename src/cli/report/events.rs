//! For programs: what happens to each node as events with dbt's names, codes and fields.

use serde_json::{Value as Json, json};

use super::line;
use crate::base::Timestamp;
use crate::cli::printer::{Event, LogLevel, Printer};
use crate::manifest::{Node, ResourceType};
use crate::run::{NodeResult, Reporter, Status};

/// Tells the log of every node that starts and ends.
pub(super) struct EventReporter {
    printer: Printer,
}

impl EventReporter {
    pub(super) fn new(printer: Printer) -> Self {
        EventReporter { printer }
    }
}

impl Reporter for EventReporter {
    fn started(&self, node: &Node, index: usize, total: usize) {
        let info = node_info(node, "started", None);
        let description = format!("{} {}", super::kind(node), line::name(node));
        let message = format!("{index} of {total} START {description}");
        let data = json!({ "node_info": info, "description": description, "index": index, "total": total });
        self.printer.event(&Event::new("LogStartLine", "Q011", LogLevel::Info, &message).with(data));
        let message = format!("Began running node {}", node.id);
        let data = json!({ "node_info": info, "index": index, "total": total });
        self.printer.event(&Event::new("NodeStart", "Q024", LogLevel::Debug, &message).with(data));
    }

    fn finished(&self, node: &Node, result: &NodeResult, index: usize, total: usize) {
        let info = node_info(node, result.status.as_str(), Some(result));
        let description = format!("{} {}", super::kind(node), line::name(node));
        let message = format!("{index} of {total} {} {description}", result.status.as_str().to_uppercase());
        let (name, code) = match (result.status, node.resource) {
            (Status::Skipped, _) => ("SkippingDetails", "Q034"),
            (_, ResourceType::Test | ResourceType::UnitTest) => ("LogTestResult", "Q007"),
            (_, ResourceType::Seed) => ("LogSeedResult", "Q016"),
            (_, ResourceType::Model) => ("LogModelResult", "Q012"),
            _ => ("LogNodeResult", "Q008"),
        };
        let data = json!({
            "node_info": info,
            "description": description,
            "name": node.name,
            "node_name": node.name,
            "schema": node.schema,
            "relation": node.alias,
            "resource_type": node.resource.as_str(),
            "status": result.status.as_str(),
            "result_message": result.message,
            "num_failures": result.failures.unwrap_or(0),
            "execution_time": result.seconds(),
            "index": index,
            "total": total,
            "num_models": total,
        });
        self.printer.event(&Event::new(name, code, level(result.status), &message).with(data));
        if result.status == Status::Error {
            let data = json!({ "msg": result.message, "node_info": info });
            self.printer.event(&Event::new("RunResultError", "Z024", LogLevel::Error, &result.message).with(data));
        }
        let timing = result.to_artifact().timing;
        let data = json!({
            "node_info": info,
            "run_result": {
                "status": result.status.as_str(),
                "message": result.message,
                "num_failures": result.failures.unwrap_or(0),
                "thread": result.thread,
                "execution_time": result.seconds(),
                "adapter_response": result.to_artifact().adapter_response,
                "timing_info": timing,
            },
        });
        let message = format!("Finished running node {}", node.id);
        self.printer.event(&Event::new("NodeFinished", "Q025", LogLevel::Debug, &message).with(data));
    }
}

fn level(status: Status) -> LogLevel {
    match status {
        Status::Error | Status::Fail => LogLevel::Error,
        Status::Warn => LogLevel::Warn,
        _ => LogLevel::Info,
    }
}

/// The event that sums up a run.
pub(super) fn stats(counts: &Json, message: &str, printer: &Printer) {
    let event = Event::new("StatsLine", "Z023", LogLevel::Info, message);
    printer.event(&event.with(json!({ "stats": counts })));
}

/// What dbt's events say of their node.
pub(in crate::cli) fn node_info(node: &Node, status: &str, result: Option<&NodeResult>) -> Json {
    let steps = result.map(|result| [result.compile, result.execute]).into_iter().flatten().flatten();
    let (started, finished): (Vec<Timestamp>, Vec<Timestamp>) = steps.unzip();
    let text = |time: Option<&Timestamp>| time.map_or_else(String::new, ToString::to_string);
    json!({
        "materialized": node.config.materialized.as_str(),
        "meta": node.config.meta(),
        "node_checksum": node.checksum,
        "node_finished_at": text(finished.last()),
        "node_name": node.name,
        "node_path": node.path,
        "node_relation": {
            "alias": node.alias,
            "database": node.database,
            "relation_name": node.relation.as_ref().map_or_else(String::new, ToString::to_string),
            "schema": node.schema,
        },
        "node_started_at": text(started.first()),
        "node_status": status,
        "resource_type": node.resource.as_str(),
        "unique_id": node.id,
    })
}
