//! `manifest.json` of a site: what it shows of the nodes, for programs.

use serde::Serialize;

use super::places::Places;
use super::{Site, VERSION, core, node};

#[derive(Serialize)]
struct Manifest<'a> {
    version: u32,
    project: &'a str,
    nodes: Vec<Node<'a>>,
}

#[derive(Serialize)]
struct Node<'a> {
    id: &'a str,
    name: String,
    kind: &'a str,
    layer: Option<&'a str>,
    package: &'a str,
    path: &'a str,
    tags: &'a [String],
    description: &'a str,
    columns: Vec<&'a str>,
    depends_on: Vec<&'a str>,
}

/// The nodes as JSON.
pub(super) fn manifest(site: &Site<'_>) -> String {
    let places = Places::of(site);
    let nodes = places.members().iter().enumerate().map(|(place, member)| Node {
        id: member.id.as_str(),
        name: core::name(member),
        kind: member.kind,
        layer: site.manifest.layer(member.id),
        package: member.package,
        path: member.path,
        tags: member.tags,
        description: node::description(member),
        columns: places.columns_of(place).iter().copied().collect(),
        depends_on: places.parents(place).into_iter().map(|parent| places.member(parent).id.as_str()).collect(),
    });
    let manifest = Manifest { version: VERSION, project: &site.manifest.project, nodes: nodes.collect() };
    serde_json::to_string(&manifest).unwrap_or_else(|_| "null".to_owned())
}
