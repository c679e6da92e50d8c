//! `pre_hook` and `post_hook`: statements before and after a node, rendered when they run, with the node's names.
//!
//! A hook is a text, or a mapping of `sql` and `transaction`; a text may be such a mapping as JSON, which is what `before_begin` and
//! `after_commit` give. Those that belong outside of the transaction run first before the node, and last behind it.

use serde_json::Value as Json;

use super::Job;
use crate::diagnostic::Diagnostic;

/// Before or after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    After,
}

impl When {
    fn config(self) -> &'static str {
        match self {
            When::Before => "pre-hook",
            When::After => "post-hook",
        }
    }
}

/// A hook as a config holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::run) struct Hook {
    /// Its template.
    pub(in crate::run) sql: String,
    /// Whether it belongs into the node's transaction.
    pub(in crate::run) in_transaction: bool,
}

impl Hook {
    /// The hooks of a config value.
    pub(in crate::run) fn all(value: Option<&Json>) -> Vec<Self> {
        match value {
            Some(Json::Array(items)) => items.iter().filter_map(Self::of).collect(),
            Some(value) => Self::of(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn of(value: &Json) -> Option<Self> {
        match value {
            Json::String(text) => Some(match serde_json::from_str::<Json>(text.trim()) {
                Ok(Json::Object(_)) => return Self::of(&serde_json::from_str(text.trim()).ok()?),
                _ => Hook { sql: text.clone(), in_transaction: true },
            }),
            Json::Object(hook) => Some(Hook {
                sql: hook.get("sql")?.as_str()?.to_owned(),
                in_transaction: hook.get("transaction").and_then(Json::as_bool).unwrap_or(true),
            }),
            _ => None,
        }
    }
}

/// Runs the hooks of a node.
///
/// # Errors
/// The first hook that cannot be rendered or fails; those behind it are not run.
pub(super) async fn run(job: &Job<'_>, when: When) -> Result<(), Diagnostic> {
    let mut hooks = Hook::all(job.node.config.values.get(when.config()));
    // The sort is stable: hooks of one kind stay in their order.
    hooks.sort_by_key(|hook| hook.in_transaction == (when == When::Before));
    for hook in hooks {
        let sql = job.render(&hook.sql).await.map_err(|diagnostic| told(job, when, diagnostic))?;
        if !sql.trim().is_empty() {
            let ran = job.runner.script(&sql).await;
            ran.map_err(|error| told(job, when, job.statement_failure(&error, &sql)))?;
        }
    }
    Ok(())
}

fn told(job: &Job<'_>, when: When, diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.note(format!("in a {} of {} `{}`", when.config(), job.node.resource, job.node.name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Hook;

    #[test]
    fn hooks_are_texts_or_mappings() {
        let hooks = Hook::all(Some(&json!([
            "select 1",
            { "sql": "vacuum", "transaction": false },
            "{\"sql\": \"analyze\", \"transaction\": false}",
            { "nothing": 1 },
        ])));
        let said: Vec<_> = hooks.iter().map(|hook| (hook.sql.as_str(), hook.in_transaction)).collect();
        assert_eq!(said, [("select 1", true), ("vacuum", false), ("analyze", false)]);
        assert_eq!(Hook::all(Some(&json!("select 1"))).len(), 1);
        assert!(Hook::all(Some(&json!(null))).is_empty() && Hook::all(None).is_empty());
    }
}
