//! Columns of models, seeds, snapshots, sources and analyses.

use serde_json::{Map, Value as Json};

use super::constraint::{Constraint, constraints_of};
use super::resource::tests_of;
use super::test::TestProperties;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// What a property file says of a column.
#[derive(Clone, Debug)]
pub struct ColumnProperties {
    /// The column's name.
    pub name: String,
    /// Where it is described.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// The SQL type.
    pub data_type: Option<String>,
    /// Whether SQL quotes the name.
    pub quote: Option<bool>,
    /// Free facts.
    pub meta: Map<String, Json>,
    /// Tags.
    pub tags: Vec<String>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
    /// Of a time spine's column: `day`, `month`, …
    pub granularity: Option<String>,
    /// Tests of the column.
    pub tests: Vec<TestProperties>,
    /// Keys that are not dbt's: adapters read some of them.
    pub extra: Map<String, Json>,
}

/// Keys that engines give a meaning to.
const KNOWN_EXTRA: &[&str] =
    &["policy_tags", "dimension", "entity", "identifier", "fields", "time_ingestion_partitioning"];

/// Reads the list under `columns:`; items for which `skip` is true are others' business. Of a column that is described twice the last
/// description counts, and all tests.
pub(super) fn columns_of(fields: &mut Fields<'_, '_>, skip: fn(&Node) -> bool) -> Vec<ColumnProperties> {
    let listed = fields.list("columns");
    let mut columns: Vec<ColumnProperties> = Vec::with_capacity(listed.len());
    for node in listed.iter().filter(|node| !skip(node)) {
        if let Some(column) = ColumnProperties::read(node, fields.diagnostics()) {
            let Some(known) = columns.iter_mut().find(|known| known.name == column.name) else {
                columns.push(column);
                continue;
            };
            let message = format!("column `{}` is described twice", column.name);
            let warning = Diagnostic::warning(codes::DUPLICATE_NAME, message).at(node.span);
            fields.diagnostics().push(warning.help("the last description counts"));
            let tests = std::mem::take(&mut known.tests).into_iter().chain(column.tests).collect();
            *known = ColumnProperties { tests, ..column };
        }
    }
    columns
}

impl ColumnProperties {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a column", diagnostics)?;
        let (name, _) = fields.required_text("name", node.span)?;
        let config = fields.mapping("config");
        let in_config = |key: &str| config.and_then(|config| config.get(key));
        let mut meta = fields.mapping("meta").map(Mapping::to_json).unwrap_or_default();
        meta.extend(in_config("meta").and_then(Node::as_map).map(Mapping::to_json).unwrap_or_default());
        let mut tags = fields.texts("tags").unwrap_or_default();
        tags.extend(in_config("tags").map(texts).unwrap_or_default());
        let mut seen = crate::base::HashSet::default();
        tags.retain(|tag| seen.insert(tag.clone()));
        let column = ColumnProperties {
            span: node.span,
            description: fields.text("description").unwrap_or_default(),
            data_type: fields.text("data_type"),
            quote: fields.flag("quote"),
            meta,
            tags,
            constraints: constraints_of(&mut fields),
            granularity: fields.text("granularity"),
            tests: tests_of(&mut fields),
            extra: extra(node),
            name,
        };
        fields.accept(&["docs"]);
        fields.accept(KNOWN_EXTRA);
        fields.finish(&format!("column `{}`", column.name));
        Some(column)
    }
}

/// Keys that dbt keeps beside its own.
fn extra(node: &Node) -> Map<String, Json> {
    const OWN: &[&str] = &[
        "name",
        "description",
        "meta",
        "data_type",
        "constraints",
        "docs",
        "config",
        "data_tests",
        "tests",
        "quote",
        "tags",
        "granularity",
    ];
    let entries = node.as_map().into_iter().flat_map(Mapping::iter);
    let others = entries.filter(|entry| !OWN.contains(&entry.key.as_str()));
    others.map(|entry| (entry.key.clone(), entry.node.to_json())).collect()
}

/// A text, or a list of texts.
pub(super) fn texts(node: &Node) -> Vec<String> {
    match node.as_list() {
        Some(items) => items.iter().filter_map(Node::scalar).collect(),
        None => node.scalar().into_iter().collect(),
    }
}
