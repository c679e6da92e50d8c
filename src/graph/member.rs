//! What the graph is made of: nodes, sources and all other resources that read or are read, in one list.

use serde_json::Value as Json;

use crate::manifest::{ConfigValues, Manifest, Node, Source, TestKind, UniqueId};

/// A resource of the graph: the facts that every kind has, and those that some methods of a selection ask for.
#[derive(Clone, Copy, Debug)]
pub struct Member<'m> {
    /// Its id.
    pub id: &'m UniqueId,
    /// dbt's word for its kind.
    pub kind: &'static str,
    /// Its package.
    pub package: &'m str,
    /// Its name.
    pub name: &'m str,
    /// Markdown.
    pub description: &'m str,
    /// Package, folders, name.
    pub fqn: &'m [String],
    /// Its own file, relative to the package.
    pub path: &'m str,
    /// The property file that describes it.
    pub patch_path: Option<&'m str>,
    /// Its tags.
    pub tags: &'m [String],
    /// Its configs.
    pub config: &'m ConfigValues,
    /// What it reads.
    pub depends_on: &'m [UniqueId],
    /// What it is, if it is a node.
    pub node: Option<&'m Node>,
    /// What it is, if it is a table of a source.
    pub source: Option<&'m Source>,
}

impl<'m> Member<'m> {
    /// What it tests, if it is a data test.
    #[must_use]
    pub fn test(&self) -> Option<&'m TestKind> {
        self.node.and_then(|node| node.test.as_ref())
    }

    /// Whether it comes along with what it tests.
    #[must_use]
    pub fn is_test(&self) -> bool {
        matches!(self.kind, "test" | "unit_test")
    }

    /// Who may refer to it, if it is a model.
    #[must_use]
    pub fn access(&self) -> &'m str {
        self.node.map_or("protected", |node| node.access.as_str())
    }

    /// Its version, if it is one of several.
    #[must_use]
    pub fn version(&self) -> Option<String> {
        self.node?.version.as_ref().map(ToString::to_string)
    }

    /// The version that `ref` means where it names none.
    #[must_use]
    pub fn latest_version(&self) -> Option<String> {
        self.node?.latest_version.as_ref().map(ToString::to_string)
    }

    /// A config that is a text.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&'m str> {
        self.config.get(key).and_then(Json::as_str)
    }
}

/// All members, sources first: the order of the graph's indices.
#[must_use]
pub fn members(manifest: &Manifest) -> Vec<Member<'_>> {
    let sources = manifest.sources.values().map(|source| Member {
        id: &source.id,
        kind: "source",
        package: &source.package,
        name: &source.name,
        description: &source.description,
        fqn: &source.fqn,
        path: &source.path,
        patch_path: None,
        tags: &source.config.tags,
        config: &source.config.values,
        depends_on: &[],
        node: None,
        source: Some(source),
    });
    let hooks = manifest.run_hooks.iter().map(|hook| &hook.node);
    let nodes = manifest.nodes.values().chain(hooks).map(|node| Member {
        id: &node.id,
        kind: node.resource.as_str(),
        package: &node.package,
        name: &node.name,
        description: &node.description,
        fqn: &node.fqn,
        path: &node.original_path,
        patch_path: node.patch_path.as_deref().map(|path| path.split_once("://").map_or(path, |(_, path)| path)),
        tags: &node.config.tags,
        config: &node.config.values,
        depends_on: &node.depends_on,
        node: Some(node),
        source: None,
    });
    let exposures = manifest.exposures.values().map(|exposure| Member {
        id: &exposure.id,
        kind: "exposure",
        package: &exposure.package,
        name: &exposure.properties.name,
        description: &exposure.properties.description,
        fqn: &exposure.fqn,
        path: &exposure.path,
        patch_path: None,
        tags: &exposure.config.tags,
        config: &exposure.config.values,
        depends_on: &exposure.depends_on,
        node: None,
        source: None,
    });
    let semantic = manifest.semantic.values().map(|found| Member {
        id: &found.id,
        kind: found.kind.as_str(),
        package: &found.package,
        name: &found.name,
        description: found.body.get("description").and_then(Json::as_str).unwrap_or_default(),
        fqn: &found.fqn,
        path: &found.original_path,
        patch_path: None,
        tags: &found.tags,
        config: &found.config,
        depends_on: &found.depends_on,
        node: None,
        source: None,
    });
    let unit_tests = manifest.unit_tests.values().map(|test| Member {
        id: &test.id,
        kind: "unit_test",
        package: &test.package,
        name: &test.name,
        description: &test.description,
        fqn: &test.fqn,
        path: &test.original_path,
        patch_path: None,
        tags: &test.tags,
        config: &test.config,
        depends_on: &test.depends_on,
        node: None,
        source: None,
    });
    sources.chain(nodes).chain(semantic).chain(exposures).chain(unit_tests).collect()
}
