//! What dbt's events say of their node.

use serde_json::{Value as Json, json};

use crate::base::Timestamp;
use crate::manifest::Node;
use crate::run::NodeResult;

/// `node_info`: the node, what it is doing or how it ended, and when.
pub(super) fn node_info(node: &Node, status: &str, result: Option<&NodeResult>) -> Json {
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
