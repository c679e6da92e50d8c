//! A resource tree of the project file (`models:`, `seeds:`, …): configs by folder.

use crate::source::Span;
use crate::yaml::{Mapping, Node};

/// The resource trees of a project file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TreeName {
    /// `models:`.
    Models,
    /// `seeds:`.
    Seeds,
    /// `data_tests:` or `tests:`.
    Tests,
    /// `sources:`.
    Sources,
    /// `analyses:`.
    Analyses,
    /// `exposures:`.
    Exposures,
    /// `snapshots:`.
    Snapshots,
    /// `functions:`.
    Functions,
    /// `unit_tests:`.
    UnitTests,
    /// `metrics:`.
    Metrics,
    /// `semantic-models:`.
    SemanticModels,
    /// `saved-queries:`.
    SavedQueries,
}

impl TreeName {
    /// All of them.
    pub const ALL: [TreeName; 12] = [
        TreeName::Models,
        TreeName::Seeds,
        TreeName::Tests,
        TreeName::Sources,
        TreeName::Analyses,
        TreeName::Exposures,
        TreeName::Snapshots,
        TreeName::Functions,
        TreeName::UnitTests,
        TreeName::Metrics,
        TreeName::SemanticModels,
        TreeName::SavedQueries,
    ];

    /// The key of the project file.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            TreeName::Models => "models",
            TreeName::Seeds => "seeds",
            TreeName::Tests => "data_tests",
            TreeName::Sources => "sources",
            TreeName::Analyses => "analyses",
            TreeName::Exposures => "exposures",
            TreeName::Snapshots => "snapshots",
            TreeName::Functions => "functions",
            TreeName::UnitTests => "unit_tests",
            TreeName::Metrics => "metrics",
            TreeName::SemanticModels => "semantic-models",
            TreeName::SavedQueries => "saved-queries",
        }
    }
}

/// The configs that a project file sets for the resources below its folders.
#[derive(Clone, Debug, Default)]
pub struct ConfigTree {
    root: Mapping,
    unrendered: Mapping,
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
        ConfigTree { unrendered: root.clone(), root }
    }

    /// The same, with the tree as it was before its Jinja was rendered.
    #[must_use]
    pub fn with_unrendered(self, unrendered: Mapping) -> Self {
        ConfigTree { unrendered, ..self }
    }

    /// The tree before its Jinja was rendered: what `state:modified` compares.
    #[must_use]
    pub fn unrendered(&self) -> &Mapping {
        &self.unrendered
    }

    /// The tree as it is written.
    #[must_use]
    pub fn root(&self) -> &Mapping {
        &self.root
    }

    /// The configs that stand in one mapping of a tree, without those of the folders in it.
    ///
    /// A key with `+` is a config; one without is a config when its value is not a mapping, else a folder.
    pub fn configs_at(mapping: &Mapping) -> impl Iterator<Item = TreeConfig<'_>> {
        mapping.iter().filter_map(|entry| {
            let key = match entry.key.strip_prefix('+') {
                Some(key) => key,
                None if entry.node.as_map().is_none() => &entry.key,
                None => return None,
            };
            Some(TreeConfig { key, key_span: entry.key_span, value: &entry.node })
        })
    }

    /// The configs that apply to the resource with this `fqn` (`[package, folder, …, name]`), from the general to the
    /// specific.
    pub fn configs<'t>(&'t self, fqn: &[String]) -> Vec<TreeConfig<'t>> {
        Self::configs_below(&self.root, fqn)
    }

    /// The same of the tree before its Jinja was rendered.
    pub fn unrendered_configs<'t>(&'t self, fqn: &[String]) -> Vec<TreeConfig<'t>> {
        Self::configs_below(&self.unrendered, fqn)
    }

    fn configs_below<'t>(root: &'t Mapping, fqn: &[String]) -> Vec<TreeConfig<'t>> {
        let mut found = Vec::new();
        let mut level = Some(root);
        let mut rest = fqn.iter();
        while let Some(mapping) = level {
            found.extend(Self::configs_at(mapping));
            level = rest.next().and_then(|part| mapping.get(part)).and_then(Node::as_map);
        }
        found
    }
}
