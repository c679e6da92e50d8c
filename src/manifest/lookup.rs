//! From the names that SQL uses to ids: `ref` and `source`.

use std::collections::HashMap;

use super::{Manifest, Node, ResourceType, UniqueId};

/// What `ref` and `source` can name.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    refs: HashMap<String, Vec<(String, UniqueId)>>,
    sources: HashMap<(String, String), Vec<(String, UniqueId)>>,
    disabled: HashMap<String, UniqueId>,
}

/// The answer to a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'l> {
    /// It is this one.
    Here(&'l UniqueId),
    /// It exists but is disabled.
    Disabled(&'l UniqueId),
    /// There is none of that name.
    Missing,
}

impl Lookup {
    /// Indexes a manifest.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let mut lookup = Lookup::default();
        for node in manifest.nodes.values().filter(|node| can_be_referenced(node)) {
            lookup.refs.entry(node.name.clone()).or_default().push((node.package.clone(), node.id.clone()));
        }
        for node in manifest.disabled.iter().filter(|node| can_be_referenced(node)) {
            lookup.disabled.insert(node.name.clone(), node.id.clone());
        }
        for source in manifest.sources.values() {
            let key = (source.source.clone(), source.name.clone());
            lookup.sources.entry(key).or_default().push((source.package.clone(), source.id.clone()));
        }
        lookup
    }

    /// What `ref([package,] name)` means in a node of `from`: the own package first, then any other.
    #[must_use]
    pub fn find_ref(&self, from: &str, package: Option<&str>, name: &str) -> Found<'_> {
        let candidates = self.refs.get(name).map(Vec::as_slice).unwrap_or_default();
        match pick(candidates, package, from) {
            Some(id) => Found::Here(id),
            None => self.disabled.get(name).map_or(Found::Missing, Found::Disabled),
        }
    }

    /// What `source(source, table)` means in a node of `from`.
    #[must_use]
    pub fn find_source(&self, from: &str, source: &str, table: &str) -> Found<'_> {
        let key = (source.to_owned(), table.to_owned());
        let candidates = self.sources.get(&key).map(Vec::as_slice).unwrap_or_default();
        pick(candidates, None, from).map_or(Found::Missing, Found::Here)
    }

    /// All names that `ref` knows.
    pub fn ref_names(&self) -> impl Iterator<Item = &str> {
        self.refs.keys().map(String::as_str)
    }

    /// All names that `source` knows: source, table.
    pub fn source_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.keys().map(|(source, table)| (source.as_str(), table.as_str()))
    }
}

fn pick<'l>(candidates: &'l [(String, UniqueId)], package: Option<&str>, from: &str) -> Option<&'l UniqueId> {
    let in_package = |package: &str| candidates.iter().find(|(own, _)| own == package);
    let found = match package {
        Some(package) => in_package(package),
        None => in_package(from).or_else(|| candidates.first()),
    };
    found.map(|(_, id)| id)
}

fn can_be_referenced(node: &Node) -> bool {
    matches!(node.resource, ResourceType::Model | ResourceType::Seed)
}
