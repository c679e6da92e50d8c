//! Exposures and groups: what names an owner.

use serde_json::{Map, Value as Json};

use super::column::texts;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// Something outside the project that reads it: a dashboard, a notebook, an application.
#[derive(Clone, Debug)]
pub struct ExposureProperties {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// `dashboard`, `notebook`, `analysis`, `ml` or `application`.
    pub kind: String,
    /// The title for people.
    pub label: Option<String>,
    /// Markdown.
    pub description: String,
    /// `low`, `medium` or `high`.
    pub maturity: Option<String>,
    /// Where it is.
    pub url: Option<String>,
    /// Its owner, by `name` and `email`.
    pub owner: Map<String, Json>,
    /// `ref('…')`, `source('…', '…')` and `metric('…')` expressions with their places.
    pub depends_on: Vec<(String, Span)>,
    /// Tags beside `config:`.
    pub tags: Vec<String>,
    /// Facts beside `config:`.
    pub meta: Map<String, Json>,
    /// `config:`.
    pub config: Mapping,
}

/// A group of models with its owner.
#[derive(Clone, Debug)]
pub struct GroupProperties {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: Option<String>,
    /// Its owner, by `name` and `email`.
    pub owner: Map<String, Json>,
    /// `config:`.
    pub config: Mapping,
}

const KINDS: &[&str] = &["dashboard", "notebook", "analysis", "ml", "application"];
const MATURITIES: &[&str] = &["low", "medium", "high"];

impl ExposureProperties {
    /// Reads an item of `exposures:`.
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "an exposure", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let (kind, kind_span) = fields.required_text("type", node.span)?;
        one_of(&mut fields, "type", &kind, kind_span, KINDS);
        let maturity = fields.placed_text("maturity");
        if let Some((word, at)) = &maturity {
            one_of(&mut fields, "maturity", word, *at, MATURITIES);
        }
        let depends_on = fields.list("depends_on");
        let exposure = ExposureProperties {
            kind,
            label: fields.text("label"),
            description: fields.text("description").unwrap_or_default(),
            maturity: maturity.map(|(word, _)| word),
            url: fields.text("url"),
            owner: owner(&mut fields, node.span, "an exposure"),
            depends_on: depends_on.iter().filter_map(|item| Some((item.scalar()?, item.span))).collect(),
            tags: fields.node("tags").map(texts).unwrap_or_default(),
            meta: fields.mapping("meta").map(Mapping::to_json).unwrap_or_default(),
            config: fields.mapping("config").cloned().unwrap_or_default(),
            name,
            span,
        };
        fields.finish(&format!("exposure `{}`", exposure.name));
        Some(exposure)
    }
}

impl GroupProperties {
    /// Reads an item of `groups:`.
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a group", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let group = GroupProperties {
            description: fields.text("description"),
            owner: owner(&mut fields, node.span, "a group"),
            config: fields.mapping("config").cloned().unwrap_or_default(),
            name,
            span,
        };
        fields.finish(&format!("group `{}`", group.name));
        Some(group)
    }
}

fn one_of(fields: &mut Fields<'_, '_>, key: &str, word: &str, at: Span, words: &[&str]) {
    if !words.contains(&word) {
        let message = format!("`{key}` is one of {}, not `{word}`", quoted_list(words));
        let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(at);
        fields.diagnostics().push(diagnostic.suggest_near(word, words.iter().copied()));
    }
}

/// The `owner`, who must be named or have an address.
fn owner(fields: &mut Fields<'_, '_>, at: Span, what: &str) -> Map<String, Json> {
    let owner = fields.mapping("owner").map(Mapping::to_json).unwrap_or_default();
    if !["name", "email"].iter().any(|key| owner.get(*key).is_some_and(|value| !value.is_null())) {
        let message = format!("{what} needs an `owner` with a `name` or an `email`");
        fields.diagnostics().push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(at));
    }
    owner
}
