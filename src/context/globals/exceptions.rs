//! `exceptions`: how macros fail, and warn, in dbt's words for what went wrong.

use crate::context::function::{Arguments, function};
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Error, Value, raise, text};

/// The names and arguments of what raises, and the words before the arguments.
const RAISED: &[(&str, &[&str], &str)] = &[
    ("raise_compiler_error", &["msg"], ""),
    ("raise_database_error", &["msg"], ""),
    ("raise_dependency_error", &["msg"], ""),
    ("raise_fail_fast_error", &["msg"], ""),
    ("raise_not_implemented", &["msg"], ""),
    ("raise_cache_inconsistent", &["message"], "the cache of relations is inconsistent: "),
    ("missing_config", &["model", "name"], "a config is missing: "),
    ("missing_materialization", &["model", "adapter_type"], "there is no such materialization: "),
    ("missing_relation", &["relation", "model"], "the relation does not exist: "),
    ("raise_ambiguous_alias", &["node_1", "node_2", "duped_name"], "two nodes have the same relation: "),
    ("raise_ambiguous_catalog_match", &["unique_id", "match_1", "match_2"], "two relations match the node: "),
    ("raise_dataclass_not_dict", &["obj"], "expected a dict, not: "),
    ("raise_dep_not_found", &["node", "node_description", "required_pkg"], "a package is not installed: "),
    ("raise_duplicate_patch_name", &["patch_1", "existing_patch_path"], "described twice: "),
    ("raise_duplicate_resource_name", &["node_1", "node_2"], "two resources have the same name: "),
    ("raise_invalid_property_yml_version", &["path", "issue"], "the property file is invalid: "),
    ("column_type_missing", &["column_names"], "a contract needs the `data_type` of every column; it is missing for: "),
];

/// The object.
pub(super) fn value() -> Value {
    let raised = RAISED.iter().map(|(name, parameters, lead)| {
        let raising = function(name, move |_, args| Err(failure(&message(&args, parameters, lead))));
        (*name, raising)
    });
    let others = [
        ("relation_wrong_type", function("relation_wrong_type", |_, args| Err(wrong_type(&args)))),
        ("raise_contract_error", function("raise_contract_error", |_, args| Err(contract(&args)?))),
        ("warn", function("warn", |_, args| Ok(warned(&args.required_text(0, "msg")?)))),
        (
            "warn_snapshot_timestamp_data_types",
            function("warn_snapshot_timestamp_data_types", |_, args| {
                let (snapshot, updated) =
                    (args.required_text(0, "snapshot_time_data_type")?, args.required_text(1, "updated_at_data_type")?);
                Ok(warned(&format!(
                    "the snapshot's time has type `{snapshot}` and its `updated_at` has type `{updated}`: make them the same"
                )))
            }),
        ),
    ];
    Value::from_pairs(raised.chain(others))
}

fn failure(message: &str) -> Error {
    raise(Diagnostic::error(codes::JINJA_RAISED, message.trim().to_owned()))
}

fn message(args: &Arguments, parameters: &[&str], lead: &str) -> String {
    // The node that a message may come with is the one that is rendered anyway.
    let given = parameters.iter().enumerate().filter_map(|(at, name)| args.given(at, name));
    let words = given.map(|value| {
        let named = value.get_attr("unique_id").ok().filter(|id| id.as_str().is_some());
        text(&named.unwrap_or(value))
    });
    format!("{lead}{}", words.collect::<Vec<_>>().join(", "))
}

fn wrong_type(args: &Arguments) -> Error {
    let part = |at, name| args.given(at, name).map(|value| text(&value)).unwrap_or_default();
    let kind = args.given(0, "relation").and_then(|relation| relation.get_attr("type").ok());
    let kind = kind.map(|kind| text(&kind)).unwrap_or_default();
    failure(&format!("{} is a {kind}, not a {}", part(0, "relation"), part(1, "expected_type")))
}

/// The columns that the contract and the query do not agree on.
fn contract(args: &Arguments) -> Result<Error, Error> {
    let columns = |at, name| -> Result<Vec<(String, String)>, Error> {
        let part = |column: &Value, name: &str| column.get_attr(name).map(|value| text(&value));
        args.required(at, name)?
            .try_iter()?
            .map(|column| {
                Ok((part(&column, "name")?, part(&column, "formatted").or_else(|_| part(&column, "data_type"))?))
            })
            .collect()
    };
    let (promised, found) = (columns(0, "yaml_columns")?, columns(1, "sql_columns")?);
    let named = |columns: &[(String, String)], name: &str| {
        columns.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, data_type)| data_type.clone())
    };
    let mut lines = Vec::new();
    for (name, data_type) in &found {
        match named(&promised, name) {
            None => lines.push(format!("{name} | {data_type} | | missing in contract")),
            Some(wanted) if !wanted.eq_ignore_ascii_case(data_type) => {
                lines.push(format!("{name} | {data_type} | {wanted} | data type mismatch"));
            }
            Some(_) => {}
        }
    }
    let missing = promised.iter().filter(|(name, _)| named(&found, name).is_none());
    lines.extend(missing.map(|(name, data_type)| format!("{name} | | {data_type} | missing in definition")));
    lines.sort();
    let head = "column_name | definition_type | contract_type | mismatch_reason";
    Ok(failure(&format!("the model has an enforced contract that failed\n{head}\n{}", lines.join("\n"))))
}

fn warned(message: &str) -> Value {
    tracing::warn!(target: "transform::log", "{message}");
    Value::from("")
}
