//! Unit tests.

use serde_json::{Map, Value as Json};

use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// What a property file says of a unit test.
#[derive(Clone, Debug)]
pub struct UnitTestProperties {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// The model, and where it is named.
    pub model: (String, Span),
    /// Markdown.
    pub description: String,
    /// The rows of what the model reads.
    pub given: Vec<FixtureProperties>,
    /// The rows that it must give.
    pub expect: FixtureProperties,
    /// `overrides:`, by `macros`, `vars` and `env_vars`.
    pub overrides: Option<Map<String, Json>>,
    /// `versions:` as written.
    pub versions: Option<Json>,
    /// `config:`.
    pub config: Mapping,
}

/// Rows as they are written.
#[derive(Clone, Debug)]
pub struct FixtureProperties {
    /// What they stand for; empty for what is expected.
    pub input: String,
    /// The rows: a list of mappings, or a text of CSV or SQL.
    pub rows: Option<Json>,
    /// `dict`, `csv` or `sql`.
    pub format: &'static str,
    /// The name of the file that holds them.
    pub fixture: Option<String>,
    /// Where they stand.
    pub span: Span,
}

const FORMATS: [&str; 3] = ["dict", "csv", "sql"];

impl UnitTestProperties {
    /// Reads an item of `unit_tests:`.
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a unit test", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let model = fields.required_text("model", node.span);
        let overrides = fields.mapping("overrides");
        if let Some(overrides) = overrides {
            let mut inner = Fields::new(overrides, fields.diagnostics());
            inner.accept(&["macros", "vars", "env_vars"]);
            inner.finish("`overrides`");
        }
        let versions = fields.node("versions");
        if let Some(map) = versions.and_then(Node::as_map)
            && map.get("include").is_some()
            && map.get("exclude").is_some()
        {
            let message = "the versions of a unit test are included or excluded, not both";
            fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(span));
        }
        let given = fields.list("given");
        let expect = fields.node("expect");
        let description = fields.text("description").unwrap_or_default();
        let config = fields.mapping("config").cloned().unwrap_or_default();
        fields.finish(&format!("unit test `{name}`"));
        let Some(expect) = expect else {
            let message = format!("unit test `{name}` does not say what to `expect`");
            diagnostics.push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(span));
            return None;
        };
        Some(UnitTestProperties {
            model: model?,
            description,
            given: given.iter().filter_map(|node| FixtureProperties::read(node, true, diagnostics)).collect(),
            expect: FixtureProperties::read(expect, false, diagnostics)?,
            overrides: overrides.map(Mapping::to_json),
            versions: versions.map(Node::to_json),
            config,
            name,
            span,
        })
    }
}

impl FixtureProperties {
    fn read(node: &Node, is_input: bool, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, if is_input { "an input" } else { "`expect`" }, diagnostics)?;
        let input = if is_input { fields.required_text("input", node.span)?.0 } else { String::new() };
        let format = fields.placed_text("format");
        let known = match &format {
            None => Some("dict"),
            Some((word, _)) => FORMATS.into_iter().find(|known| known == word),
        };
        if let (None, Some((word, at))) = (known, &format) {
            let message = format!("`format` is one of {}, not `{word}`", quoted_list(&FORMATS));
            let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(*at);
            fields.diagnostics().push(diagnostic.suggest_near(word, FORMATS));
        }
        let fixture = FixtureProperties {
            input,
            rows: fields.node("rows").map(Node::to_json),
            format: known.unwrap_or("dict"),
            fixture: fields.text("fixture"),
            span: node.span,
        };
        fields.finish(if is_input { "an input" } else { "`expect`" });
        Some(fixture)
    }
}
