//! `manifest.json`, version 12.

mod column;
mod node;
mod other;
mod semantic;
mod source;

use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

use super::{Metadata, NodeOutputs};
use crate::base::IndexMap;
use crate::manifest::{Manifest, Node, RefArgs, ResourceType, SemanticKind, UniqueId, Version};
use crate::session::Session;
use crate::source::SourceMap;
use crate::sql::{Dialect, Quoting};

/// The manifest in dbt's schema, serialised from where it lies: as values it would take several times the memory, and as long again
/// to make and drop them. `selectors` are those of the project by name, `outputs` what the command made that it is written behind.
#[must_use]
pub fn manifest<'a>(
    manifest: &'a Manifest,
    session: &'a Session,
    selectors: &'a Map<String, Json>,
    outputs: &'a NodeOutputs,
) -> impl Serialize + 'a {
    Artifact { manifest, selectors, writer: Writer::new(session, outputs), session }
}

/// One resource as it stands in the manifest.
#[must_use]
pub fn resource(manifest: &Manifest, session: &Session, id: &UniqueId) -> Option<Json> {
    resource_behind(manifest, session, &NodeOutputs::default(), id)
}

/// A node that is in no manifest yet, as it would stand there.
#[must_use]
pub fn unlisted(session: &Session, node: &Node) -> Json {
    value(&Writer::new(session, &NodeOutputs::default()).node(node))
}

/// One resource as it stands in the manifest behind a command that made `outputs`.
#[must_use]
pub fn resource_behind(manifest: &Manifest, session: &Session, outputs: &NodeOutputs, id: &UniqueId) -> Option<Json> {
    let writer = Writer::new(session, outputs);
    let node = manifest.nodes.get(id).map(|node| value(&writer.node(node)));
    node.or_else(|| manifest.sources.get(id).map(|source| value(&writer.source(source))))
        .or_else(|| manifest.exposures.get(id).map(|exposure| writer.exposure(exposure)))
        .or_else(|| manifest.semantic.get(id).map(|found| writer.semantic(found)))
        .or_else(|| manifest.unit_tests.get(id).map(|test| writer.unit_test(test)))
        .or_else(|| manifest.groups.get(id).map(other::group))
}

struct Artifact<'a> {
    manifest: &'a Manifest,
    selectors: &'a Map<String, Json>,
    session: &'a Session,
    writer: Writer<'a>,
}

impl Serialize for Artifact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Artifact { manifest, selectors, session, writer } = self;
        let (parents, children) = relatives(manifest);
        let semantic = |kind: SemanticKind| {
            let of_kind = manifest.semantic.values().filter(move |found| found.kind == kind);
            Entries(move || of_kind.clone().map(|found| (&found.id, writer.semantic(found))))
        };
        let is_function = |node: &&Arc<Node>| node.resource == ResourceType::Function;
        // As in dbt, tests that cannot run are among the nodes, disabled.
        let nodes = manifest.nodes.values().chain(&manifest.orphans).filter(|node| !is_function(node));
        let hooks = manifest.run_hooks.iter().map(|hook| (&hook.node.id, writer.hook(hook)));
        let nodes = || nodes.clone().map(|node| (&node.id, writer.node(node))).chain(hooks.clone());
        let functions = manifest.nodes.values().filter(is_function);
        let functions = || functions.clone().map(|node| (&node.id, writer.node(node)));
        let sources = || manifest.sources.iter().map(|(id, source)| (id, writer.source(source)));
        let macros = || manifest.macros.iter().map(|(id, found)| (id, writer.macro_(found)));
        let docs = || manifest.docs.iter().map(|(id, doc)| (id, other::doc(doc)));
        let exposures = || manifest.exposures.iter().map(|(id, exposure)| (id, writer.exposure(exposure)));
        let groups = || manifest.groups.iter().map(|(id, group)| (id, other::group(group)));
        let unit_tests = || manifest.unit_tests.iter().map(|(id, test)| (id, writer.unit_test(test)));
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("metadata", &metadata(session))?;
        map.serialize_entry("nodes", &Entries(nodes))?;
        map.serialize_entry("sources", &Entries(sources))?;
        map.serialize_entry("macros", &Entries(macros))?;
        map.serialize_entry("docs", &Entries(docs))?;
        map.serialize_entry("exposures", &Entries(exposures))?;
        map.serialize_entry("metrics", &semantic(SemanticKind::Metric))?;
        map.serialize_entry("groups", &Entries(groups))?;
        map.serialize_entry("selectors", selectors)?;
        map.serialize_entry("disabled", &disabled(manifest, writer))?;
        map.serialize_entry("parent_map", &parents)?;
        map.serialize_entry("child_map", &children)?;
        map.serialize_entry("group_map", &group_map(manifest))?;
        map.serialize_entry("saved_queries", &semantic(SemanticKind::SavedQuery))?;
        map.serialize_entry("semantic_models", &semantic(SemanticKind::SemanticModel))?;
        map.serialize_entry("unit_tests", &Entries(unit_tests))?;
        map.serialize_entry("functions", &Entries(functions))?;
        map.end()
    }
}

/// A map whose entries are made while it is serialised.
struct Entries<F>(F);

impl<K: Serialize, V: Serialize, I: IntoIterator<Item = (K, V)>, F: Fn() -> I> Serialize for Entries<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map((self.0)())
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
        let Quoting { database, schema, identifier } = session.quoting;
        let quoting = json!({ "database": database, "schema": schema, "identifier": identifier, "column": null });
        metadata.insert("quoting".to_owned(), quoting);
        metadata.insert("run_started_at".to_owned(), json!(session.started_at));
    }
    metadata
}

fn disabled(manifest: &Manifest, writer: &Writer<'_>) -> Json {
    let others = &manifest.disabled_others;
    let nodes = manifest.disabled.iter().map(|node| (&node.id, value(&writer.node(node))));
    let all = nodes
        .chain(others.sources.iter().map(|source| (&source.id, value(&writer.source(source)))))
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

/// Ids under the id that they are relatives of.
type Relatives<'a> = IndexMap<&'a UniqueId, Vec<&'a UniqueId>>;

/// What each resource reads, and what reads it.
fn relatives(manifest: &Manifest) -> (Relatives<'_>, Relatives<'_>) {
    let nodes = manifest.nodes.values().chain(&manifest.orphans).map(|node| (&node.id, node.depends_on.as_slice()));
    let edges = nodes
        .chain(manifest.run_hooks.iter().map(|hook| (&hook.node.id, hook.node.depends_on.as_slice())))
        .chain(manifest.sources.keys().map(|id| (id, &[][..])))
        .chain(manifest.exposures.values().map(|exposure| (&exposure.id, exposure.depends_on.as_slice())))
        .chain(manifest.semantic.values().map(|found| (&found.id, found.depends_on.as_slice())))
        .chain(manifest.unit_tests.values().map(|test| (&test.id, test.depends_on.as_slice())));
    let mut parents: Relatives<'_> = edges.map(|(id, reads)| (id, reads.iter().collect())).collect();
    let mut children: Relatives<'_> = parents.keys().map(|id| (*id, Vec::new())).collect();
    for (id, reads) in &parents {
        for parent in reads {
            children.entry(*parent).or_default().push(*id);
        }
    }
    for list in parents.values_mut().chain(children.values_mut()) {
        list.sort_unstable();
    }
    (parents, children)
}

/// The members of each group.
fn group_map(manifest: &Manifest) -> IndexMap<&str, Vec<&UniqueId>> {
    let mut members: IndexMap<&str, Vec<&UniqueId>> =
        manifest.groups.values().map(|group| (group.name.as_str(), Vec::new())).collect();
    let nodes = manifest.nodes.values().map(|node| (&node.group, &node.id));
    for (group, id) in nodes.chain(manifest.semantic.values().map(|found| (&found.group, &found.id))) {
        if let Some(list) = group.as_deref().and_then(|group| members.get_mut(group)) {
            list.push(id);
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
    outputs: &'a NodeOutputs,
}

impl<'a> Writer<'a> {
    fn new(session: &'a Session, outputs: &'a NodeOutputs) -> Self {
        Writer { sources: &session.sources, dialect: session.dialect, quoting: session.quoting, outputs }
    }
}

fn value(entry: &impl Serialize) -> Json {
    serde_json::to_value(entry).unwrap_or_default()
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn database(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty())
}

fn version(version: Option<&Version>) -> Option<&Json> {
    version.map(Version::as_json)
}

/// A call of `ref`.
#[derive(Serialize)]
struct Ref<'a> {
    name: &'a str,
    package: Option<&'a str>,
    version: Option<&'a Json>,
}

fn refs(calls: &[RefArgs]) -> Vec<Ref<'_>> {
    let calls = calls.iter().map(|call| Ref {
        name: &call.name,
        package: call.package.as_deref(),
        version: version(call.version.as_ref()),
    });
    calls.collect()
}

/// Calls of `metric` and `function`: one or two names each.
fn calls(calls: &[(Option<String>, String)]) -> Vec<Vec<&str>> {
    calls.iter().map(|(package, name)| package.as_deref().into_iter().chain([name.as_str()]).collect()).collect()
}

/// What a resource calls and reads.
#[derive(Serialize)]
struct DependsOn<'a> {
    macros: Vec<&'a UniqueId>,
    nodes: &'a [UniqueId],
}
