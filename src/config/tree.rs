//! A resource tree of the project file (`models:`, `seeds:`, …): configs by folder.

use crate::source::Span;
use crate::yaml::{Mapping, Node};

/// The configs that a project file sets for the resources below its folders.
#[derive(Clone, Debug, Default)]
pub struct ConfigTree {
    root: Mapping,
}

/// A config of the tree and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct TreeConfig<'t> {
    /// The name without `+`.
    pub key: &'t str,
    /// Where the name stands.
    pub key_span: Span,
    /// The value.
    pub value: &'t Node,
}

impl ConfigTree {
    /// The tree of this mapping.
    #[must_use]
    pub fn new(root: Mapping) -> Self {
        ConfigTree { root }
    }

    /// The configs that apply to the resource with this `fqn` (`[package, folder, …, name]`), from the general to the
    /// specific.
    ///
    /// A key with `+` is a config; one without is a config when its value is not a mapping, else a folder.
    pub fn configs<'t>(&'t self, fqn: &[String]) -> Vec<TreeConfig<'t>> {
        let mut found = Vec::new();
        let mut level = Some(&self.root);
        let mut rest = fqn.iter();
        while let Some(mapping) = level {
            found.extend(mapping.iter().filter_map(|entry| {
                let key = match entry.key.strip_prefix('+') {
                    Some(key) => key,
                    None if entry.node.as_map().is_none() => &entry.key,
                    None => return None,
                };
                Some(TreeConfig { key, key_span: entry.key_span, value: &entry.node })
            }));
            level = rest.next().and_then(|part| mapping.get(part)).and_then(Node::as_map);
        }
        found
    }
}
