//! What can be said of a node's configs before it runs.

use serde_json::Value as Json;

use super::Context;
use super::config::{hook_key, tree_of};
use super::draft::Draft;
use crate::base::nearest;
use crate::config::ProjectConfig;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{ConfigValues, Materialized, NodeConfig, ResourceType};
use crate::source::Span;
use crate::yaml::{Entry, Value as Yaml};

/// dbt's materializations: the ones that this version does not have fail when they run, not when the project is read.
const MATERIALIZATIONS: &[&str] = &[
    "view",
    "table",
    "incremental",
    "ephemeral",
    "materialized_view",
    "dynamic_table",
    "interactive_table",
    "external",
    "snapshot",
];

/// Configs that dbt or we act on, sorted.
const CONFIGS: &[&str] = &[
    "access",
    "alias",
    "audit",
    "batch_size",
    "begin",
    "check_cols",
    "cluster_by",
    "column_types",
    "compression",
    "concurrent_batches",
    "contract",
    "database",
    "dbt_valid_to_current",
    "delimiter",
    "docs",
    "enabled",
    "entry_point",
    "error_if",
    "event_time",
    "fail_calc",
    "format",
    "freshness",
    "full_refresh",
    "grants",
    "group",
    "hard_deletes",
    "incremental_predicates",
    "incremental_strategy",
    "invalidate_hard_deletes",
    "labels",
    "layer",
    "limit",
    "loaded_at_field",
    "loaded_at_query",
    "location",
    "lookback",
    "materialized",
    "merge_exclude_columns",
    "merge_update_columns",
    "meta",
    "on_configuration_change",
    "on_error",
    "on_schema_change",
    "options",
    "packages",
    "partition_by",
    "persist_docs",
    "post-hook",
    "pre-hook",
    "query_tag",
    "quote_columns",
    "quoting",
    "runtime_version",
    "schema",
    "severity",
    "snapshot_meta_column_names",
    "sort_by",
    "sql_header",
    "static_analysis",
    "store_failures",
    "store_failures_as",
    "strategy",
    "tags",
    "target_database",
    "target_file_size",
    "target_schema",
    "transient",
    "type",
    "unique_key",
    "updated_at",
    "volatility",
    "warn_if",
    "where",
    "zorder_by",
];

/// Configs that are mappings.
const MAPPINGS: &[&str] = &["contract", "docs", "grants", "meta", "persist_docs"];

/// Reports a materialization that does not exist and configs of the wrong kind, and warns of configs that are one typing error away from a
/// known one: others may be the project's own, read by its macros. `written` are the configs that somebody wrote, as they were written.
pub(super) fn config(
    cx: &Context<'_>,
    draft: &Draft<'_>,
    (config, written): (&NodeConfig, &ConfigValues),
    diagnostics: &mut Diagnostics,
) {
    if let (ResourceType::Model, Materialized::Other(name)) = (draft.resource, &config.materialized)
        && !is_defined(cx, name)
    {
        let message = format!("model `{}`: there is no materialization `{name}`", draft.name);
        let at = draft.place_of(cx, name);
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message).at(at).suggest(name, MATERIALIZATIONS.iter().copied()),
        );
    }
    kinds(cx, draft, &config.values, diagnostics);
    let written = written.iter().map(|(key, _)| hook_key(key.trim()));
    for key in written.filter(|key| CONFIGS.binary_search(key).is_err()) {
        if let Some(near) = nearest(key, CONFIGS.iter().copied()) {
            let message = format!("{} `{}` sets a config `{key}` that nothing reads", draft.resource, draft.name);
            let diagnostic = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, message).at(place(cx, draft, key));
            diagnostics.push(diagnostic.help(format!("did you mean `{near}`?")));
        }
    }
}

/// Reports configs that are read as mappings or hooks and are something else: read so, they would be lost without a word.
fn kinds(cx: &Context<'_>, draft: &Draft<'_>, values: &ConfigValues, diagnostics: &mut Diagnostics) {
    let mut wrong = |key: &str, wanted: &str| {
        let message = format!("config `{key}` of `{}` must be {wanted}", draft.name);
        let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(place(cx, draft, key));
        diagnostics.push(match key {
            "contract" => diagnostic.help("a contract is enforced by `contract: {enforced: true}`"),
            _ => diagnostic,
        });
    };
    for key in MAPPINGS {
        if values.get(key).is_some_and(|value| !value.is_null() && !value.is_object()) {
            wrong(key, "a mapping");
        }
    }
    if values.get("audit").is_some_and(|value| !value.is_null() && !value.is_boolean()) {
        wrong("audit", "`true` or `false`");
    }
    for key in ["pre-hook", "post-hook"] {
        let hooks = values.get(key).and_then(Json::as_array).into_iter().flatten();
        if hooks.into_iter().any(|hook| !hook.get("sql").is_some_and(Json::is_string)) {
            wrong(key, "a text, a mapping with `sql`, or a list of these");
        }
    }
}

/// Where the value of a node's config comes from: the node's own file, else a property file, else the project file; the node as a whole
/// where none has it.
pub(super) fn place(cx: &Context<'_>, draft: &Draft<'_>, key: &str) -> Span {
    // In calls of `config`, hooks have another name.
    let spellings = [key, &key.replace('-', "_")];
    if let Some(own) = spellings.map(|key| draft.place_of(cx, key)).into_iter().find(|own| *own != draft.span) {
        return own;
    }
    let package = &draft.package.config.name;
    let stem = std::path::Path::new(&draft.path).file_stem().and_then(std::ffi::OsStr::to_str);
    let name = stem.filter(|_| draft.resource == ResourceType::Model).unwrap_or(&draft.name);
    let is_key = |entry: &&Entry| hook_key(entry.key.trim()) == key;
    let patched = cx.properties.of(draft.resource, package, name);
    if let Some(entry) = patched.and_then(|patched| patched.config().iter().find(is_key).cloned()) {
        return whole(&entry);
    }
    let in_tree = |config: &ProjectConfig| {
        let configs = config.tree(tree_of(draft.resource)).configs(&draft.fqn).into_iter();
        configs.rev().find(|config| hook_key(config.key.trim()) == key).map(|config| config.key_span)
    };
    in_tree(&cx.project.own().config).or_else(|| in_tree(&draft.package.config)).unwrap_or(draft.span)
}

/// A key with its value, where that is a word.
fn whole(entry: &Entry) -> Span {
    match entry.node.value {
        Yaml::Map(_) | Yaml::List(_) => entry.key_span,
        _ => Span { end: entry.node.span.end, ..entry.key_span },
    }
}

/// Whether it is one of dbt's, or a macro of the project or a package defines it.
fn is_defined(cx: &Context<'_>, name: &str) -> bool {
    let prefix = format!("materialization_{name}_");
    MATERIALIZATIONS.contains(&name)
        || cx.surroundings.environment.macros().any(|found| found.name.starts_with(&prefix))
}

#[cfg(test)]
mod tests {
    use super::CONFIGS;

    #[test]
    fn configs_are_sorted() {
        assert!(CONFIGS.is_sorted());
    }
}
