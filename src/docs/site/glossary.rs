//! The terms that the project explains: `docs` blocks that describe no node.

use serde::Serialize;

use super::{Site, markdown};
use crate::base::HashSet;
use crate::manifest::UniqueId;

/// A term.
#[derive(Serialize)]
pub(super) struct Term {
    name: String,
    html: String,
}

/// The terms of the project's own package, sorted by name.
pub(super) fn terms(site: &Site<'_>) -> Vec<Term> {
    let manifest = site.manifest;
    let nodes = manifest.nodes.values().flat_map(|node| node.doc_blocks.iter());
    let sources = manifest.sources.values().flat_map(|source| source.doc_blocks.iter());
    let columns = {
        let of_nodes = manifest.nodes.values().flat_map(|node| node.columns.values());
        of_nodes.chain(manifest.sources.values().flat_map(|source| source.columns.values()))
    };
    let attached: HashSet<&UniqueId> =
        nodes.chain(sources).chain(columns.flat_map(|column| column.doc_blocks.iter())).collect();
    let own = manifest.docs.values().filter(|doc| doc.package == manifest.project && !attached.contains(&doc.id));
    let terms = own.filter(|doc| !doc.name.starts_with("__"));
    let mut terms: Vec<Term> =
        terms.map(|doc| Term { name: doc.name.clone(), html: markdown::html(&doc.contents) }).collect();
    terms.sort_by(|one, other| one.name.cmp(&other.name));
    terms
}

/// The text of the first page, where the project has one of its own.
pub(super) fn overview(site: &Site<'_>) -> String {
    let manifest = site.manifest;
    // As in dbt: the first page of all, else that of the project.
    let names = ["__overview__".to_owned(), format!("__{}__", manifest.project)];
    let own = || manifest.docs.values().filter(|doc| doc.package == manifest.project);
    let found = names.iter().find_map(|name| own().find(|doc| doc.name == *name));
    found.map(|doc| markdown::html(&doc.contents)).unwrap_or_default()
}
