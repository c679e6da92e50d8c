//! Configs from all places, merged by precedence: defaults, the package's project file, property files, the file itself; for
//! nodes of packages the root project's file last.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::Context;
use super::properties::Patch;
use crate::config::{ConfigTree, TreeName};
use crate::load::{Package, Project};
use crate::manifest::{ConfigValues, ResourceType};
use crate::yaml::Mapping;

/// The resource trees of all packages, worked out: what holds for every folder that they name.
pub(super) struct Folders(HashMap<(String, TreeName), Folder>);

/// What holds below one folder of a resource tree.
struct Folder {
    configs: Arc<Map<String, Json>>,
    below: HashMap<String, Folder>,
}

impl Folders {
    /// Works out the trees of all packages.
    pub(super) fn new(project: &Project) -> Self {
        let trees = project.packages.iter().flat_map(|package| {
            TreeName::ALL.into_iter().map(move |name| {
                let defaults = Merge(defaults(name).into());
                let folder = Folder::new(defaults, package.config.tree(name).root());
                ((package.config.name.clone(), name), folder)
            })
        });
        Folders(trees.collect())
    }

    fn of(&self, package: &str, tree: TreeName, fqn: &[String]) -> ConfigValues {
        let Some(mut folder) = self.0.get(&(package.to_owned(), tree)) else { return defaults(tree).into() };
        for part in fqn {
            let Some(below) = folder.below.get(part) else { break };
            folder = below;
        }
        ConfigValues::shared(Arc::clone(&folder.configs))
    }
}

impl Folder {
    fn new(above: Merge, tree: &Mapping) -> Self {
        let mut here = above;
        for config in ConfigTree::configs_at(tree) {
            here.set(config.key, config.value.to_json());
        }
        let configs = Arc::new(here.0.to_map());
        let below = tree.iter().filter_map(|entry| {
            let folder = Folder::new(Merge(ConfigValues::shared(Arc::clone(&configs))), entry.node.as_map()?);
            Some((entry.key.clone(), folder))
        });
        Folder { below: below.collect(), configs }
    }
}

/// The resource tree that speaks of a kind of node.
pub(super) fn tree_of(resource: ResourceType) -> TreeName {
    match resource {
        ResourceType::Model => TreeName::Models,
        ResourceType::Seed => TreeName::Seeds,
        ResourceType::Test => TreeName::Tests,
        // As in dbt, whose projects have no configs of analyses.
        ResourceType::Analysis | ResourceType::Operation => TreeName::Models,
    }
}

/// Collects the configs of one node, the weakest place first.
pub(super) struct Merge(ConfigValues);

impl Merge {
    /// Starts with the defaults and what the package's own project file says about `fqn`.
    pub(super) fn of(cx: &Context<'_>, package: &str, tree: TreeName, fqn: &[String]) -> Self {
        Merge(cx.folders.of(package, tree, fqn))
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

    /// Adds a config where no place has set it.
    #[must_use]
    pub(super) fn unset(mut self, key: &str, value: Option<Json>) -> Self {
        if let Some(value) = value.filter(|_| self.0.get(key).is_none_or(Json::is_null)) {
            self.set(key, value);
        }
        self
    }

    /// Adds the root project's tree for a node of another package: it has the last word.
    #[must_use]
    pub(super) fn root_tree(mut self, cx: &Context<'_>, package: &Package, tree: TreeName, fqn: &[String]) -> Self {
        let root = &cx.project.own().config;
        if root.name != package.config.name {
            for config in root.tree(tree).configs(fqn) {
                self.set(config.key, config.value.to_json());
            }
        }
        self
    }

    /// The merged configs.
    pub(super) fn finish(self) -> ConfigValues {
        self.0
    }

    /// Tags and hooks add up, mappings of facts are merged, everything else is replaced; `null` clears.
    fn set(&mut self, key: &str, value: Json) {
        let key = match key {
            "pre_hook" => "pre-hook",
            "post_hook" => "post-hook",
            other => other,
        };
        let value = match (key, self.0.get(key), value) {
            ("tags" | "pre-hook" | "post-hook" | "packages", Some(Json::Array(known)), added) if !added.is_null() => {
                let mut all = known.clone();
                let added = if let Json::Array(items) = added { items } else { vec![added] };
                for item in added {
                    if key != "tags" || !all.contains(&item) {
                        all.push(item);
                    }
                }
                Json::Array(all)
            }
            (
                "meta" | "docs" | "contract" | "quoting" | "column_types",
                Some(Json::Object(known)),
                Json::Object(added),
            ) => {
                let mut all = known.clone();
                all.extend(added);
                Json::Object(all)
            }
            ("tags", _, Json::String(tag)) => json!([tag]),
            (_, _, value) => value,
        };
        if self.0.get(key) != Some(&value) {
            self.0.set(key, value);
        }
    }
}

/// What a kind of resource has where no file says anything.
fn defaults(tree: TreeName) -> Map<String, Json> {
    let own = match tree {
        TreeName::Models | TreeName::Analyses => json!({ "materialized": "view" }),
        TreeName::Seeds => json!({ "materialized": "seed", "delimiter": ",", "quote_columns": null }),
        TreeName::Tests => json!({
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
        TreeName::Sources | TreeName::Exposures => return into_map(json!({ "enabled": true, "tags": [], "meta": {} })),
    };
    let mut values = common_defaults();
    values.extend(into_map(own));
    values
}

fn common_defaults() -> Map<String, Json> {
    into_map(json!({
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
    }))
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
