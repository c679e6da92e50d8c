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
    /// The values of the variables that hold secrets.
    pub secrets: Vec<String>,
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
    /// The `target` of templates.
    #[must_use]
    pub fn target_value(&self) -> Value {
        target_value(&self.target, &self.secrets)
    }

    /// The text with every secret in it replaced: for whatever is shown or written.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        scrub(text, &self.secrets)
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
        ("database", text(&target.database)),
        ("schema", text(&target.schema)),
        ("threads", Value::from(target.threads)),
    ]);
    Value::from_pairs(entries)
}

fn scrub(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "*****"))
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
