//! Edges against the direction of the layers.

use crate::config::{LayerDirection, Layers};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Manifest, Node, ResourceType, UniqueId};

/// Reports each model that reads a later layer than its own, and each model past the first layer that reads a source directly
/// in the last one.
///
/// Data flows sources → first layer → … → last layer. Reading the own layer or any earlier one is fine, but the last layer
/// reads no sources. Nodes without a layer are not looked at.
#[must_use]
pub fn check(manifest: &Manifest, layers: &Layers) -> Diagnostics {
    let LayerDirection::Reported(severity) = layers.direction else { return Diagnostics::new() };
    let rank = |layer: &str| layers.names.iter().position(|name| name == layer);
    let mut found = Diagnostics::new();
    for node in manifest.nodes.values().filter(|node| node.resource == ResourceType::Model) {
        let Some(own) = node.layer.as_deref().and_then(rank) else { continue };
        for parent in &node.depends_on {
            let is_source = manifest.sources.contains_key(parent);
            let upward = manifest.layer(parent).and_then(rank).is_some_and(|parent| parent > own);
            if upward || (is_source && own > 0 && own + 1 == layers.names.len()) {
                found.push(edge(manifest, node, parent, layers).with_severity(severity));
            }
        }
    }
    found
}

fn edge(manifest: &Manifest, node: &Node, parent: &UniqueId, layers: &Layers) -> Diagnostic {
    let layer = node.layer.as_deref().unwrap_or_default();
    let message = match manifest.layer(parent) {
        Some(parent_layer) => {
            let parent = manifest.node(parent).map_or("", |parent| parent.name.as_str());
            format!("{layer} model `{}` reads {parent_layer} model `{parent}`", node.name)
        }
        None => {
            let source = manifest
                .sources
                .get(parent)
                .map_or_else(String::new, |source| format!("{}.{}", source.source, source.name));
            format!("{layer} model `{}` reads source `{source}`", node.name)
        }
    };
    Diagnostic::error(codes::LAYER_DIRECTION, message)
        .at(node.span)
        .note(format!("data flows from sources to {}", layers.names.join(", then ")))
}
