//! Columns that the config of a node names: keys, what a table is laid out by, what a snapshot compares.
//!
//! A wrong one is seen late otherwise: the first run of an incremental model makes its table, and only the second has a use for the key.

use arrow::datatypes::Schema;
use serde_json::Value as Json;

use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Materialized, Node};

/// What is wrong where the config of a node names columns that its query does not have. Expressions are left to the engine.
pub(super) fn unknown_columns(node: &Node, query: &Schema) -> Option<Diagnostic> {
    let columns: Vec<&str> = query.fields().iter().map(|field| field.name().as_str()).collect();
    let is_there = |name: &str| columns.iter().any(|column| column.to_lowercase() == name.to_lowercase());
    let unknown: Vec<(&str, &str)> =
        named(node).into_iter().filter(|(_, name)| is_name(name) && !is_there(name)).collect();
    let told: Vec<String> = unknown.iter().map(|(key, name)| format!("`{name}` (`{key}`)")).collect();
    if told.is_empty() {
        return None;
    }
    let (words, plural) = (node.resource.words(), if told.len() > 1 { "columns" } else { "a column" });
    let message = format!(
        "the config of {words} `{}` names {plural} that its query does not have: {}",
        node.name,
        told.join(", ")
    );
    let warning = Diagnostic::warning(codes::CONFIG_COLUMN, message).at(node.span);
    Some(match unknown.as_slice() {
        [(_, name)] => warning.suggest_near(name, columns.iter().copied()),
        _ => warning.help(format!("columns here: {}", quoted_list(&columns))),
    })
}

/// The columns that the config names, each with its key.
fn named(node: &Node) -> Vec<(&'static str, &str)> {
    let config = &node.config;
    let mut named: Vec<(&'static str, &str)> = Vec::new();
    let is_laid_out =
        matches!(config.materialized, Materialized::Table | Materialized::Incremental | Materialized::MaterializedView);
    if let Some(layout) = config.layout.as_ref().filter(|_| is_laid_out) {
        named.extend(layout.partition_by.iter().map(|column| ("partition_by", column.name.as_str())));
        named.extend(layout.zorder_by.iter().map(|column| ("zorder_by", column.as_str())));
    }
    let keys = || config.unique_key.iter().map(|name| ("unique_key", name.as_str()));
    match config.materialized {
        Materialized::Incremental => {
            let strategy = config.incremental_strategy.as_deref().unwrap_or("default");
            if matches!(strategy, "default" | "merge" | "delete+insert" | "delete_insert") {
                named.extend(keys());
            }
            named.extend(config.microbatch.iter().map(|microbatch| ("event_time", microbatch.event_time.as_str())));
        }
        Materialized::Snapshot => {
            // Alone it is `all`.
            let compared = config.values.get("check_cols").and_then(Json::as_array).into_iter().flatten();
            named.extend(keys());
            named.extend(compared.filter_map(Json::as_str).map(|name| ("check_cols", name)));
        }
        _ => {}
    }
    named
}

/// Whether a text is a name and no expression.
fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
