//! Ephemeral models: which of them a node needs, and in which order.

use std::sync::Arc;

use crate::manifest::{Manifest, Node};

/// The ephemeral models that `node` reads, directly or through other ephemeral models, parents before children.
pub(super) fn order<'m>(manifest: &'m Manifest, node: &Node) -> Vec<&'m Arc<Node>> {
    let mut found = Vec::new();
    visit(manifest, node, &mut found);
    found
}

fn visit<'m>(manifest: &'m Manifest, node: &Node, found: &mut Vec<&'m Arc<Node>>) {
    for parent in node.depends_on.iter().filter_map(|id| manifest.node(id)).filter(|parent| parent.is_ephemeral()) {
        if !found.iter().any(|known| known.id == parent.id) {
            visit(manifest, parent, found);
            found.push(parent);
        }
    }
}
