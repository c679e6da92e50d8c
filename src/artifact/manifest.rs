//! `manifest.json`, version 12.

mod node;
mod other;
mod semantic;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

use super::Metadata;
use crate::config::Constraint;
use crate::engine::registry;
use crate::manifest::{
    Column, Exposure, Group, Macro, Manifest, Node, RefArgs, ResourceType, SemanticKind, SemanticResource, Source,
    UniqueId, UnitTest, Version,
};
use crate::session::Session;
use crate::source::SourceMap;
use crate::sql::{Dialect, Quoting};

/// The manifest in dbt's schema. Resources are turned into JSON one by one while it is serialised: all of them at once would take
/// several times the memory.
#[must_use]
pub fn manifest<'a>(manifest: &'a Manifest, session: &'a Session) -> impl Serialize + 'a {
    Artifact { manifest, session }
}

/// One node, source or exposure as it stands in the manifest.
#[must_use]
pub fn resource(manifest: &Manifest, session: &Session, id: &UniqueId) -> Option<Json> {
    let writer = Writer::new(session);
    let node = manifest.nodes.get(id).map(|node| writer.node(node));
    node.or_else(|| manifest.sources.get(id).map(|source| writer.source(source)))
        .or_else(|| manifest.exposures.get(id).map(|exposure| writer.exposure(exposure)))
        .or_else(|| manifest.semantic.get(id).map(|found| writer.semantic(found)))
        .or_else(|| manifest.unit_tests.get(id).map(|test| writer.unit_test(test)))
}

struct Artifact<'a> {
    manifest: &'a Manifest,
    session: &'a Session,
}

impl Serialize for Artifact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Artifact { manifest, session } = self;
        let own = Writer::new(session);
        let writer = &own;
        let (parents, children) = relatives(manifest);
        let semantic = |kind: SemanticKind| {
            Chosen(&manifest.semantic, move |found: &SemanticResource| {
                (found.kind == kind).then(|| writer.semantic(found))
            })
        };
        let is_function = |node: &Node| node.resource == ResourceType::Function;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("metadata", &metadata(session))?;
        map.serialize_entry("nodes", &Nodes(manifest, writer))?;
        map.serialize_entry("sources", &Each(&manifest.sources, |source: &Arc<Source>| writer.source(source)))?;
        map.serialize_entry("macros", &Each(&manifest.macros, |found: &Macro| writer.macro_(found)))?;
        map.serialize_entry("docs", &Each(&manifest.docs, other::doc))?;
        map.serialize_entry("exposures", &Each(&manifest.exposures, |exposure: &Exposure| writer.exposure(exposure)))?;
        map.serialize_entry("metrics", &semantic(SemanticKind::Metric))?;
        map.serialize_entry("groups", &Each(&manifest.groups, |group: &Group| other::group(group)))?;
        map.serialize_entry("selectors", &json!({}))?;
        map.serialize_entry("disabled", &disabled(manifest, writer))?;
        map.serialize_entry("parent_map", &parents)?;
        map.serialize_entry("child_map", &children)?;
        map.serialize_entry("group_map", &group_map(manifest))?;
        map.serialize_entry("saved_queries", &semantic(SemanticKind::SavedQuery))?;
        map.serialize_entry("semantic_models", &semantic(SemanticKind::SemanticModel))?;
        map.serialize_entry("unit_tests", &Each(&manifest.unit_tests, |test: &Arc<UnitTest>| writer.unit_test(test)))?;
        let functions = |node: &Arc<Node>| is_function(node).then(|| writer.node(node));
        map.serialize_entry("functions", &Chosen(&manifest.nodes, functions))?;
        map.end()
    }
}

/// A map whose values are made while it is serialised.
struct Each<'a, T, F>(&'a IndexMap<UniqueId, T>, F);

impl<T, F: Fn(&T) -> Json> Serialize for Each<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(id, value)| (id, (self.1)(value))))
    }
}

/// The nodes without functions; as in dbt, tests that cannot run are among them, disabled.
struct Nodes<'a>(&'a Manifest, &'a Writer<'a>);

impl Serialize for Nodes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Nodes(manifest, writer) = self;
        let all = manifest.nodes.values().chain(&manifest.orphans);
        let nodes = all.filter(|node| node.resource != ResourceType::Function);
        serializer.collect_map(nodes.map(|node| (&node.id, writer.node(node))))
    }
}

/// The same for some of the entries: those for which a value is made.
struct Chosen<'a, T, F>(&'a IndexMap<UniqueId, T>, F);

impl<T, F: Fn(&T) -> Option<Json>> Serialize for Chosen<'_, T, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (id, value) in self.0 {
            if let Some(json) = (self.1)(value) {
                map.serialize_entry(id, &json)?;
            }
        }
        map.end()
    }
}

fn metadata(session: &Session) -> Json {
    let mut metadata = serde_json::to_value(Metadata::new("manifest", 12, session)).unwrap_or_default();
    if let Json::Object(metadata) = &mut metadata {
        metadata.insert("project_name".to_owned(), json!(session.project));
        metadata.insert("project_id".to_owned(), json!(crate::base::md5_hex(session.project.as_bytes())));
        metadata.insert("user_id".to_owned(), Json::Null);
        metadata.insert("send_anonymous_usage_stats".to_owned(), json!(false));
        metadata.insert("adapter_type".to_owned(), json!(session.target.kind));
    }
    metadata
}

fn disabled(manifest: &Manifest, writer: &Writer<'_>) -> Json {
    let others = &manifest.disabled_others;
    let nodes = manifest.disabled.iter().map(|node| (&node.id, writer.node(node)));
    let all = nodes
        .chain(others.sources.iter().map(|source| (&source.id, writer.source(source))))
        .chain(others.exposures.iter().map(|exposure| (&exposure.id, writer.exposure(exposure))))
        .chain(others.semantic.iter().map(|found| (&found.id, writer.semantic(found))))
        .chain(others.unit_tests.iter().map(|test| (&test.id, writer.unit_test(test))));
    let mut by_id: Map<String, Json> = Map::new();
    for (id, json) in all {
        if let Json::Array(items) = by_id.entry(id.to_string()).or_insert_with(|| json!([])) {
            items.push(json);
        }
    }
    Json::Object(by_id)
}

type Relatives<'a> = BTreeMap<&'a str, Vec<&'a str>>;

/// What each resource reads, and what reads it.
fn relatives(manifest: &Manifest) -> (Relatives<'_>, Relatives<'_>) {
    let nodes = manifest.nodes.values().map(|node| (&node.id, node.depends_on.as_slice()));
    let edges = nodes
        .chain(manifest.orphans.iter().map(|node| (&node.id, node.depends_on.as_slice())))
        .chain(manifest.sources.keys().map(|id| (id, &[][..])))
        .chain(manifest.exposures.values().map(|exposure| (&exposure.id, exposure.depends_on.as_slice())))
        .chain(manifest.semantic.values().map(|found| (&found.id, found.depends_on.as_slice())))
        .chain(manifest.unit_tests.values().map(|test| (&test.id, test.depends_on.as_slice())));
    let edges: Vec<(&UniqueId, &[UniqueId])> = edges.collect();
    let mut parents: Relatives<'_> = edges.iter().map(|(id, _)| (id.as_str(), Vec::new())).collect();
    let mut children = parents.clone();
    for (id, reads) in edges {
        for parent in reads {
            parents.entry(id.as_str()).or_default().push(parent.as_str());
            children.entry(parent.as_str()).or_default().push(id.as_str());
        }
    }
    for list in parents.values_mut().chain(children.values_mut()) {
        list.sort_unstable();
    }
    (parents, children)
}

/// The members of each group.
fn group_map(manifest: &Manifest) -> Relatives<'_> {
    let mut members: Relatives<'_> = manifest.groups.values().map(|group| (group.name.as_str(), Vec::new())).collect();
    let nodes = manifest.nodes.values().map(|node| (&node.group, &node.id));
    for (group, id) in nodes.chain(manifest.semantic.values().map(|found| (&found.group, &found.id))) {
        if let Some(list) = group.as_deref().and_then(|group| members.get_mut(group)) {
            list.push(id.as_str());
        }
    }
    members
}

/// Turns resources into JSON.
struct Writer<'a> {
    sources: &'a SourceMap,
    dialect: Dialect,
    /// Which parts of names are quoted as the project says, and as the engine does by itself.
    quoting: Quoting,
    engine_quoting: Quoting,
}

impl<'a> Writer<'a> {
    fn new(session: &'a Session) -> Self {
        Writer {
            sources: &session.sources,
            dialect: session.dialect,
            quoting: session.quoting,
            engine_quoting: registry::quoting(&session.target.kind),
        }
    }
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn version(version: Option<&Version>) -> Option<&Json> {
    version.map(Version::as_json)
}

fn refs(calls: &[RefArgs]) -> Vec<Json> {
    let calls = calls.iter();
    calls
        .map(|call| json!({ "name": call.name, "package": call.package, "version": version(call.version.as_ref()) }))
        .collect()
}

/// Calls of `source`, `metric` and `function`: one or two names each.
fn calls(calls: &[(Option<String>, String)]) -> Vec<Vec<&str>> {
    calls.iter().map(|(package, name)| package.as_deref().into_iter().chain([name.as_str()]).collect()).collect()
}

fn source_calls(calls: &[(String, String)]) -> Vec<[&str; 2]> {
    calls.iter().map(|(source, table)| [source.as_str(), table.as_str()]).collect()
}

fn columns(columns: &IndexMap<String, Column>) -> Json {
    let entries = columns.iter().map(|(name, column)| {
        let json = json!({
            "name": column.name,
            "description": column.description,
            "meta": column.meta,
            "data_type": column.data_type,
            "constraints": column.constraints.iter().map(constraint).collect::<Vec<_>>(),
            "quote": column.quote,
            "config": { "meta": column.meta, "tags": column.tags },
            "tags": column.tags,
            "granularity": column.granularity,
            "doc_blocks": column.doc_blocks,
        });
        let mut map = into_map(json);
        map.extend(column.extra.clone());
        (name.clone(), Json::Object(map))
    });
    Json::Object(entries.collect())
}

fn constraint(constraint: &Constraint) -> Json {
    json!({
        "type": constraint.kind.as_str(),
        "name": constraint.name,
        "expression": constraint.expression,
        "warn_unenforced": constraint.warn_unenforced,
        "warn_unsupported": constraint.warn_unsupported,
        "to": constraint.to,
        "to_columns": constraint.to_columns,
    })
}
