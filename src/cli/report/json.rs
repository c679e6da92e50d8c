//! For programs: one JSON object an event, in dbt's shape `{info, data}` with dbt's event names and codes.

use serde_json::{Value as Json, json};

use crate::cli::printer::Printer;
use crate::manifest::Node;
use crate::run::{NodeResult, Reporter, Status};

/// Prints events to stdout: they are what was asked for.
pub(super) struct JsonReporter {
    printer: Printer,
}

impl JsonReporter {
    pub(super) fn new(printer: Printer) -> Self {
        JsonReporter { printer }
    }
}

impl Reporter for JsonReporter {
    fn started(&self, node: &Node, index: usize, total: usize) {
        let data = json!({ "node_info": node_info(node, "started"), "index": index, "total": total });
        self.printer.event(("NodeStart", "Q024", "info"), &format!("began running {}", node.id), &data);
    }

    fn finished(&self, node: &Node, result: &NodeResult, index: usize, total: usize) {
        let level = match result.status {
            Status::Error | Status::Fail => "error",
            Status::Warn => "warn",
            _ => "info",
        };
        let data = json!({
            "node_info": node_info(node, result.status.as_str()),
            "run_result": result.to_artifact(),
            "index": index,
            "total": total,
        });
        let message = format!("{} {}: {}", result.status, node.id, result.message);
        self.printer.event(("NodeFinished", "Q025", level), message.trim_end_matches(": "), &data);
    }
}

/// The event that ends a command.
pub(super) fn summary(results: &[NodeResult], seconds: f64, printer: Printer) {
    let success = !results.iter().any(|result| result.status.is_failure());
    let data = json!({ "success": success, "elapsed": seconds, "nodes": results.len() });
    printer.event(("CommandCompleted", "Q039", "info"), "command completed", &data);
}

fn node_info(node: &Node, status: &str) -> Json {
    json!({
        "unique_id": node.id,
        "node_name": node.name,
        "resource_type": node.resource.as_str(),
        "materialized": node.config.materialized.as_str(),
        "node_path": node.path,
        "node_status": status,
        "node_relation": {
            "database": node.database,
            "schema": node.schema,
            "alias": node.alias,
        },
    })
}
