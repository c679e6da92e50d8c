//! Configs from all places, merged by precedence: defaults, the package's project file, property files, the file itself; for
//! nodes of packages the root project's file last.

use serde_json::{Map, Value as Json, json};

use super::Context;
use super::properties::Patch;
use crate::config::{ConfigTree, ProjectConfig};
use crate::load::Package;
use crate::manifest::ResourceType;
use crate::yaml::Mapping;

/// Collects the configs of one node, the weakest place first.
pub(super) struct Merge(Map<String, Json>);

impl Merge {
    /// Starts with what a kind of node has by default.
    pub(super) fn defaults(resource: ResourceType) -> Self {
        let mut values = common_defaults();
        let own = match resource {
            ResourceType::Model => json!({ "materialized": "view" }),
            ResourceType::Seed => json!({ "materialized": "seed", "delimiter": ",", "quote_columns": null }),
            ResourceType::Analysis | ResourceType::Operation => json!({ "materialized": "view" }),
            ResourceType::Test => json!({
                "materialized": "test",
                "schema": "dbt_test__audit",
                "severity": "ERROR",
                "fail_calc": "count(*)",
                "warn_if": "!= 0",
                "error_if": "!= 0",
                "where": null,
                "limit": null,
                "store_failures": null,
                "store_failures_as": null,
            }),
        };
        if let Json::Object(own) = own {
            values.extend(own);
        }
        Merge(values)
    }

    /// Starts with nothing, for resources without configs of their own.
    pub(super) fn empty() -> Self {
        Merge(Map::from_iter([
            ("enabled".to_owned(), Json::Bool(true)),
            ("tags".to_owned(), json!([])),
            ("meta".to_owned(), json!({})),
        ]))
    }

    /// Adds what a resource tree of a project file says about `fqn`.
    #[must_use]
    pub(super) fn tree(mut self, tree: &ConfigTree, fqn: &[String]) -> Self {
        for config in tree.configs(fqn) {
            self.set(config.key, config.value.to_json());
        }
        self
    }

    /// Adds what a property file says.
    #[must_use]
    pub(super) fn properties(mut self, config: &Mapping) -> Self {
        for entry in config.iter() {
            self.set(&entry.key, entry.node.to_json());
        }
        self
    }

    /// Adds what a property file says, if one does.
    #[must_use]
    pub(super) fn patch(self, patch: Option<&Patch>) -> Self {
        match patch {
            Some(patch) => self.properties(&patch.properties.config),
            None => self,
        }
    }

    /// Adds what `config()` said.
    #[must_use]
    pub(super) fn in_file(mut self, config: &Map<String, Json>) -> Self {
        for (key, value) in config {
            self.set(key, value.clone());
        }
        self
    }

    /// Adds the root project's tree for a node of another package: it has the last word.
    #[must_use]
    pub(super) fn root_tree(
        self,
        cx: &Context<'_>,
        package: &Package,
        tree: impl Fn(&ProjectConfig) -> &ConfigTree,
        fqn: &[String],
    ) -> Self {
        let root = cx.project.own();
        if root.config.name == package.config.name { self } else { self.tree(tree(&root.config), fqn) }
    }

    /// The merged configs.
    pub(super) fn finish(self) -> Map<String, Json> {
        self.0
    }

    /// Tags and hooks add up, mappings of facts are merged, everything else is replaced; `null` clears.
    fn set(&mut self, key: &str, value: Json) {
        let key = match key {
            "pre_hook" => "pre-hook",
            "post_hook" => "post-hook",
            other => other,
        };
        let slot = self.0.entry(key).or_insert(Json::Null);
        match (key, &mut *slot, value) {
            ("tags" | "pre-hook" | "post-hook" | "packages", Json::Array(known), added) if !added.is_null() => {
                let added = if let Json::Array(items) = added { items } else { vec![added] };
                for item in added {
                    if key != "tags" || !known.contains(&item) {
                        known.push(item);
                    }
                }
            }
            ("meta" | "docs" | "contract" | "quoting" | "column_types", Json::Object(known), Json::Object(added)) => {
                known.extend(added);
            }
            ("tags", slot, Json::String(tag)) => *slot = json!([tag]),
            (_, slot, value) => *slot = value,
        }
    }
}

fn common_defaults() -> Map<String, Json> {
    let defaults = json!({
        "enabled": true,
        "alias": null,
        "schema": null,
        "database": null,
        "tags": [],
        "meta": {},
        "group": null,
        "materialized": null,
        "incremental_strategy": null,
        "persist_docs": {},
        "post-hook": [],
        "pre-hook": [],
        "quoting": {},
        "column_types": {},
        "full_refresh": null,
        "unique_key": null,
        "on_schema_change": "ignore",
        "grants": {},
        "packages": [],
        "docs": { "show": true, "node_color": null },
        "contract": { "enforced": false, "alias_types": true },
    });
    match defaults {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
