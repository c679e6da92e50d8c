//! `pre_hook` and `post_hook`, as the configs of a node hold them.
//!
//! A hook is a text, or a mapping of `sql` and `transaction`; a text may be such a mapping as JSON, which is what `before_begin` and
//! `after_commit` give.

use serde_json::Value as Json;

/// A hook as a config holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Its template.
    pub sql: String,
    /// Whether it belongs into the node's transaction.
    pub in_transaction: bool,
}

impl Hook {
    /// The hooks of a config value.
    #[must_use]
    pub fn all(value: Option<&Json>) -> Vec<Self> {
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
