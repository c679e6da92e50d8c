//! Metrics, semantic models, saved queries and unit tests.

use serde_json::{Value as Json, json};

use super::{Writer, into_map, refs, version};
use crate::manifest::{Fixture, FixtureRows, SemanticKind, SemanticResource, UnitTest};

impl Writer<'_> {
    pub(super) fn semantic(&self, found: &SemanticResource) -> Json {
        let mut map = into_map(json!({
            "name": found.name,
            "resource_type": found.kind.as_str(),
            "package_name": found.package,
            "path": found.path,
            "original_file_path": found.original_path,
            "unique_id": found.id,
            "fqn": found.fqn,
            "config": found.config,
            "unrendered_config": found.unrendered_config,
            "depends_on": { "macros": [], "nodes": found.depends_on },
            "refs": refs(&found.refs),
            "created_at": 0.0,
            "group": found.group,
        }));
        match found.kind {
            SemanticKind::Metric => {
                map.insert("meta".to_owned(), json!(found.meta));
                map.insert("tags".to_owned(), json!(found.tags));
                map.insert("sources".to_owned(), json!([]));
                map.insert("metrics".to_owned(), json!([]));
            }
            SemanticKind::SavedQuery => {
                map.insert("tags".to_owned(), json!(found.tags));
            }
            SemanticKind::SemanticModel => {}
        }
        map.extend(found.body.clone());
        // What asked for a metric is written as dbt writes it: not at all.
        for measure in map.get_mut("measures").and_then(Json::as_array_mut).into_iter().flatten() {
            measure["create_metric"] = json!(false);
        }
        Json::Object(map)
    }

    pub(super) fn unit_test(&self, test: &UnitTest) -> Json {
        let overrides =
            test.has_overrides.then(|| json!({ "macros": test.macros, "vars": test.vars, "env_vars": test.env_vars }));
        let list = |versions: &Json, key: &str| versions.get(key).cloned().unwrap_or_default();
        let versions = test.versions.as_ref();
        let versions =
            versions.map(|found| json!({ "include": list(found, "include"), "exclude": list(found, "exclude") }));
        json!({
            "name": test.name,
            "resource_type": "unit_test",
            "package_name": test.package,
            "path": test.path,
            "original_file_path": test.original_path,
            "unique_id": test.id,
            "fqn": test.fqn,
            "model": test.model,
            "given": test.given.iter().map(|given| fixture(given, true)).collect::<Vec<_>>(),
            "expect": fixture(&test.expect, false),
            "description": test.description,
            "overrides": overrides,
            "depends_on": { "macros": [], "nodes": test.depends_on },
            "config": test.config,
            "checksum": test.checksum,
            "schema": test.schema,
            "created_at": 0.0,
            "versions": versions,
            "version": version(test.version.as_ref()),
        })
    }
}

fn fixture(fixture: &Fixture, is_input: bool) -> Json {
    let rows = match &fixture.rows {
        FixtureRows::Rows(rows) => json!(rows),
        FixtureRows::Sql(sql) => json!(sql),
    };
    let mut json = json!({ "rows": rows, "format": fixture.format, "fixture": fixture.fixture });
    if is_input {
        json["input"] = json!(fixture.input);
    }
    json
}
