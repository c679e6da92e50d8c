//! Models, seeds, snapshots, analyses, singular tests and functions.

use serde_json::Value as Json;

use super::column::{ColumnProperties, columns_of};
use super::constraint::{Constraint, constraints_of};
use super::function::FunctionProperties;
use super::test::TestProperties;
use super::version::{VersionProperties, shown, versions_of};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Entry, Fields, Mapping, Node};

/// What a property file says of a model, seed, snapshot, analysis, singular test or function.
#[derive(Clone, Debug)]
pub struct ResourceProperties {
    /// The resource's name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// `config:` and the configs that may stand beside it (`meta`, `access`, …).
    pub config: Mapping,
    /// Columns by name, in the order of the file.
    pub columns: Vec<ColumnProperties>,
    /// Whether the names of columns are quoted where a column does not say.
    pub quote_columns: Option<bool>,
    /// Tests of the whole relation.
    pub tests: Vec<TestProperties>,
    /// Constraints of the whole relation.
    pub constraints: Vec<Constraint>,
    /// The versions of a model.
    pub versions: Vec<VersionProperties>,
    /// The version that `ref` without one means.
    pub latest_version: Option<Json>,
    /// When a model is to go away.
    pub deprecation_date: Option<String>,
    /// What makes a model a time spine.
    pub time_spine: Option<Box<Json>>,
    /// The relation of a snapshot that has no file: `ref('…')` or `source('…', '…')`.
    pub relation: Option<(String, Span)>,
    /// Arguments and result of a function.
    pub function: Option<FunctionProperties>,
}

/// Configs that may stand beside `config:` instead of in it.
pub(super) const MOVED_INTO_CONFIG: &[&str] = &["meta", "docs", "group", "contract", "access"];

/// Configs that people put beside `config:`, where dbt does not read them.
const ONLY_IN_CONFIG: &[&str] =
    &["tags", "enabled", "event_time", "full_refresh", "freshness", "materialized", "alias", "schema"];

/// Keys of dbt Core 2 and of tools.
const OTHER: &[&str] = &["primary_key", "semantic_model", "agg_time_dimension", "metrics", "derived_semantics"];

impl ResourceProperties {
    /// Reads an item of a list of resources; `kind` is the kind in words.
    pub(super) fn read(kind: &'static str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, kind, diagnostics)?;
        let mut resource = Self::read_fields(&mut fields, node.span, MOVED_INTO_CONFIG)?;
        match kind {
            "model" => resource.read_model(&mut fields),
            "snapshot" => resource.relation = fields.placed_text("relation"),
            "function" => resource.function = FunctionProperties::read(&mut fields, &resource.name, node.span),
            _ => {}
        }
        fields.accept(OTHER);
        for key in ONLY_IN_CONFIG {
            resource.warn_of_place(&mut fields, node, kind, key);
        }
        fields.finish(&format!("{kind} `{}`", resource.name));
        Some(resource)
    }

    /// What resources and source tables have in common.
    pub(super) fn read_fields(fields: &mut Fields<'_, '_>, owner: Span, beside: &[&'static str]) -> Option<Self> {
        let (name, span) = fields.required_text("name", owner)?;
        Some(ResourceProperties {
            description: fields.text("description").unwrap_or_default(),
            config: config_of(fields, beside),
            tests: tests_of(fields),
            columns: columns_of(fields, |_| false),
            quote_columns: fields.flag("quote_columns"),
            constraints: Vec::new(),
            versions: Vec::new(),
            latest_version: None,
            deprecation_date: None,
            time_spine: None,
            relation: None,
            function: None,
            name,
            span,
        })
    }

    fn read_model(&mut self, fields: &mut Fields<'_, '_>) {
        self.constraints = constraints_of(fields);
        self.deprecation_date = fields.text("deprecation_date");
        self.time_spine = fields.mapping("time_spine").map(|map| Box::new(Json::Object(map.to_json())));
        self.versions = versions_of(fields, &self.name);
        let latest = fields.node("latest_version");
        self.latest_version = latest.map(Node::to_json);
        if let (Some(latest), Some(version)) = (latest, &self.latest_version)
            && !self.versions.is_empty()
            && !self.versions.iter().any(|known| shown(&known.v) == shown(version))
        {
            let names: Vec<String> = self.versions.iter().map(|known| shown(&known.v)).collect();
            let message = format!("`latest_version` `{}` is no version of model `{}`", shown(version), self.name);
            let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(latest.span);
            fields.diagnostics().push(diagnostic.suggest(&shown(version), names.iter().map(String::as_str)));
        }
        self.check_primary_keys(fields.diagnostics());
    }

    /// A primary key of several columns is said once, for the model.
    fn check_primary_keys(&self, diagnostics: &mut Diagnostics) {
        use super::constraint::ConstraintType::PrimaryKey;
        let of_columns: Vec<Span> = self
            .columns
            .iter()
            .flat_map(|column| &column.constraints)
            .filter(|constraint| constraint.kind == PrimaryKey)
            .map(|constraint| constraint.span)
            .collect();
        let of_model = self.constraints.iter().find(|constraint| constraint.kind == PrimaryKey);
        let [first, rest @ ..] = of_columns.as_slice() else { return };
        if let Some(second) = rest.first() {
            let message = format!("model `{}` has primary keys on {} columns", self.name, of_columns.len());
            diagnostics.push(
                Diagnostic::error(codes::CONFIG_VALUE, message)
                    .at(*second)
                    .label(*first, "is one already")
                    .help("a key of several columns stands under `constraints:` of the model, with its `columns`"),
            );
        }
        if let Some(own) = of_model {
            let message = format!("model `{}` has a primary key of its own and one on a column", self.name);
            diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(*first).label(own.span, "the model's"));
        }
    }

    fn warn_of_place(&self, fields: &mut Fields<'_, '_>, node: &Node, kind: &str, key: &'static str) {
        let Some(entry) = node.as_map().and_then(|map| map.iter().find(|entry| entry.key == key)) else { return };
        fields.accept(&[key]);
        let message = format!("{kind} `{}` sets `{key}` beside `config:`, where nothing reads it", self.name);
        let diagnostic = Diagnostic::warning(codes::YAML_UNKNOWN_KEY, message).at(entry.key_span);
        fields.diagnostics().push(diagnostic.help(format!("put `{key}` below `config:`")));
    }
}

/// The configs of a resource: `config:`, and the keys of `beside` that stand next to it.
pub(super) fn config_of(fields: &mut Fields<'_, '_>, beside: &[&'static str]) -> Mapping {
    let own = fields.mapping("config");
    let mut config = Mapping::default();
    for key in beside {
        let Some(node) = fields.node(key) else { continue };
        if let Some(twice) = own.and_then(|own| own.iter().find(|entry| entry.key == *key)) {
            let message = format!("`{key}` stands both in `config:` and beside it");
            let diagnostic = Diagnostic::error(codes::CONFIG_VALUE, message).at(node.span);
            fields.diagnostics().push(diagnostic.label(twice.key_span, "keep this one"));
            continue;
        }
        config.entries.push(Entry { key: (*key).to_owned(), key_span: node.span, node: node.clone() });
    }
    config.entries.extend(own.into_iter().flat_map(Mapping::iter).cloned());
    config
}

/// The tests under `data_tests:`, or `tests:` as they were called before.
pub(super) fn tests_of(fields: &mut Fields<'_, '_>) -> Vec<TestProperties> {
    optional_tests_of(fields).unwrap_or_default()
}

/// The same, `None` where neither key stands.
pub(super) fn optional_tests_of(fields: &mut Fields<'_, '_>) -> Option<Vec<TestProperties>> {
    let (new, old) = (fields.node("data_tests"), fields.node("tests"));
    if let (Some(new), Some(old)) = (new, old)
        && old.as_list().is_some_and(|items| !items.is_empty())
    {
        let message = "both `tests` and `data_tests` are given, which are two names of one list";
        fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(old.span).label(new.span, ""));
    }
    new.or(old)?;
    let nodes = [fields.list("data_tests"), fields.list("tests")];
    let mut tests = Vec::with_capacity(nodes.iter().map(|nodes| nodes.len()).sum());
    tests.extend(nodes.into_iter().flatten().filter_map(|node| TestProperties::read(node, fields.diagnostics())));
    Some(tests)
}
