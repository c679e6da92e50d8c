//! Configs from all places, merged by precedence: defaults, the package's project file, property files, the file itself; for
//! nodes of packages the root project's file last.

use serde_json::{Map, Value as Json, json};

use super::Context;
use super::properties::Patched;
use crate::base::HashMap;
use crate::config::{ConfigTree, TreeName};
use crate::load::{Package, Project};
use crate::manifest::{ConfigValues, ResourceType};
use crate::yaml::{Mapping, Node};

/// The resource trees of all packages, worked out: what holds for every folder that they name.
pub(super) struct Folders(HashMap<(String, TreeName), Folder>);

/// What holds below one folder of a resource tree.
struct Folder {
    configs: ConfigValues,
    unrendered: ConfigValues,
    below: HashMap<String, Folder>,
}

/// The configs of a resource: merged, and as they were written.
#[derive(Clone, Default)]
pub(super) struct Configs {
    /// What holds.
    pub(super) values: ConfigValues,
    /// The last word on each config, the Jinja of project files not rendered: what `state:modified` compares.
    pub(super) unrendered: ConfigValues,
}

impl Folders {
    /// Works out the trees of all packages.
    pub(super) fn new(project: &Project) -> Self {
        let trees = project.packages.iter().flat_map(|package| {
            TreeName::ALL.into_iter().map(move |name| {
                let tree = package.config.tree(written(name));
                let nothing = ConfigValues::default();
                let defaults = Merge { values: defaults(name).into(), unrendered: nothing, tree: name };
                let folder = Folder::new(defaults, tree.root(), Some(tree.unrendered()));
                ((package.config.name.clone(), name), folder)
            })
        });
        Folders(trees.collect())
    }

    /// Whether the project files say that a resource does not take part.
    pub(super) fn disable(&self, project: &Project, package: &str, tree: TreeName, fqn: &[String]) -> bool {
        let root = &project.own().config;
        let is_enabled = |json: &Json| json.as_bool().unwrap_or(true);
        match root.tree(tree).configs(fqn).into_iter().rfind(|config| config.key == "enabled") {
            Some(config) => !is_enabled(&config.value.to_json()),
            None => !self.of(package, tree, fqn).values.get("enabled").is_none_or(is_enabled),
        }
    }

    fn of(&self, package: &str, tree: TreeName, fqn: &[String]) -> Merge {
        let Some(mut folder) = self.0.get(&(package.to_owned(), tree)) else {
            return Merge { values: defaults(tree).into(), unrendered: ConfigValues::default(), tree };
        };
        for part in fqn {
            let Some(below) = folder.below.get(part) else { break };
            folder = below;
        }
        folder.merge(tree)
    }
}

impl Folder {
    fn new(above: Merge, tree: &Mapping, unrendered: Option<&Mapping>) -> Self {
        let mut here = above;
        for config in ConfigTree::configs_at(tree) {
            here.set(config.key, config.value.to_json());
        }
        for config in unrendered.into_iter().flat_map(ConfigTree::configs_at) {
            here.unrendered.set(config.key.trim(), config.value.to_json());
        }
        let mut folder = Folder {
            configs: here.values.to_shared(),
            unrendered: here.unrendered.to_shared(),
            below: HashMap::default(),
        };
        let below = tree.iter().filter_map(|entry| {
            let raw = unrendered.and_then(|raw| raw.get(&entry.key)).and_then(Node::as_map);
            Some((entry.key.clone(), Folder::new(folder.merge(here.tree), entry.node.as_map()?, raw)))
        });
        let below: HashMap<String, Folder> = below.collect();
        folder.below = below;
        folder
    }

    fn merge(&self, tree: TreeName) -> Merge {
        Merge { values: self.configs.clone(), unrendered: self.unrendered.clone(), tree }
    }
}

/// The resource tree that speaks of a kind of node.
pub(super) fn tree_of(resource: ResourceType) -> TreeName {
    match resource {
        ResourceType::Model => TreeName::Models,
        ResourceType::Seed => TreeName::Seeds,
        ResourceType::Test => TreeName::Tests,
        ResourceType::Snapshot => TreeName::Snapshots,
        ResourceType::Function => TreeName::Functions,
        ResourceType::UnitTest => TreeName::UnitTests,
        ResourceType::Analysis | ResourceType::Operation => TreeName::Analyses,
    }
}

/// The tree that is read for a kind of resource: as in dbt, whose projects have no configs of analyses, theirs are the models'.
fn written(tree: TreeName) -> TreeName {
    if tree == TreeName::Analyses { TreeName::Models } else { tree }
}

/// The configs of a resource that only property files describe.
pub(super) fn of_properties(
    cx: &Context<'_>,
    (package, tree): (&str, TreeName),
    fqn: &[String],
    config: &Mapping,
) -> Configs {
    let merged = Merge::of(cx, package, tree, fqn).properties(config);
    match cx.project.packages.iter().find(|known| known.config.name == package) {
        Some(package) => merged.root_tree(cx, package, tree, fqn).finish(),
        None => merged.finish(),
    }
}

/// The configs of a group: as in dbt, it has what the trees of models say of its place.
pub(super) fn of_group(cx: &Context<'_>, package: &str, fqn: &[String], config: &Mapping) -> ConfigValues {
    let values = Map::from_iter([("meta".to_owned(), json!({}))]).into();
    let mut merged = Merge { values, unrendered: ConfigValues::default(), tree: TreeName::Models };
    let package = cx.project.packages.iter().find(|known| known.config.name == package);
    for config in package.into_iter().flat_map(|package| package.config.tree(TreeName::Models).configs(fqn)) {
        merged.set(config.key, config.value.to_json());
    }
    let merged = merged.properties(config);
    match package {
        Some(package) => merged.root_tree(cx, package, TreeName::Models, fqn).finish().values,
        None => merged.finish().values,
    }
}

/// Collects the configs of one node, the weakest place first.
pub(super) struct Merge {
    values: ConfigValues,
    unrendered: ConfigValues,
    tree: TreeName,
}

impl Merge {
    /// Starts with the defaults and what the package's own project file says about `fqn`.
    pub(super) fn of(cx: &Context<'_>, package: &str, tree: TreeName, fqn: &[String]) -> Self {
        cx.folders.of(package, tree, fqn)
    }

    /// Adds what a property file says.
    #[must_use]
    pub(super) fn properties(mut self, config: &Mapping) -> Self {
        for entry in config.iter() {
            let value = entry.node.to_json();
            self.unrendered.set(&entry.key, value.clone());
            self.set(&entry.key, value);
        }
        self
    }

    /// A Python model is a table wherever it does not say otherwise itself.
    #[must_use]
    pub(super) fn python(mut self, is_python_model: bool) -> Self {
        if is_python_model {
            self.unrendered.set("materialized", Json::from("table"));
            self.set("materialized", Json::from("table"));
        }
        self
    }

    /// Adds what a property file says, if one does.
    #[must_use]
    pub(super) fn patch(self, patch: Option<&Patched<'_>>) -> Self {
        match patch {
            Some(patch) => self.properties(&patch.config()),
            None => self,
        }
    }

    /// Adds what `config()` said.
    #[must_use]
    pub(super) fn in_file(mut self, config: &Map<String, Json>) -> Self {
        for (key, value) in config {
            self.unrendered.set(hook_key(key), value.clone());
            self.set(key, value.clone());
        }
        self
    }

    /// Adds a config where no place has set it.
    #[must_use]
    pub(super) fn unset(mut self, key: &str, value: Option<Json>) -> Self {
        if let Some(value) = value.filter(|_| self.values.get(key).is_none_or(Json::is_null)) {
            self.unrendered.set(key, value.clone());
            self.set(key, value);
        }
        self
    }

    /// Adds the root project's tree for a node of another package: it has the last word.
    #[must_use]
    pub(super) fn root_tree(mut self, cx: &Context<'_>, package: &Package, tree: TreeName, fqn: &[String]) -> Self {
        let root = &cx.project.own().config;
        if root.name != package.config.name {
            for config in root.tree(written(tree)).configs(fqn) {
                self.set(config.key, config.value.to_json());
            }
            for config in root.tree(written(tree)).unrendered_configs(fqn) {
                self.unrendered.set(config.key.trim(), config.value.to_json());
            }
        }
        self
    }

    /// The merged configs.
    pub(super) fn finish(self) -> Configs {
        Configs { values: self.values, unrendered: self.unrendered }
    }

    /// Tags and hooks add up, mappings of facts are merged, everything else is replaced; `null` clears.
    fn set(&mut self, key: &str, value: Json) {
        let key = hook_key(key.trim());
        // Of sources and exposures dbt merges less than of nodes.
        let adds_up = !matches!(self.tree, TreeName::Sources | TreeName::Exposures);
        let known = self.values.get(key);
        let value = match (key, known, value) {
            ("pre-hook" | "post-hook", known, added) => hooks(known, added),
            ("tags" | "packages", Some(Json::Array(known)), added) if adds_up && !added.is_null() => {
                let added = if let Json::Array(items) = added { items } else { vec![added] };
                Json::Array(known.iter().cloned().chain(added).collect())
            }
            ("meta", Some(Json::Object(known)), Json::Object(added)) if self.tree != TreeName::Exposures => {
                Json::Object(extended(known, added))
            }
            ("docs" | "contract" | "quoting" | "column_types", Some(Json::Object(known)), Json::Object(added)) => {
                Json::Object(extended(known, added))
            }
            ("snapshot_meta_column_names", _, Json::Object(added)) => {
                let names = defaults(TreeName::Snapshots).remove(key).map(into_map).unwrap_or_default();
                Json::Object(extended(&names, added))
            }
            ("grants", Some(Json::Object(known)), Json::Object(added)) => Json::Object(grants(known, added)),
            ("tags", _, Json::String(tag)) => json!([tag]),
            // YAML reads these words as truth values.
            ("static_analysis", _, Json::Bool(flag)) => json!(if flag { "on" } else { "off" }),
            (_, _, value) => value,
        };
        if self.values.get(key) != Some(&value) {
            self.values.set(key, value);
        }
    }
}

/// Hooks have one name in YAML and another in calls of `config`.
pub(super) fn hook_key(key: &str) -> &str {
    match key {
        "pre_hook" => "pre-hook",
        "post_hook" => "post-hook",
        other => other,
    }
}

fn extended(known: &Map<String, Json>, added: Map<String, Json>) -> Map<String, Json> {
    let mut all = known.clone();
    all.extend(added);
    all
}

/// Hooks add up; each is its SQL and whether it runs in the transaction.
fn hooks(known: Option<&Json>, added: Json) -> Json {
    if added.is_null() {
        return json!([]);
    }
    let added = if let Json::Array(items) = added { items } else { vec![added] };
    let added = added.into_iter().map(|hook| {
        let written = match &hook {
            Json::String(text) => serde_json::from_str::<Map<String, Json>>(text).ok(),
            Json::Object(map) => Some(map.clone()),
            _ => None,
        };
        let mut all = into_map(json!({ "sql": "", "transaction": true, "index": null }));
        match written {
            Some(map) => all.extend(map),
            None => {
                all.insert("sql".to_owned(), hook);
            }
        }
        Json::Object(all)
    });
    let known = known.and_then(Json::as_array).cloned().unwrap_or_default();
    Json::Array(known.into_iter().chain(added).collect())
}

/// A privilege replaces the one of its name; with `+` before it, it adds to it.
fn grants(known: &Map<String, Json>, added: Map<String, Json>) -> Map<String, Json> {
    let list = |value: Json| if let Json::Array(items) = value { items } else { vec![value] };
    let mut all: Map<String, Json> =
        known.iter().map(|(key, value)| (key.clone(), Json::Array(list(value.clone())))).collect();
    for (key, value) in added {
        match (key.strip_prefix('+'), all.get_mut(key.trim_start_matches('+'))) {
            (Some(_), Some(Json::Array(items))) => items.extend(list(value)),
            _ => {
                all.insert(key.trim_start_matches('+').to_owned(), Json::Array(list(value)));
            }
        }
    }
    all
}

/// What a kind of resource has where no file says anything.
fn defaults(tree: TreeName) -> Map<String, Json> {
    match tree {
        TreeName::Models => of_node(json!({ "materialized": "view", "access": "protected", "freshness": null })),
        TreeName::Analyses => of_node(json!({ "materialized": "view" })),
        TreeName::Seeds => of_node(json!({ "materialized": "seed", "delimiter": ",", "quote_columns": null })),
        TreeName::Snapshots => of_node(json!({
            "materialized": "snapshot",
            "strategy": null,
            "target_schema": null,
            "target_database": null,
            "updated_at": null,
            "check_cols": null,
            "snapshot_meta_column_names": {
                "dbt_valid_to": null,
                "dbt_valid_from": null,
                "dbt_scd_id": null,
                "dbt_updated_at": null,
                "dbt_is_deleted": null,
            },
            "dbt_valid_to_current": null,
        })),
        TreeName::Functions => of_node(json!({
            "materialized": "function",
            "type": "scalar",
            "volatility": null,
            "runtime_version": null,
            "entry_point": null,
        })),
        TreeName::Tests => into_map(json!({
            "enabled": true,
            "alias": null,
            "schema": "dbt_test__audit",
            "database": null,
            "tags": [],
            "meta": {},
            "group": null,
            "static_analysis": null,
            "materialized": "test",
            "severity": "ERROR",
            "store_failures": null,
            "store_failures_as": null,
            "where": null,
            "limit": null,
            "fail_calc": "count(*)",
            "warn_if": "!= 0",
            "error_if": "!= 0",
        })),
        TreeName::Sources => into_map(json!({
            "enabled": true,
            "event_time": null,
            "freshness": {
                "warn_after": { "count": null, "period": null },
                "error_after": { "count": null, "period": null },
                "filter": null,
            },
            "loaded_at_field": null,
            "loaded_at_query": null,
            "meta": {},
            "tags": [],
            "static_analysis": null,
        })),
        TreeName::Exposures => into_map(json!({ "enabled": true, "tags": [], "meta": {} })),
        TreeName::UnitTests => into_map(json!({ "enabled": true, "tags": [], "meta": {}, "static_analysis": null })),
        TreeName::Metrics | TreeName::SemanticModels => into_map(json!({ "enabled": true, "group": null, "meta": {} })),
        TreeName::SavedQueries => into_map(json!({
            "enabled": true,
            "group": null,
            "meta": {},
            "export_as": null,
            "schema": null,
            "cache": { "enabled": false },
        })),
    }
}

/// What every kind of node has, and what its kind has besides.
fn of_node(own: Json) -> Map<String, Json> {
    let mut values = into_map(json!({
        "enabled": true,
        "alias": null,
        "schema": null,
        "database": null,
        "tags": [],
        "meta": {},
        "group": null,
        "static_analysis": null,
        "materialized": null,
        "incremental_strategy": null,
        "batch_size": null,
        "lookback": 1,
        "begin": null,
        "persist_docs": {},
        "post-hook": [],
        "pre-hook": [],
        "quoting": {},
        "column_types": {},
        "full_refresh": null,
        "unique_key": null,
        "on_schema_change": "ignore",
        "on_configuration_change": "apply",
        "grants": {},
        "packages": [],
        "docs": { "show": true, "node_color": null },
        "contract": { "enforced": false, "alias_types": true },
        "event_time": null,
        "concurrent_batches": null,
    }));
    values.extend(into_map(own));
    values
}

fn into_map(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}
