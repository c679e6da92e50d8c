//! `target` and `flags` as templates see them.

use crate::config::Target;
use crate::jinja::Value;
use crate::session::{Flags, scrub};

use super::value_of;

/// The `target` of templates: the profile's keys, without those that could be secrets, and with secrets in the others replaced.
#[must_use]
pub fn target_value(target: &Target, secrets: &[String]) -> Value {
    let text = |text: &str| Value::from(scrub(text, secrets));
    let public = target.values.iter().filter(|(key, _)| PUBLIC_KEYS.contains(&key.as_str()));
    let mut entries: Vec<(&str, Value)> =
        public.map(|(key, value)| (key.as_str(), value.as_str().map_or_else(|| value_of(value), text))).collect();
    entries.extend([
        ("name", text(&target.name)),
        ("target_name", text(&target.name)),
        ("profile_name", text(&target.profile)),
        ("type", text(&target.kind)),
        ("database", database_value(&scrub(&target.database, secrets))),
        ("schema", text(&target.schema)),
        ("threads", Value::from(target.threads)),
    ]);
    Value::from_pairs(entries)
}

/// The name of a database, `None` where the engine's names have none.
#[must_use]
pub fn database_value(name: &str) -> Value {
    if name.is_empty() { Value::from(()) } else { Value::from(name) }
}

/// The `flags` of templates, in both cases of letters as dbt has them.
#[must_use]
pub fn flags_value(flags: &Flags) -> Value {
    let in_both_cases = |(name, json): (String, serde_json::Value)| {
        let value = value_of(&json);
        [(name.to_uppercase(), value.clone()), (name, value)]
    };
    Value::from_pairs(flags.all().into_iter().flat_map(in_both_cases))
}

/// The keys of a profile that are shown to templates; anything else could be a password or a token.
const PUBLIC_KEYS: &[&str] = &[
    "account",
    "authenticator",
    "catalog",
    "cluster",
    "cluster_id",
    "dataset",
    "dbname",
    "endpoint",
    "execution_project",
    "host",
    "http_path",
    "location",
    "maximum_bytes_billed",
    "method",
    "organization",
    "path",
    "port",
    "priority",
    "project",
    "query_tag",
    "region",
    "region_name",
    "role",
    "s3_data_dir",
    "s3_staging_dir",
    "search_path",
    "server",
    "sslmode",
    "timeout_seconds",
    "user",
    "warehouse",
    "work_group",
];
