//! `versions:` of a model.

use serde_json::Value as Json;

use super::column::{ColumnProperties, columns_of, texts};
use super::constraint::{Constraint, constraints_of};
use super::resource::{MOVED_INTO_CONFIG, config_of, optional_tests_of};
use super::test::TestProperties;
use crate::base::plain_text;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// What a property file says of one version of a model.
#[derive(Clone, Debug)]
pub struct VersionProperties {
    /// The version: a number or a text.
    pub v: Json,
    /// Where it stands.
    pub span: Span,
    /// The file, without ending, where it is not `model_vX`.
    pub defined_in: Option<String>,
    /// Markdown, where it is another than the model's.
    pub description: String,
    /// Configs over the model's.
    pub config: Mapping,
    /// Which of the model's columns it has.
    pub inherited: Inherited,
    /// Columns of its own.
    pub columns: Vec<ColumnProperties>,
    /// Tests in place of the model's.
    pub tests: Option<Vec<TestProperties>>,
    /// Constraints in place of the model's.
    pub constraints: Vec<Constraint>,
    /// When it is to go away.
    pub deprecation_date: Option<String>,
}

/// `include` and `exclude` of a version's columns.
#[derive(Clone, Debug)]
pub struct Inherited {
    include: Option<Vec<String>>,
    exclude: Vec<String>,
}

impl Inherited {
    /// Whether the version has this column of the model.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        let is_in = |list: &[String]| list.iter().any(|name| name == column);
        self.include.as_deref().is_none_or(is_in) && !is_in(&self.exclude)
    }
}

/// Reads the list under `versions:`.
pub(super) fn versions_of(fields: &mut Fields<'_, '_>, model: &str) -> Vec<VersionProperties> {
    let mut versions: Vec<VersionProperties> = Vec::new();
    for node in fields.list("versions") {
        let Some(version) = VersionProperties::read(node, model, fields.diagnostics()) else { continue };
        if let Some(known) = versions.iter().find(|known| shown(&known.v) == shown(&version.v)) {
            let message = format!("version `{}` of model `{model}` is described twice", shown(&version.v));
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, message).at(version.span);
            fields.diagnostics().push(diagnostic.label(known.span, "is described here already"));
            continue;
        }
        versions.push(version);
    }
    versions
}

/// A version as people write it.
pub(super) fn shown(version: &Json) -> String {
    plain_text(version)
}

impl VersionProperties {
    fn read(node: &Node, model: &str, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a version", diagnostics)?;
        let Some(v) = fields.node("v") else {
            let message = format!("a version of model `{model}` has no `v`");
            diagnostics.push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(node.span));
            return None;
        };
        let number_or_text = v.to_json();
        if !(number_or_text.is_number() || number_or_text.is_string()) {
            let message = format!("`v` must be a number or a text, not {}", v.kind());
            diagnostics.push(Diagnostic::error(codes::YAML_TYPE, message).at(v.span));
            return None;
        }
        let version = VersionProperties {
            v: number_or_text,
            span: v.span,
            defined_in: fields.text("defined_in"),
            description: fields.text("description").unwrap_or_default(),
            config: config_of(&mut fields, MOVED_INTO_CONFIG),
            inherited: inherited(&mut fields),
            columns: columns_of(&mut fields, chooses_columns),
            tests: optional_tests_of(&mut fields),
            constraints: constraints_of(&mut fields),
            deprecation_date: fields.text("deprecation_date"),
        };
        fields.finish(&format!("version `{}` of model `{model}`", shown(&version.v)));
        Some(version)
    }
}

fn inherited(fields: &mut Fields<'_, '_>) -> Inherited {
    let all = |names: Vec<String>| (!names.iter().any(|name| name == "*" || name == "all")).then_some(names);
    let mut choices = fields.list("columns").iter().filter(|node| chooses_columns(node));
    let chosen = choices.next().and_then(Node::as_map);
    if let Some(second) = choices.next() {
        let message = "a version has at most one `include` or `exclude` of columns";
        fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(second.span));
    }
    let get = |key: &str| chosen.and_then(|map| map.get(key)).map(texts);
    Inherited { include: get("include").and_then(all), exclude: get("exclude").unwrap_or_default() }
}

/// Whether an item of `columns:` is not a column but a choice among the model's.
fn chooses_columns(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.get("include").is_some() || map.get("exclude").is_some())
}
