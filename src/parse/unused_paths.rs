//! Configs of the project file for folders in which nothing lies: a folder was renamed, or its name is misspelt.

use super::config::tree_of;
use crate::base::{HashSet, quoted_list};
use crate::config::{ConfigTree, ProjectConfig, TreeName};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Manifest, SemanticKind};
use crate::source::Span;
use crate::yaml::Mapping;

/// Warns once of all of them, at the first. As in dbt, only the root project's are looked at, and anything that is disabled counts for
/// every kind of resource.
pub(super) fn report(config: &ProjectConfig, manifest: &Manifest, diagnostics: &mut Diagnostics) {
    // Analyses have no configs of their own in the project file.
    let trees = TreeName::ALL.into_iter().filter(|tree| *tree != TreeName::Analyses);
    let written = trees.flat_map(|tree| paths(config.tree(tree).root()).into_iter().map(move |found| (tree, found)));
    let written: Vec<(TreeName, Written<'_>)> = written.collect();
    if written.is_empty() {
        return;
    }
    let used = Used::of(manifest);
    let unused: Vec<(String, Span)> = written
        .into_iter()
        .filter(|(tree, written)| !used.has(*tree, &written.path))
        .map(|(tree, written)| {
            let path = std::iter::once(tree.key()).chain(written.path);
            (path.collect::<Vec<_>>().join("."), written.at)
        })
        .collect();
    let Some((_, first)) = unused.first() else { return };
    let names: Vec<&str> = unused.iter().map(|(path, _)| path.as_str()).collect();
    let message = format!("the project file has configs for {}, where no resource is", quoted_list(&names));
    let diagnostic = Diagnostic::warning(codes::UNUSED_CONFIG_PATH, message).at(*first);
    diagnostics.push(unused.iter().skip(1).fold(diagnostic, |diagnostic, (_, at)| diagnostic.label(*at, "")));
}

/// A path of a tree at which configs are written.
struct Written<'t> {
    path: Vec<&'t str>,
    at: Span,
}

fn paths(root: &Mapping) -> Vec<Written<'_>> {
    let mut found = Vec::new();
    collect(root, (&[], None), &mut found);
    found
}

fn collect<'t>(mapping: &'t Mapping, (path, at): (&[&'t str], Option<Span>), found: &mut Vec<Written<'t>>) {
    if let Some(config) = ConfigTree::configs_at(mapping).next() {
        // Configs of all resources of a kind have no folder to point at.
        found.push(Written { path: path.to_vec(), at: at.unwrap_or(config.key_span) });
    }
    for entry in mapping.iter().filter(|entry| !entry.key.starts_with('+')) {
        if let Some(below) = entry.node.as_map() {
            let path: Vec<&str> = path.iter().copied().chain([entry.key.as_str()]).collect();
            collect(below, (&path, Some(entry.key_span)), found);
        }
    }
}

/// The ways to all resources, and to the folders that they lie in.
struct Used<'m> {
    enabled: HashSet<(TreeName, &'m [String])>,
    disabled: HashSet<&'m [String]>,
}

impl<'m> Used<'m> {
    fn of(manifest: &'m Manifest) -> Self {
        let nodes = manifest.nodes.values().chain(&manifest.orphans);
        let nodes = nodes.map(|node| (tree_of(node.resource), &node.fqn));
        let sources = manifest.sources.values().map(|source| (TreeName::Sources, &source.fqn));
        let exposures = manifest.exposures.values().map(|exposure| (TreeName::Exposures, &exposure.fqn));
        let semantic = manifest.semantic.values().map(|found| (tree_of_semantic(found.kind), &found.fqn));
        let unit_tests = manifest.unit_tests.values().map(|test| (TreeName::UnitTests, &test.fqn));
        let enabled = nodes.chain(sources).chain(exposures).chain(semantic).chain(unit_tests);
        let others = &manifest.disabled_others;
        let disabled = manifest.disabled.iter().map(|node| &node.fqn);
        let disabled = disabled
            .chain(others.sources.iter().map(|source| &source.fqn))
            .chain(others.exposures.iter().map(|exposure| &exposure.fqn))
            .chain(others.semantic.iter().map(|found| &found.fqn))
            .chain(others.unit_tests.iter().map(|test| &test.fqn));
        Used {
            enabled: enabled.flat_map(|(tree, fqn)| ways(fqn).map(move |way| (tree, way))).collect(),
            disabled: disabled.flat_map(|fqn| ways(fqn)).collect(),
        }
    }

    fn has(&self, tree: TreeName, path: &[&str]) -> bool {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        self.enabled.contains(&(tree, path.as_slice())) || self.disabled.contains(path.as_slice())
    }
}

/// A way and all that lead to it.
fn ways(fqn: &[String]) -> impl Iterator<Item = &[String]> {
    (0..=fqn.len()).map(|length| &fqn[..length])
}

fn tree_of_semantic(kind: SemanticKind) -> TreeName {
    match kind {
        SemanticKind::Metric => TreeName::Metrics,
        SemanticKind::SemanticModel => TreeName::SemanticModels,
        SemanticKind::SavedQuery => TreeName::SavedQueries,
    }
}
