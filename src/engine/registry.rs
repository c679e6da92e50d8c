//! The engines that are built in: the only file that names them.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Engine, EngineError, ErrorKind};
use crate::base::quoted_list;
use crate::sql::{Dialect, Quoting};

/// What `profiles.yml` says of a target, rendered: the keys of one output.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The `type` key.
    pub kind: String,
    /// All keys of the output.
    pub values: serde_json::Map<String, serde_json::Value>,
    /// The project's folder: relative paths start here.
    pub project_dir: PathBuf,
    /// The folder of generated files; the lake's default place is in it.
    pub target_dir: PathBuf,
}

/// The `type` of the embedded engine.
pub const EMBEDDED: &str = "datafusion";

/// The `type` of BigQuery.
pub const BIGQUERY: &str = "bigquery";

/// The engines of this binary by their `type`.
#[must_use]
pub fn available() -> &'static [&'static str] {
    &[
        #[cfg(feature = "datafusion")]
        EMBEDDED,
        #[cfg(feature = "bigquery")]
        BIGQUERY,
    ]
}

/// The dialect of a profile's `type`, also of engines that are not part of this binary.
#[must_use]
pub fn dialect(kind: &str) -> Dialect {
    match kind {
        "bigquery" | "databricks" => Dialect::BigQuery,
        _ if !has_databases(kind) => Dialect::BigQuery,
        "snowflake" => Dialect::Snowflake,
        _ => Dialect::Generic,
    }
}

/// The parts of names that are quoted where the project says nothing, also for engines that are not part of this binary.
#[must_use]
pub fn quoting(kind: &str) -> Quoting {
    match kind {
        "snowflake" | "spark" => Quoting::NONE,
        _ => Quoting::ALL,
    }
}

/// Whether names have a database before the schema, also of engines that are not part of this binary. Those whose names have none write
/// them between backticks.
#[must_use]
pub fn has_databases(kind: &str) -> bool {
    const WITHOUT: &[&str] =
        &["clickhouse", "doris", "glue", "hive", "impala", "mariadb", "mysql", "mysql5", "spark", "starrocks", "tidb"];
    !WITHOUT.contains(&kind)
}

/// The database of a target: what its profile says of it, empty for engines whose names have none. Nothing where the profile should say.
#[must_use]
pub fn database(
    kind: &str,
    said: Option<String>,
    values: &serde_json::Map<String, serde_json::Value>,
) -> Option<String> {
    if has_databases(kind) { said.or_else(|| default_database(kind, values)) } else { Some(String::new()) }
}

/// The database of a target that names none, also for engines that are not part of this binary: a file's database is called as the
/// file is.
fn default_database(kind: &str, values: &serde_json::Map<String, serde_json::Value>) -> Option<String> {
    let path = values.get("path").and_then(serde_json::Value::as_str).unwrap_or(":memory:");
    let name = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/').rsplit(['/', '\\', ':']);
    let name = name.into_iter().find(|part| !part.is_empty())?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    (kind == "duckdb").then(|| stem.to_owned())
}

/// The engines whose macros stand in where a `type` has none of its own, nearest first.
#[must_use]
pub fn parents(kind: &str) -> &'static [&'static str] {
    match kind {
        "databricks" => &["spark"],
        "redshift" | "materialize" | "cratedb" | "risingwave" | "greenplum" | "alloydb" => &["postgres"],
        "fabric" | "synapse" => &["sqlserver"],
        "starrocks" | "doris" | "tidb" => &["mysql"],
        _ => &[],
    }
}

/// The prefixes of the macros that `dispatch` chooses from, the best first: the `type`'s own, those of its parents, `default`.
pub fn macro_prefixes(kind: &str) -> impl Iterator<Item = &str> {
    [kind].into_iter().chain(parents(kind).iter().copied()).chain(["default"])
}

/// The keys that an engine of this binary reads from a profile; none for the others, whose profiles are not ours to judge.
#[must_use]
pub fn keys(kind: &str) -> &'static [&'static str] {
    match kind {
        EMBEDDED => &[
            "database",
            "external_root",
            "lock_timeout",
            "memory_limit",
            "partitions",
            "path",
            "retention_days",
            "schema",
            "settings",
            "temp_dir",
            "threads",
            "type",
        ],
        #[cfg(feature = "bigquery")]
        BIGQUERY => super::bigquery::KEYS,
        _ => &[],
    }
}

/// Makes the engine of a target. Nothing is connected to yet.
///
/// # Errors
/// [`ErrorKind::Unsupported`] when the engine is not part of this binary, [`ErrorKind::Settings`] when a setting is wrong.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Engine>, EngineError> {
    match settings.kind.as_str() {
        #[cfg(feature = "datafusion")]
        EMBEDDED => Ok(Arc::new(super::datafusion::DataFusion::new(settings)?)),
        #[cfg(feature = "bigquery")]
        BIGQUERY => Ok(Arc::new(super::bigquery::BigQuery::new(settings)?)),
        other => Err(EngineError::new(ErrorKind::Unsupported, format!("this binary has no engine of type `{other}`"))
            .help(format!(
                "engines here: {}; choose another `--target`, or remove `profile:` to use the embedded engine",
                quoted_list(available())
            ))),
    }
}
