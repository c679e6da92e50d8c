//! Nodes: models, seeds, snapshots, tests, analyses, functions.

use serde_json::{Map, Value as Json, json};

use super::{Writer, calls, columns, constraint, into_map, refs, source_calls, version};
use crate::manifest::{GenericTest, Node, ResourceType, Template, TestKind};

impl Writer<'_> {
    pub(super) fn node(&self, node: &Node) -> Json {
        let docs = node.config.values.get("docs").cloned();
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
            "group": node.group,
            "docs": docs.unwrap_or_else(|| json!({ "show": true, "node_color": null })),
            "patch_path": node.patch_path,
            "build_path": null,
            "unrendered_config": node.unrendered_config,
            "created_at": 0.0,
            "relation_name": node.relation.as_ref().map(|relation| relation.render_with(self.dialect, self.quoting)),
            "raw_code": self.raw_code(node),
            "doc_blocks": node.doc_blocks,
        });
        let Json::Object(map) = &mut json else { return json };
        // dbt's schema has no room for keys of others, but for those of a config.
        if let (Some(layer), Some(Json::Object(config))) = (&node.layer, map.get_mut("config")) {
            config.insert("layer".to_owned(), json!(layer));
        }
        match node.resource {
            ResourceType::Seed => {
                map.insert("root_path".to_owned(), Json::Null);
                map.insert("depends_on".to_owned(), json!({ "macros": [] }));
            }
            _ => map.extend(compiled_fields(node)),
        }
        match (&node.test, &node.function) {
            (Some(TestKind::Generic(test)), _) => map.extend(generic_test(test)),
            (_, Some(function)) => {
                map.insert("arguments".to_owned(), function.arguments_json());
                let returns = &function.returns;
                let returns = json!({ "data_type": returns.data_type, "description": returns.description });
                map.insert("returns".to_owned(), returns);
            }
            _ => {}
        }
        json
    }

    fn raw_code(&self, node: &Node) -> String {
        match &node.template {
            Template::File(span) if node.resource == ResourceType::Snapshot => self.sources.slice(*span),
            Template::File(span) => self.sources.slice(*span).trim().to_owned(),
            Template::Text(text) => text.clone(),
            Template::Seed(_) => String::new(),
        }
    }
}

/// What only nodes with SQL have.
fn compiled_fields(node: &Node) -> Map<String, Json> {
    let contract = &node.contract;
    let mut fields = into_map(json!({
        "language": if node.original_path.ends_with(".py") { "python" } else { "sql" },
        "refs": refs(&node.refs),
        "sources": source_calls(&node.source_calls),
        "metrics": calls(&node.metric_calls),
        "functions": calls(&node.function_calls),
        "depends_on": { "macros": node.macros, "nodes": node.depends_on },
        "compiled_path": null,
        "contract": {
            "enforced": contract.enforced,
            "alias_types": contract.alias_types,
            "checksum": contract.checksum,
        },
    }));
    if node.resource == ResourceType::Model {
        let constraints = node.constraints.iter().map(|found| {
            let mut json = constraint(found);
            json["columns"] = json!(found.columns);
            json
        });
        fields.extend(into_map(json!({
            "access": node.access.as_str(),
            "constraints": constraints.collect::<Vec<_>>(),
            "version": version(node.version.as_ref()),
            "latest_version": version(node.latest_version.as_ref()),
            "deprecation_date": node.deprecation_date,
            "primary_key": node.primary_key,
            "time_spine": node.time_spine,
        })));
    }
    fields
}

fn generic_test(test: &GenericTest) -> Map<String, Json> {
    let attached = test.attached.as_ref().filter(|id| !id.as_str().starts_with("source."));
    into_map(json!({
        "test_metadata": { "name": test.name, "kwargs": test.arguments, "namespace": test.namespace },
        "column_name": test.column,
        "attached_node": attached,
        "file_key_name": test.file_key,
    }))
}
