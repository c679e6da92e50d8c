//! Columns of models that nothing reads.
//!
//! Only what other models and snapshots read is looked at. What nobody reads may be all that a project is for, and so may what an exposure
//! names; what has a contract, is public or of the last layer is for others. An incremental model may keep a column for itself.

use super::{Analyses, Analyzed, Finding, Request};
use crate::base::{HashSet, quoted_list};
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::manifest::{Access, Materialized, Node, ResourceType, UniqueId};

/// A note for each chosen model with such columns. Those in `introspective` read something by their templates, of which the SQL says
/// nothing.
pub(super) fn unread(request: &Request<'_>, analyses: &Analyses, introspective: &HashSet<UniqueId>) -> Vec<Finding> {
    let nodes = request.chosen.iter().filter_map(|id| request.manifest.node(id));
    let is_served = |node: &Node| node.layer.is_some() && node.layer.as_deref() == request.last_layer;
    let own = nodes.filter(|node| node.resource == ResourceType::Model && !is_promised(node) && !is_served(node));
    let told = own.filter_map(|node| {
        let readers: Vec<&UniqueId> = request.dag.children(&node.id).filter(|id| !is_remark(id)).collect();
        let is_known = |id: &&UniqueId| is_query(id) && !introspective.contains(*id);
        if readers.is_empty() || !readers.iter().all(is_known) {
            return None;
        }
        let unread = columns_besides(node, analyses, &readers)?;
        let names = quoted_list(&unread);
        let columns = if unread.len() == 1 { "column" } else { "columns" };
        let message = format!("nothing reads {columns} {names} of model `{}`", node.name);
        let note = Diagnostic::new(codes::UNREAD_COLUMN, Severity::Note, message).at(node.span);
        Some(Finding { node: node.id.clone(), diagnostic: note, position: None })
    });
    told.collect()
}

/// Whether others may rely on all columns, or the model itself.
fn is_promised(node: &Node) -> bool {
    node.contract.enforced
        || node.access == Access::Public
        || matches!(
            node.config.materialized,
            Materialized::Ephemeral | Materialized::Incremental | Materialized::Other(_)
        )
}

/// Whether it says something about its parents and makes nothing of them.
fn is_remark(id: &UniqueId) -> bool {
    ["test.", "unit_test.", "analysis."].iter().any(|kind| id.as_str().starts_with(kind))
}

fn is_query(id: &UniqueId) -> bool {
    ["model.", "snapshot."].iter().any(|kind| id.as_str().starts_with(kind))
}

/// The columns of a node that are read by none of its readers; nothing where there are none, or one of them is not understood.
fn columns_besides(node: &Node, analyses: &Analyses, readers: &[&UniqueId]) -> Option<Vec<String>> {
    let relation = node.relation.as_ref()?;
    let Some(Analyzed::Query(made)) = analyses.get(&node.id) else { return None };
    let mut read: HashSet<&str> = HashSet::default();
    for id in readers {
        let Some(Analyzed::Query(reader)) = analyses.get(id) else { return None };
        let values = reader.columns.iter().flat_map(|origins| origins.values.keys());
        let deciding = reader.columns.iter().flat_map(|origins| &origins.influences).chain(&reader.influences);
        let named = values.chain(deciding.map(|(column, _)| column));
        read.extend(named.filter(|column| column.relation == *relation).map(|column| column.column.as_str()));
    }
    let names = made.schema.fields().iter().map(|field| field.name());
    let unread: Vec<String> = names.filter(|name| !read.contains(name.as_str())).cloned().collect();
    (!unread.is_empty()).then_some(unread)
}
