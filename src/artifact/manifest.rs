//! `manifest.json`, version 12.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json, json};

use super::Metadata;
use crate::manifest::{
    Column, Doc, Exposure, GenericTest, Macro, Manifest, Node, ResourceType, Source, Template, TestKind, UniqueId,
};
use crate::session::Session;
use crate::source::SourceMap;
use crate::sql::{Dialect, Quoting, Relation};

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
}

struct Artifact<'a> {
    manifest: &'a Manifest,
    session: &'a Session,
}

impl Serialize for Artifact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Artifact { manifest, session } = self;
        let writer = Writer::new(session);
        let (parents, children) = relatives(manifest);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("metadata", &metadata(session))?;
        map.serialize_entry("nodes", &Each(&manifest.nodes, |node: &Arc<Node>| writer.node(node)))?;
        map.serialize_entry("sources", &Each(&manifest.sources, |source: &Arc<Source>| writer.source(source)))?;
        map.serialize_entry("macros", &Each(&manifest.macros, |found: &Macro| writer.macro_(found)))?;
        map.serialize_entry("docs", &Each(&manifest.docs, doc))?;
        map.serialize_entry("exposures", &Each(&manifest.exposures, |exposure: &Exposure| writer.exposure(exposure)))?;
        map.serialize_entry("disabled", &disabled(manifest, &writer))?;
        map.serialize_entry("parent_map", &parents)?;
        map.serialize_entry("child_map", &children)?;
        for empty in [
            "metrics",
            "groups",
            "selectors",
            "group_map",
            "saved_queries",
            "semantic_models",
            "unit_tests",
            "functions",
        ] {
            map.serialize_entry(empty, &json!({}))?;
        }
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

fn doc(doc: &Doc) -> Json {
    json!({
        "name": doc.name,
        "resource_type": "doc",
        "package_name": doc.package,
        "path": doc.path,
        "original_file_path": doc.path,
        "unique_id": doc.id,
        "block_contents": doc.contents,
    })
}

fn disabled(manifest: &Manifest, writer: &Writer<'_>) -> Json {
    let mut by_id: Map<String, Json> = Map::new();
    for node in &manifest.disabled {
        let list = by_id.entry(node.id.to_string()).or_insert_with(|| json!([]));
        if let Json::Array(items) = list {
            items.push(writer.node(node));
        }
    }
    Json::Object(by_id)
}

type Relatives<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn relatives(manifest: &Manifest) -> (Relatives<'_>, Relatives<'_>) {
    let all = manifest.nodes.keys().chain(manifest.sources.keys()).chain(manifest.exposures.keys());
    let mut parents: Relatives<'_> = all.map(|id| (id.as_str(), Vec::new())).collect();
    let mut children = parents.clone();
    let edges = manifest.nodes.values().map(|node| (&node.id, &node.depends_on));
    for (id, reads) in edges.chain(manifest.exposures.values().map(|exposure| (&exposure.id, &exposure.depends_on))) {
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

/// Turns resources into JSON.
struct Writer<'a> {
    sources: &'a SourceMap,
    dialect: Dialect,
    quoting: Quoting,
    root: &'a str,
}

impl<'a> Writer<'a> {
    fn new(session: &'a Session) -> Self {
        Writer { sources: &session.sources, dialect: session.dialect, quoting: session.quoting, root: &session.project }
    }

    fn node(&self, node: &Node) -> Json {
        let mut json = json!({
            "database": node.database,
            "schema": node.schema,
            "name": node.name,
            "resource_type": node.resource.as_str(),
            "package_name": node.package,
            "path": node.path,
            "original_file_path": node.original_path,
            "unique_id": node.id,
            "fqn": node.fqn,
            "alias": node.alias,
            "checksum": {
                "name": if node.checksum.is_some() { "sha256" } else { "none" },
                "checksum": node.checksum.clone().unwrap_or_default(),
            },
            "config": node.config.values,
            "tags": node.config.tags,
            "description": node.description,
            "columns": columns(&node.columns),
            "meta": node.config.meta(),
            "group": null,
            "docs": docs(node),
            "patch_path": node.patch_path.as_ref().map(|path| format!("{}://{path}", node.package)),
            "build_path": null,
            "unrendered_config": node.in_file_config,
            "created_at": 0.0,
            "relation_name": node.relation.as_ref().map(|relation| self.relation(relation)),
            "raw_code": self.raw_code(node),
            "doc_blocks": [],
        });
        let Json::Object(map) = &mut json else { return json };
        // dbt's schema has no room for keys of others, but for those of a config.
        if let (Some(layer), Some(Json::Object(config))) = (&node.layer, map.get_mut("config")) {
            config.insert("layer".to_owned(), json!(layer));
        }
        if node.resource == ResourceType::Seed {
            map.insert("root_path".to_owned(), Json::Null);
            map.insert("depends_on".to_owned(), json!({ "macros": [] }));
        } else {
            map.extend(self.compiled_fields(node));
        }
        if let Some(TestKind::Generic(test)) = &node.test {
            map.extend(self.generic_test(node, test));
        }
        json
    }

    /// What only nodes with SQL have.
    fn compiled_fields(&self, node: &Node) -> Map<String, Json> {
        let refs: Vec<Json> = node
            .refs
            .iter()
            .map(|(package, name)| json!({ "name": name, "package": package, "version": null }))
            .collect();
        let sources: Vec<[&str; 2]> =
            node.source_calls.iter().map(|(source, table)| [source.as_str(), table.as_str()]).collect();
        let fields = json!({
            "language": "sql",
            "refs": refs,
            "sources": sources,
            "metrics": [],
            "functions": [],
            "depends_on": { "macros": node.macros, "nodes": node.depends_on },
            "compiled_path": null,
            "contract": { "enforced": false, "alias_types": true, "checksum": null },
        });
        let mut fields = into_map(fields);
        if node.resource == ResourceType::Model {
            fields.extend(into_map(json!({
                "access": "protected",
                "constraints": [],
                "version": null,
                "latest_version": null,
                "deprecation_date": null,
                "primary_key": [],
                "time_spine": null,
            })));
        }
        fields
    }

    fn generic_test(&self, node: &Node, test: &GenericTest) -> Map<String, Json> {
        into_map(json!({
            "test_metadata": { "name": test.name, "kwargs": test.arguments, "namespace": test.namespace },
            "column_name": test.column,
            "attached_node": test.attached.as_ref().filter(|id| id.as_str().starts_with("model.") || id.as_str().starts_with("seed.")),
            "file_key_name": file_key(node, test),
        }))
    }

    fn raw_code(&self, node: &Node) -> String {
        match &node.template {
            Template::File(span) => self.sources.slice(*span).trim().to_owned(),
            Template::Text(text) => text.clone(),
            Template::Seed(_) => String::new(),
        }
    }

    fn relation(&self, relation: &Relation) -> String {
        relation.render_with(self.dialect, self.quoting)
    }

    fn source(&self, source: &Source) -> Json {
        json!({
            "database": source.relation.database,
            "schema": source.relation.schema,
            "name": source.name,
            "resource_type": "source",
            "package_name": source.package,
            "path": source.path,
            "original_file_path": source.path,
            "unique_id": source.id,
            "fqn": source.fqn,
            "source_name": source.source,
            "source_description": source.source_description,
            "loader": source.loader,
            "identifier": source.relation.identifier,
            "quoting": { "database": null, "schema": null, "identifier": null, "column": null },
            "loaded_at_field": null,
            "loaded_at_query": null,
            "freshness": null,
            "external": source.external.as_ref().map(|external| json!({ "location": external.locations.join(", ") })),
            "description": source.description,
            "columns": columns(&source.columns),
            "meta": source.config.meta(),
            "source_meta": {},
            "tags": source.config.tags,
            "config": source.config.values,
            "patch_path": null,
            "unrendered_config": {},
            "relation_name": self.relation(&source.relation),
            "created_at": 0.0,
            "unrendered_database": null,
            "unrendered_schema": null,
            "doc_blocks": [],
        })
    }

    fn exposure(&self, exposure: &Exposure) -> Json {
        let properties = &exposure.properties;
        json!({
            "name": properties.name,
            "resource_type": "exposure",
            "package_name": exposure.package,
            "path": exposure.path,
            "original_file_path": exposure.path,
            "unique_id": exposure.id,
            "fqn": exposure.fqn,
            "type": properties.kind,
            "owner": properties.owner,
            "description": properties.description,
            "label": properties.label,
            "maturity": properties.maturity,
            "meta": exposure.config.meta(),
            "tags": exposure.config.tags,
            "config": exposure.config.values,
            "unrendered_config": {},
            "url": properties.url,
            "depends_on": { "macros": [], "nodes": exposure.depends_on },
            "refs": [],
            "sources": [],
            "metrics": [],
            "created_at": 0.0,
        })
    }

    fn macro_(&self, found: &Macro) -> Json {
        let arguments: Vec<Json> = found
            .arguments
            .iter()
            .map(|(name, kind, description)| json!({ "name": name, "type": kind, "description": description }))
            .collect();
        json!({
            "name": found.name,
            "resource_type": "macro",
            "package_name": found.package,
            "path": found.path,
            "original_file_path": found.path,
            "unique_id": found.id,
            "macro_sql": if found.package == self.root { self.sources.slice(found.span) } else { String::new() },
            "depends_on": { "macros": [] },
            "description": found.description,
            "meta": found.meta,
            "docs": { "show": true, "node_color": null },
            "config": { "meta": found.meta, "docs": { "show": true, "node_color": null } },
            "patch_path": null,
            "arguments": arguments,
            "created_at": 0.0,
            "supported_languages": null,
        })
    }
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn docs(node: &Node) -> Json {
    node.config.values.get("docs").cloned().unwrap_or_else(|| json!({ "show": true, "node_color": null }))
}

fn columns(columns: &IndexMap<String, Column>) -> Json {
    let entries = columns.iter().map(|(name, column)| {
        let json = json!({
            "name": column.name,
            "description": column.description,
            "meta": column.meta,
            "data_type": column.data_type,
            "constraints": [],
            "quote": column.quote,
            "config": { "meta": column.meta, "tags": column.tags },
            "tags": column.tags,
            "granularity": null,
            "doc_blocks": [],
        });
        (name.clone(), json)
    });
    Json::Object(entries.collect())
}

fn file_key(_node: &Node, test: &GenericTest) -> Option<String> {
    let id = test.attached.as_ref()?.as_str();
    let name = id.rsplit('.').next()?;
    let kind = id.split('.').next()?;
    Some(format!("{kind}s.{name}"))
}
