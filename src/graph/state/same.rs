//! When two states of a resource are the same: dbt's rules, a function for each aspect.

use serde_json::{Map, Value as Json};

use crate::artifact::state::StateResource;

/// Kinds that are described only: they have no template of their own.
const DESCRIBED: &[&str] = &["source", "exposure", "metric", "semantic_model", "saved_query", "unit_test"];

/// Configs that say where a node is or how it is called together, not what it is.
const PLACE_OR_NAME: &[&str] = &["alias", "schema", "database", "tags", "group"];

/// The only configs of a test that change what it says.
const OF_TESTS: &[&str] =
    &["severity", "where", "limit", "fail_calc", "warn_if", "error_if", "store_failures", "store_failures_as"];

/// Whether it is a node: a model, seed, snapshot, test, analysis, function.
pub(super) fn is_node(resource: &StateResource) -> bool {
    !DESCRIBED.contains(&resource.resource_type.as_str())
}

/// Whether a resource that was not there counts as modified.
pub(super) fn is_new_content(resource: &StateResource) -> bool {
    is_node(resource) || resource.resource_type == "unit_test"
}

/// Everything that makes the resource what it is.
pub(super) fn content(now: &StateResource, before: &StateResource) -> bool {
    match now.resource_type.as_str() {
        "source" => source(now, before),
        "exposure" => exposure(now, before),
        "metric" => {
            now.kind == before.kind
                && now.description == before.description
                && now.label == before.label
                && config(now, before)
        }
        "semantic_model" => semantic_model(now, before),
        "saved_query" => saved_query(now, before),
        "unit_test" => now.checksum.checksum == before.checksum.checksum,
        "test" if is_generic(now) => config(now, before) && now.fqn == before.fqn,
        _ => node(now, before),
    }
}

fn node(now: &StateResource, before: &StateResource) -> bool {
    body(now, before)
        && config(now, before)
        && persisted_descriptions(now, before)
        && now.fqn == before.fqn
        && relation(now, before)
        && (now.resource_type != "model" || reference(now, before))
        && (now.resource_type != "function" || (now.arguments == before.arguments && now.returns == before.returns))
}

/// The template; of seeds, the file.
pub(super) fn body(now: &StateResource, before: &StateResource) -> bool {
    match now.resource_type.as_str() {
        "seed" => now.checksum.name != "none" && now.checksum == before.checksum,
        _ => now.raw_code.trim() == before.raw_code.trim(),
    }
}

/// The configs as they were written: a template that gives something else in another environment is the same template.
pub(super) fn config(now: &StateResource, before: &StateResource) -> bool {
    let only = |wanted: &dyn Fn(&str) -> bool| {
        written(&now.unrendered_config, wanted) == written(&before.unrendered_config, wanted)
    };
    match now.resource_type.as_str() {
        "test" => only(&|key| OF_TESTS.contains(&key)),
        "source" | "exposure" => only(&|_| true),
        "metric" => only(&|key| key != "group"),
        "semantic_model" | "saved_query" => {
            bare(&Json::from(now.config.clone())) == bare(&Json::from(before.config.clone()))
        }
        _ => only(&|key| !PLACE_OR_NAME.contains(&key)),
    }
}

/// The configs by their one spelling, sorted.
fn written(config: &Map<String, Json>, wanted: &dyn Fn(&str) -> bool) -> std::collections::BTreeMap<String, Json> {
    let spelt = config.iter().map(|(key, value)| {
        let key = match key.trim_start_matches('+') {
            "pre_hook" => "pre-hook",
            "post_hook" => "post-hook",
            key => key,
        };
        (key.to_owned(), value.clone())
    });
    spelt.filter(|(key, _)| wanted(key)).collect()
}

/// Database, schema and alias as they are configured; what the naming macros make of them is the environment's matter.
pub(super) fn relation(now: &StateResource, before: &StateResource) -> bool {
    if now.resource_type == "source" {
        // Manifests before dbt 1.9 do not say how the names were written.
        let name = |written: [&Option<String>; 2], rendered: [&Option<String>; 2]| match written {
            [Some(now), Some(before)] => now == before,
            [None, None] => true,
            _ => rendered[0] == rendered[1],
        };
        return name([&now.unrendered_database, &before.unrendered_database], [&now.database, &before.database])
            && name([&now.unrendered_schema, &before.unrendered_schema], [&now.schema, &before.schema])
            && now.identifier == before.identifier;
    }
    ["database", "schema", "alias"]
        .iter()
        .all(|key| now.unrendered_config.get(*key) == before.unrendered_config.get(*key))
}

/// The descriptions, as far as they are written to the database.
pub(super) fn persisted_descriptions(now: &StateResource, before: &StateResource) -> bool {
    let persists = |what: &str| {
        let flag = now.config.get("persist_docs").and_then(|docs| docs.get(what));
        flag.is_some_and(|flag| flag.as_bool().unwrap_or_else(|| flag.as_str() == Some("true")))
    };
    let columns = |resource: &StateResource| {
        let described = resource.columns.iter().map(|(name, column)| (name.clone(), column.description.clone()));
        described.collect::<std::collections::BTreeMap<_, _>>()
    };
    (!persists("relation") || now.description == before.description)
        && (!persists("columns") || columns(now) == columns(before))
}

/// What others may do with a model.
fn reference(now: &StateResource, before: &StateResource) -> bool {
    let access = |resource: &StateResource| resource.access.clone().unwrap_or_else(|| "protected".to_owned());
    now.latest_version == before.latest_version
        && access(now) == access(before)
        && now.deprecation_date == before.deprecation_date
}

fn source(now: &StateResource, before: &StateResource) -> bool {
    relation(now, before)
        && now.fqn == before.fqn
        && config(now, before)
        && bare(&now.quoting) == bare(&before.quoting)
        && bare(&now.freshness) == bare(&before.freshness)
        && now.loaded_at_field == before.loaded_at_field
        && bare(&now.external) == bare(&before.external)
}

fn exposure(now: &StateResource, before: &StateResource) -> bool {
    let reads =
        |resource: &StateResource| resource.depends_on.nodes.iter().cloned().collect::<std::collections::BTreeSet<_>>();
    now.fqn == before.fqn
        && now.kind == before.kind
        && bare(&now.owner) == bare(&before.owner)
        && now.maturity == before.maturity
        && now.url == before.url
        && now.description == before.description
        && now.label == before.label
        && reads(now) == reads(before)
        && config(now, before)
}

fn semantic_model(now: &StateResource, before: &StateResource) -> bool {
    let parts =
        |model: &StateResource| [&model.defaults, &model.entities, &model.dimensions, &model.measures].map(bare);
    now.model == before.model
        && now.description == before.description
        && parts(now) == parts(before)
        && config(now, before)
        && now.primary_entity == before.primary_entity
        && now.group == before.group
}

fn saved_query(now: &StateResource, before: &StateResource) -> bool {
    bare(&now.query_params) == bare(&before.query_params)
        && now.description == before.description
        && now.label == before.label
        && config(now, before)
        && now.group == before.group
        && bare(&now.exports) == bare(&before.exports)
}

/// A generic test's template is ours, so it says nothing of the project.
fn is_generic(test: &StateResource) -> bool {
    test.raw_code.contains("_dbt_generic_test_kwargs")
}

/// The value without what is not set: `null`, and mappings that hold nothing else.
fn bare(value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let set = map.iter().map(|(key, value)| (key.clone(), bare(value))).filter(|(_, value)| !value.is_null());
            let set: Map<String, Json> = set.collect();
            if set.is_empty() { Json::Null } else { Json::Object(set) }
        }
        Json::Array(items) => Json::Array(items.iter().map(bare).collect()),
        other => other.clone(),
    }
}
