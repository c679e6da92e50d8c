//! What can be said of a node's configs before it runs.

use super::Context;
use super::config::hook_key;
use super::draft::Draft;
use crate::base::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{ConfigValues, Materialized, NodeConfig, ResourceType};

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
    "batch_size",
    "begin",
    "check_cols",
    "cluster_by",
    "column_types",
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
    "lookback",
    "materialized",
    "merge_exclude_columns",
    "merge_update_columns",
    "meta",
    "on_configuration_change",
    "on_error",
    "on_schema_change",
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
    "sql_header",
    "static_analysis",
    "store_failures",
    "store_failures_as",
    "strategy",
    "tags",
    "target_database",
    "target_schema",
    "transient",
    "type",
    "unique_key",
    "updated_at",
    "volatility",
    "warn_if",
    "where",
];

/// Reports a materialization that does not exist, and warns of configs that are one typing error away from a known one: others may
/// be the project's own, read by its macros. `written` are the configs that somebody wrote, as they were written.
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
    let written = written.iter().map(|(key, _)| hook_key(key.trim()));
    for key in written.filter(|key| CONFIGS.binary_search(key).is_err()) {
        if let Some(near) = nearest(key, CONFIGS.iter().copied()) {
            let message = format!("{} `{}` sets a config `{key}` that nothing reads", draft.resource, draft.name);
            let diagnostic = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, message).at(draft.place_of(cx, key));
            diagnostics.push(diagnostic.help(format!("did you mean `{near}`?")));
        }
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
