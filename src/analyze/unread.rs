//! Columns of models that no model reads.
//!
//! Only models that other models or snapshots read are looked at: the columns of the others may be what the project is for. Columns are for
//! others, too, where the model is public, has a contract, is of the last layer or is named by an exposure; and for the model itself, where
//! it is incremental or its configs name them. Of a reader whose hooks or templates may read more than its SQL nothing is told.

use serde_json::Value as Json;

use super::node::has_hooks;
use super::{Analyses, Analyzed, Finding, Request};
use crate::base::{HashSet, quoted_list};
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::manifest::{Access, Materialized, Node, ResourceType, TestKind, UniqueId};

/// A note for each chosen model of the project with such columns. Those in `introspective` read something by their templates, of which the
/// SQL says nothing.
pub(super) fn unread(request: &Request<'_>, analyses: &Analyses, introspective: &HashSet<UniqueId>) -> Vec<Finding> {
    let nodes = request.chosen.iter().filter_map(|id| request.manifest.node(id));
    let is_served = |node: &Node| node.layer.is_some() && node.layer.as_deref() == request.last_layer;
    let own = nodes.filter(|node| {
        node.resource == ResourceType::Model
            && Some(node.package.as_str()) == request.package
            && !is_promised(node)
            && !is_served(node)
    });
    let told = own.filter_map(|node| {
        let mut readers: Vec<&Node> = Vec::new();
        for id in request.dag.children(&node.id).filter(|id| !is_remark(id)) {
            // What is no node may read anything: an exposure, a metric.
            let reader = request.manifest.node(id)?;
            match &reader.test {
                Some(TestKind::Generic(_)) => continue,
                _ if introspective.contains(id) || has_hooks(reader) || is_incremental(reader) => return None,
                _ => readers.push(reader),
            }
        }
        if readers.iter().all(|reader| reader.test.is_some()) {
            return None;
        }
        let unread = columns_besides(node, analyses, &readers)?;
        let names = quoted_list(&unread);
        let columns = if unread.len() == 1 { "column" } else { "columns" };
        let message = format!("no model reads {columns} {names} of model `{}`", node.name);
        let note = Diagnostic::new(codes::UNREAD_COLUMN, Severity::Note, message).at(node.span);
        Some(Finding { node: node.id.clone(), diagnostic: note, position: None })
    });
    told.collect()
}

/// Whether others may rely on all columns, or the model itself.
fn is_promised(node: &Node) -> bool {
    node.contract.enforced
        || node.access == Access::Public
        || is_incremental(node)
        || matches!(node.config.materialized, Materialized::Ephemeral | Materialized::Other(_))
}

/// Whether what it reads depends on whether it has been built.
fn is_incremental(node: &Node) -> bool {
    node.config.materialized == Materialized::Incremental
}

/// Whether it says something about its parents and makes nothing of them.
fn is_remark(id: &UniqueId) -> bool {
    ["unit_test.", "analysis."].iter().any(|kind| id.as_str().starts_with(kind))
}

/// The columns of a node that none of its readers reads, nor its configs name; nothing where there are none, or a reader is not understood.
fn columns_besides(node: &Node, analyses: &Analyses, readers: &[&Node]) -> Option<Vec<String>> {
    let relation = node.relation.as_ref()?;
    let Some(Analyzed::Query(made)) = analyses.get(&node.id) else { return None };
    let mut read: HashSet<&str> = HashSet::default();
    for reader in readers {
        let Some(Analyzed::Query(reader)) = analyses.get(&reader.id) else { return None };
        let values = reader.columns.iter().flat_map(|origins| origins.values.keys());
        let deciding = reader.columns.iter().flat_map(|origins| &origins.influences).chain(&reader.influences);
        let named = values.chain(deciding.map(|(column, _)| column));
        read.extend(named.filter(|column| column.relation == *relation).map(|column| column.column.as_str()));
    }
    let names = made.schema.fields().iter().map(|field| field.name());
    let is_unread = |name: &&String| {
        !read.contains(name.as_str()) && !node.config.values.iter().any(|(_, value)| names_it(value, name))
    };
    let unread: Vec<String> = names.filter(is_unread).cloned().collect();
    (!unread.is_empty()).then_some(unread)
}

/// Whether a config names a column somewhere.
fn names_it(config: &Json, column: &str) -> bool {
    match config {
        Json::String(text) => {
            let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
            words.any(|word| word.eq_ignore_ascii_case(column))
        }
        Json::Array(items) => items.iter().any(|item| names_it(item, column)),
        Json::Object(fields) => fields.values().any(|value| names_it(value, column)),
        _ => false,
    }
}
