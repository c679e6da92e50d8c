//! Which texts of a property file are templates that are rendered with the file.
//!
//! A file is rendered with few names: variables, the environment, the target. What needs more is left for later: descriptions, which
//! have `doc()`; tests, which have the names of a node; hooks and queries, which run; references, which are read by themselves; and
//! filters of the semantic layer, whose templates are another tool's. As in dbt the place of a text decides, not its key: a
//! `description` inside of `config.meta` is a value like any other.

use crate::yaml::Step::{self, Item, Key};

/// Whether the text at the end of a way from the file's root is rendered with the file.
pub(super) fn is_rendered(way: &[Step<'_>]) -> bool {
    // What is under any other key is not looked at.
    let [Key(list), Item, entry @ ..] = way else { return false };
    match (*list, entry) {
        ("sources", [Key("description" | "loaded_at_query"), ..] | [Key("config"), Key("loaded_at_query"), ..]) => {
            false
        }
        ("sources", [Key("tables"), Item, table @ ..]) => !is_for_later(table),
        ("sources", _) => true,
        ("macros", [Key("arguments"), argument @ ..]) => !is_for_later(argument),
        ("metrics", [.., Key("filter")] | [.., Key("filter"), _]) => false,
        ("saved_queries", [Key("query_params"), Key("where"), ..]) => false,
        ("exposures", [Key("depends_on"), ..]) => false,
        ("semantic_models" | "unit_tests", [Key("model"), ..]) => false,
        ("unit_tests", [Key("given"), Item, Key("input"), ..]) => false,
        ("models", [Key("metrics" | "derived_semantics"), ..]) => false,
        (list, _) => LISTS.contains(&list) && !is_for_later(entry),
    }
}

/// The lists of a property file.
const LISTS: &[&str] = &[
    "models",
    "seeds",
    "snapshots",
    "analyses",
    "data_tests",
    "functions",
    "macros",
    "exposures",
    "groups",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
];

/// The places that all kinds of resources have in common, from the entry of the resource.
fn is_for_later(entry: &[Step<'_>]) -> bool {
    const LATER: [&str; 4] = ["tests", "data_tests", "description", "loaded_at_query"];
    match entry {
        [Key(key), ..] if LATER.contains(key) => true,
        [_, Key(key)] if LATER.contains(key) => true,
        [Key("config"), Key("pre_hook" | "post_hook" | "pre-hook" | "post-hook" | "loaded_at_query"), ..] => true,
        // The description of a version's column, and whatever else is as deep.
        [_, _, _, _, Key("description")] => true,
        [Key("columns" | "dimensions" | "measures" | "entities"), _, Key(key), ..] => LATER[..3].contains(key),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `models.*.config.meta.owner`, with `*` for the items of a list.
    fn is_rendered_at(way: &str) -> bool {
        let steps: Vec<Step<'_>> = way.split('.').map(|step| if step == "*" { Item } else { Key(step) }).collect();
        is_rendered(&steps)
    }

    #[test]
    fn the_place_of_a_text_decides() {
        let rendered = [
            "models.*.config.schema",
            "models.*.config.meta.description",
            "models.*.config.meta.owners.*.of.description",
            "models.*.latest_version",
            "models.*.versions.*.columns.*.data_tests.*.unique.config.where",
            "seeds.*.config.column_types.description",
            "sources.*.schema",
            "sources.*.tables.*.identifier",
            "unit_tests.*.given.*.rows",
            "unit_tests.*.expect.rows.*.id",
            "saved_queries.*.exports.*.config.schema",
            "exposures.*.url",
        ];
        for way in rendered {
            assert!(is_rendered_at(way), "{way} is rendered");
        }
        let left = [
            "version",
            "tests.*.name",
            "models.*.description",
            "models.*.columns.*.description",
            "models.*.columns.*.data_tests.*.accepted_values.values.*",
            "models.*.tests.*",
            "models.*.config.post_hook",
            "models.*.config.pre-hook.*.sql",
            "models.*.versions.*.columns.*.description",
            "models.*.config.meta.parts.*.description",
            "models.*.derived_semantics.dimensions.*.expr",
            "sources.*.loaded_at_query",
            "sources.*.tables.*.columns.*.tests.*",
            "macros.*.arguments.*.description",
            "metrics.*.filter",
            "metrics.*.type_params.numerator.filter.*",
            "saved_queries.*.query_params.where.*",
            "exposures.*.depends_on.*",
            "unit_tests.*.model",
            "unit_tests.*.given.*.input",
        ];
        for way in left {
            assert!(!is_rendered_at(way), "{way} is left as it is");
        }
    }
}
