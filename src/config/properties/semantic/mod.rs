//! Metrics, semantic models and saved queries, brought into the form in which the manifest holds them: every key there, short
//! forms written out.

mod metric;
mod model;
mod query;

use serde_json::{Map, Value as Json, json};

use super::column::texts;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// What a property file says of a metric, semantic model or saved query.
#[derive(Clone, Debug)]
pub struct SemanticProperties {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Tags beside `config:`.
    pub tags: Vec<String>,
    /// Facts beside `config:`.
    pub meta: Map<String, Json>,
    /// `config:`.
    pub config: Mapping,
    /// The rest, as the manifest holds it.
    pub body: Map<String, Json>,
}

const GRANULARITIES: &[&str] = &[
    "nanosecond",
    "microsecond",
    "millisecond",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
];

/// What all kinds have, with the rest of its `body`.
fn common(fields: &mut Fields<'_, '_>, name: String, span: Span, body: Json) -> SemanticProperties {
    SemanticProperties {
        tags: fields.node("tags").map(texts).unwrap_or_default(),
        meta: fields.mapping("meta").map(Mapping::to_json).unwrap_or_default(),
        config: fields.mapping("config").cloned().unwrap_or_default(),
        body: if let Json::Object(body) = body { body } else { Map::new() },
        name,
        span,
    }
}

fn get(map: &Mapping, key: &str) -> Json {
    map.get(key).map(Node::to_json).unwrap_or_default()
}

/// A word that has to be there and to be one of `words`; `at` is where it is missed.
fn required_word(fields: &mut Fields<'_, '_>, key: &'static str, at: Span, words: &[&str]) -> Option<String> {
    let (word, at) = fields.required_text(key, at)?;
    one_of(key, &word, at, words, fields.diagnostics());
    Some(word)
}

fn one_of(key: &str, word: &str, at: Span, words: &[&str], diagnostics: &mut Diagnostics) {
    if !words.contains(&word) {
        let message = format!("`{key}` is one of {}, not `{word}`", quoted_list(words));
        let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(at);
        diagnostics.push(diagnostic.suggest_near(word, words.iter().copied()));
    }
}

/// What a resource has below `key`, which it cannot do without.
fn required<T>(found: Option<T>, key: &str, of: &str, at: Span, diagnostics: &mut Diagnostics) -> Option<T> {
    if found.is_none() {
        let message = format!("{of} has no `{key}`");
        diagnostics.push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(at));
    }
    found
}

/// A filter: one condition, or a list of them.
fn filter(node: &Node) -> Json {
    let filters = texts(node).into_iter().map(|text| json!({ "where_sql_template": text }));
    json!({ "where_filters": filters.collect::<Vec<_>>() })
}

/// A scalar as Python's `str` gives it.
fn python_scalar(node: &Node) -> Option<String> {
    match node.to_json() {
        Json::Bool(true) => Some("True".to_owned()),
        Json::Bool(false) => Some("False".to_owned()),
        _ => node.scalar(),
    }
}
