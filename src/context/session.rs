//! What one command runs with: the same for every node.

use std::sync::Arc;

use crate::base::Timestamp;
use crate::config::Target;
use crate::jinja::Value;
use crate::source::{SourceMap, World};
use crate::sql::Dialect;

use super::{Vars, value_of};

/// The world, the target and the flags of a command.
pub struct Session {
    /// Files, environment, clock.
    pub world: Arc<dyn World>,
    /// The texts.
    pub sources: Arc<SourceMap>,
    /// The root project's name.
    pub project: String,
    /// Where it runs.
    pub target: Target,
    /// How SQL is spelt there.
    pub dialect: Dialect,
    /// Variables.
    pub vars: Vars,
    /// Flags that templates can read.
    pub flags: Flags,
    /// This invocation's id, a UUID.
    pub invocation_id: String,
    /// When the command started.
    pub started_at: Timestamp,
}

/// Flags of the command line that change what is compiled or run.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// The command's name.
    pub command: String,
    /// `--full-refresh`.
    pub full_refresh: bool,
    /// `--store-failures`.
    pub store_failures: bool,
}

impl Session {
    /// The `target` of templates: the profile's keys, without those that could be secrets.
    #[must_use]
    pub fn target_value(&self) -> Value {
        let target = &self.target;
        let mut entries: Vec<(String, Value)> = target
            .values
            .iter()
            .filter(|(key, _)| PUBLIC_KEYS.contains(&key.as_str()))
            .map(|(key, value)| (key.clone(), value_of(value)))
            .collect();
        entries.extend([
            ("name".to_owned(), Value::from(&target.name)),
            ("target_name".to_owned(), Value::from(&target.name)),
            ("profile_name".to_owned(), Value::from(&target.profile)),
            ("type".to_owned(), Value::from(&target.kind)),
            ("database".to_owned(), Value::from(&target.database)),
            ("schema".to_owned(), Value::from(&target.schema)),
            ("threads".to_owned(), Value::from(target.threads)),
        ]);
        Value::from_pairs(entries)
    }

    /// The `flags` of templates, in both cases of letters as dbt has them.
    #[must_use]
    pub fn flags_value(&self) -> Value {
        let flags = &self.flags;
        let entries = [
            ("full_refresh", Value::from(flags.full_refresh)),
            ("store_failures", Value::from(flags.store_failures)),
            ("which", Value::from(&flags.command)),
        ];
        let in_both_cases =
            |(name, value): (&str, Value)| [(name.to_uppercase(), value.clone()), (name.to_owned(), value)];
        Value::from_pairs(entries.into_iter().flat_map(in_both_cases))
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("project", &self.project).finish_non_exhaustive()
    }
}

/// The keys of a profile that are shown to templates; anything else could be a password or a token.
const PUBLIC_KEYS: &[&str] = &[
    "account",
    "catalog",
    "dataset",
    "dbname",
    "host",
    "location",
    "maximum_bytes_billed",
    "method",
    "path",
    "port",
    "priority",
    "project",
    "role",
    "timeout_seconds",
    "user",
    "warehouse",
];
