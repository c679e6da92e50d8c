//! Exposures, macros, groups and `{% docs %}` blocks.

use serde_json::{Value as Json, json};

use super::{Writer, calls, refs};
use crate::manifest::{Doc, Exposure, Group, Macro};

pub(super) fn doc(doc: &Doc) -> Json {
    json!({
        "name": doc.name,
        "resource_type": "doc",
        "package_name": doc.package,
        "path": doc.path,
        "original_file_path": doc.original_path,
        "unique_id": doc.id,
        "block_contents": doc.contents,
    })
}

pub(super) fn group(group: &Group) -> Json {
    let owner = |key: &str| group.owner.get(key).cloned().unwrap_or_default();
    let mut json = json!({
        "name": group.name,
        "resource_type": "group",
        "package_name": group.package,
        "path": group.path,
        "original_file_path": group.original_path,
        "unique_id": group.id,
        "owner": { "email": owner("email"), "name": owner("name") },
        "description": group.description,
        "config": group.config,
    });
    extend(&mut json["owner"], &group.owner);
    json
}

fn extend(into: &mut Json, others: &serde_json::Map<String, Json>) {
    if let Json::Object(map) = into {
        map.extend(others.clone());
    }
}

impl Writer<'_> {
    pub(super) fn exposure(&self, exposure: &Exposure) -> Json {
        let properties = &exposure.properties;
        let owner = |key: &str| properties.owner.get(key).cloned().unwrap_or_default();
        let mut json = json!({
            "name": properties.name,
            "resource_type": "exposure",
            "package_name": exposure.package,
            "path": exposure.short_path,
            "original_file_path": exposure.path,
            "unique_id": exposure.id,
            "fqn": exposure.fqn,
            "type": properties.kind,
            "owner": { "email": owner("email"), "name": owner("name") },
            "description": properties.description,
            "label": properties.label,
            "maturity": properties.maturity,
            "meta": exposure.config.meta(),
            "tags": exposure.config.tags,
            "config": exposure.config.values,
            "unrendered_config": exposure.unrendered_config,
            "url": properties.url,
            "depends_on": { "macros": [], "nodes": exposure.depends_on },
            "refs": refs(&exposure.refs),
            "sources": exposure.source_calls,
            "metrics": calls(&exposure.metric_calls),
            "created_at": 0.0,
        });
        extend(&mut json["owner"], &properties.owner);
        json
    }

    /// The block, with the white space around it that its tags eat: what dbt keeps, and compares between states.
    fn macro_sql(&self, found: &Macro) -> String {
        let file = self.sources.get(found.span.file);
        let (text, range) = (file.text(), found.span.range());
        let (Some(before), Some(block), Some(behind)) =
            (text.get(..range.start), text.get(range.clone()), text.get(range.end..))
        else {
            return String::new();
        };
        // White space between two tags that both eat it is the first one's; that at the ends of a file is nobody's.
        let said = before.trim_end();
        let is_free = block.starts_with("{%-") && !said.is_empty() && !said.ends_with("-%}");
        let before = if is_free { &before[said.len()..] } else { "" };
        let said = behind.trim_start();
        let is_free = block.ends_with("-%}") && !said.is_empty();
        let behind = if is_free { &behind[..behind.len() - said.len()] } else { "" };
        format!("{before}{block}{behind}")
    }

    pub(super) fn macro_(&self, found: &Macro) -> Json {
        let arguments: Vec<Json> = found
            .arguments
            .iter()
            .map(|(name, kind, description)| json!({ "name": name, "type": kind, "description": description }))
            .collect();
        let shown = json!({ "show": true, "node_color": null });
        let docs = match &found.docs {
            Some(Json::Object(own)) => {
                let mut docs = shown;
                extend(&mut docs, own);
                docs
            }
            _ => shown,
        };
        json!({
            "name": found.name,
            "resource_type": "macro",
            "package_name": found.package,
            "path": found.path,
            "original_file_path": found.path,
            "unique_id": found.id,
            "macro_sql": self.macro_sql(found),
            "depends_on": { "macros": found.macros },
            "description": found.description,
            "meta": found.meta,
            "docs": docs,
            "config": { "meta": found.meta, "docs": docs },
            "patch_path": found.patch_path,
            "arguments": arguments,
            "created_at": 0.0,
            "supported_languages": found.languages,
        })
    }
}
