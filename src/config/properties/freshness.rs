//! `freshness:` of sources: how old the newest row may be.

use serde_json::{Value as Json, json};

use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::yaml::{Fields, Node};

/// When rows are too old.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// From which age on the check warns; `None` where it is set to nothing.
    pub warn_after: Option<Age>,
    /// From which age on it fails.
    pub error_after: Option<Age>,
    /// The rows to look at.
    pub filter: Option<String>,
}

/// An age.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Age {
    /// How many.
    pub count: Option<i64>,
    /// `minute`, `hour` or `day`.
    pub period: Option<String>,
}

const PERIODS: &[&str] = &["minute", "hour", "day"];

impl Freshness {
    /// What holds where nothing is said: no age is too old.
    #[must_use]
    pub fn unset() -> Self {
        Freshness { warn_after: Some(Age::default()), error_after: Some(Age::default()), filter: None }
    }

    /// Reads `freshness:`; nothing at all is [`unset`](Self::unset), `null` is `None`.
    pub(super) fn read(node: Option<&Node>, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(node) = node else { return Some(Self::unset()) };
        if node.is_null() {
            return None;
        }
        let Some(mut fields) = Fields::of(node, "`freshness`", diagnostics) else { return Some(Self::unset()) };
        let filter = fields.text("filter");
        fields.accept(&["warn_after", "error_after", "build_after"]);
        fields.finish("`freshness`");
        let mut age = |key| Age::read(node.as_map().and_then(|map| map.get(key)), key, diagnostics);
        Some(Freshness { warn_after: age("warn_after"), error_after: age("error_after"), filter })
    }

    /// Whether an age is too old.
    #[must_use]
    pub fn is_set(&self) -> bool {
        let is_set = |age: &Option<Age>| age.as_ref().is_some_and(Age::is_set);
        is_set(&self.warn_after) || is_set(&self.error_after)
    }

    /// What holds where `self` is said of the whole and `other` of a part.
    #[must_use]
    pub fn merged(levels: impl IntoIterator<Item = Option<Freshness>>) -> Option<Self> {
        let mut levels = levels.into_iter();
        let mut merged = levels.next()?;
        for level in levels {
            merged = match (merged, level) {
                (Some(base), Some(update)) => Some(Freshness {
                    warn_after: Age::merged(base.warn_after, update.warn_after),
                    error_after: Age::merged(base.error_after, update.error_after),
                    filter: update.filter.or(base.filter),
                }),
                (None, Some(update)) if update.is_set() => Some(update),
                _ => None,
            };
        }
        merged
    }

    /// As the artifacts hold it.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let age = |age: &Option<Age>| age.as_ref().map(|age| json!({ "count": age.count, "period": age.period }));
        json!({ "warn_after": age(&self.warn_after), "error_after": age(&self.error_after), "filter": self.filter })
    }
}

impl Age {
    fn read(node: Option<&Node>, key: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let Some(node) = node else { return Some(Age::default()) };
        if node.is_null() {
            return None;
        }
        let Some(mut fields) = Fields::of(node, &format!("`{key}`"), diagnostics) else { return Some(Age::default()) };
        let count = fields.count("count").and_then(|count| i64::try_from(count).ok());
        let period = fields.placed_text("period");
        if let Some((word, span)) = &period
            && !PERIODS.contains(&word.as_str())
        {
            let message = format!("`period` is one of {}, not `{word}`", quoted_list(PERIODS));
            let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(*span);
            fields.diagnostics().push(diagnostic.suggest_near(word, PERIODS.iter().copied()));
        }
        fields.finish(&format!("`{key}`"));
        Some(Age { count, period: period.map(|(word, _)| word) })
    }

    fn is_set(&self) -> bool {
        self.count.is_some() && self.period.is_some()
    }

    fn merged(base: Option<Age>, update: Option<Age>) -> Option<Age> {
        let update = update?;
        match base {
            Some(base) if !update.is_set() => Some(base),
            _ => Some(update),
        }
    }
}
