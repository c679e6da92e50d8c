//! What can be said of a node's configs before it runs.

use super::Context;
use super::draft::Draft;
use crate::base::nearest;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Materialized, NodeConfig, ResourceType};

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

/// Configs that dbt or we act on, besides those that every node has by default.
const CONFIGS: &[&str] = &[
    "batch_size",
    "begin",
    "cluster_by",
    "concurrent_batches",
    "delimiter",
    "error_if",
    "event_time",
    "fail_calc",
    "full_refresh",
    "incremental_predicates",
    "incremental_strategy",
    "labels",
    "layer",
    "limit",
    "lookback",
    "merge_exclude_columns",
    "merge_update_columns",
    "on_configuration_change",
    "partition_by",
    "query_tag",
    "quote_columns",
    "severity",
    "sql_header",
    "store_failures",
    "store_failures_as",
    "transient",
    "warn_if",
    "where",
    "access",
    "group",
];

/// Reports a materialization that does not exist, and warns of configs that are one typing error away from a known one: others may
/// be the project's own, read by its macros.
pub(super) fn config(cx: &Context<'_>, draft: &Draft<'_>, config: &NodeConfig, diagnostics: &mut Diagnostics) {
    if let (ResourceType::Model, Materialized::Other(name)) = (draft.resource, &config.materialized)
        && !is_defined(cx, name)
    {
        let message = format!("model `{}`: there is no materialization `{name}`", draft.name);
        let at = draft.place_of(cx, name);
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message).at(at).suggest(name, MATERIALIZATIONS.iter().copied()),
        );
    }
    let defaults = super::config::Merge::defaults(draft.resource).finish();
    let known = |key: &str| defaults.contains_key(key) || CONFIGS.contains(&key);
    for key in config.values.keys().filter(|key| !known(key)) {
        let names = defaults.keys().map(String::as_str).chain(CONFIGS.iter().copied());
        if let Some(near) = nearest(key, names) {
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
