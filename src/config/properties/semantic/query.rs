//! Saved queries.

use serde_json::json;

use super::super::column::texts;
use super::{SemanticProperties, common, filter, get, required};
use crate::diagnostic::Diagnostics;
use crate::yaml::{Fields, Mapping, Node};

impl SemanticProperties {
    /// Reads an item of `saved_queries:`.
    pub(in super::super) fn saved_query(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a saved query", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let params = fields.mapping("query_params");
        let exports = fields.list("exports");
        let body = json!({
            "description": fields.text("description"),
            "label": fields.text("label"),
            "metadata": null,
        });
        let mut query = common(&mut fields, name, span, body);
        let title = format!("saved query `{}`", query.name);
        fields.finish(&title);
        let params = required(params, "query_params", &title, span, diagnostics)?;
        let list = |key: &str| params.get(key).map(texts).unwrap_or_default();
        let query_params = json!({
            "metrics": list("metrics"),
            "group_by": list("group_by"),
            "where": params.get("where").filter(|node| !node.is_null()).map(filter),
            "order_by": list("order_by"),
            "limit": get(params, "limit"),
        });
        query.body.insert("query_params".to_owned(), query_params);
        let exports = exports.iter().filter_map(Node::as_map).map(|export| {
            let config = export.get("config").and_then(Node::as_map).map(Mapping::to_json).unwrap_or_default();
            json!({ "name": get(export, "name"), "config": config, "unrendered_config": config })
        });
        query.body.insert("exports".to_owned(), exports.collect());
        Some(query)
    }
}
