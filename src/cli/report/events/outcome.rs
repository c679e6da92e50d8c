//! The event of a node that ended: each kind of resource has its own in dbt, with its own facts.

use serde_json::{Value as Json, json};

use super::super::line;
use super::{description, node_info};
use crate::base::plain_text;
use crate::manifest::{Node, ResourceType, TestKind};
use crate::run::{NodeResult, Status, Turn};

/// Name and code.
pub(super) fn name(node: &Node, result: &NodeResult) -> (&'static str, &'static str) {
    match (result.status, node.resource) {
        (Status::Skipped, _) if result.diagnostic.is_some() => ("LogSkipBecauseError", "Z034"),
        (Status::Skipped, _) => ("SkippingDetails", "Q034"),
        (Status::NoOp, _) => ("LogNodeNoOpResult", "Q019"),
        (_, ResourceType::Test | ResourceType::UnitTest) => ("LogTestResult", "Q007"),
        (_, ResourceType::Model) => ("LogModelResult", "Q012"),
        (_, ResourceType::Snapshot) => ("LogSnapshotResult", "Q015"),
        (_, ResourceType::Seed) => ("LogSeedResult", "Q016"),
        (_, ResourceType::Function) => ("LogFunctionResult", "Q047"),
        _ => ("LogNodeResult", "Q008"),
    }
}

/// What all of them say, and what only its own kind does.
pub(super) fn data(node: &Node, result: &NodeResult, turn: Turn<'_>) -> Json {
    let status = result.status.as_str();
    let mut data = json!({
        "node_info": node_info(node, status, Some(result)),
        "status": status,
        "index": turn.index,
        "total": turn.total,
        "execution_time": result.seconds(),
    });
    let own = own(node, result, turn);
    if let (Json::Object(data), Json::Object(own)) = (&mut data, own) {
        data.extend(own);
    }
    data
}

fn own(node: &Node, result: &NodeResult, turn: Turn<'_>) -> Json {
    match (result.status, node.resource) {
        (Status::Skipped, _) => json!({
            "resource_type": node.resource.as_str(),
            "schema": node.schema,
            "relation": node.alias,
            "node_name": node.name,
            "result_message": result.message,
        }),
        (_, ResourceType::Test | ResourceType::UnitTest) => json!({
            "name": line::name(node),
            "attached_node": attached(node),
            "num_failures": result.failures.unwrap_or(0),
            "num_models": turn.total,
        }),
        (_, ResourceType::Seed) => json!({
            "schema": node.schema,
            "relation": node.alias,
            "result_message": result.message,
        }),
        (_, ResourceType::Snapshot) => json!({
            "description": line::name(node),
            "cfg": config(node),
            "result_message": result.message,
        }),
        _ => json!({ "description": description(node) }),
    }
}

/// The model that a generic test stands beside.
fn attached(node: &Node) -> &str {
    match &node.test {
        Some(TestKind::Generic(test)) => test.attached.as_ref().map_or("", |id| id.as_str()),
        _ => "",
    }
}

/// The config, each value as a text.
fn config(node: &Node) -> Json {
    let values = node.config.values.iter().filter(|(_, value)| !value.is_null());
    Json::Object(values.map(|(name, value)| (name.to_owned(), Json::from(plain_text(value)))).collect())
}
