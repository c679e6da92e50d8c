//! Property files: what YAML says about models, seeds, sources, macros and exposures.

mod external;
mod test;

use serde_json::{Map, Value as Json};

pub use external::External;
pub use test::TestProperties;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// A property file.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    /// `models:`.
    pub models: Vec<ResourceProperties>,
    /// `seeds:`.
    pub seeds: Vec<ResourceProperties>,
    /// `analyses:`.
    pub analyses: Vec<ResourceProperties>,
    /// `data_tests:` (singular tests).
    pub tests: Vec<ResourceProperties>,
    /// `sources:`.
    pub sources: Vec<SourceProperties>,
    /// `macros:`.
    pub macros: Vec<MacroProperties>,
    /// `exposures:`.
    pub exposures: Vec<ExposureProperties>,
}

/// What a property file says of a model, seed, analysis or singular test.
#[derive(Clone, Debug)]
pub struct ResourceProperties {
    /// The resource's name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// `config:` and the configs that may stand beside it (`meta`, `tags`, …).
    pub config: Mapping,
    /// Columns by name, in the order of the file.
    pub columns: Vec<ColumnProperties>,
    /// Tests of the whole relation.
    pub tests: Vec<TestProperties>,
}

/// What a property file says of a column.
#[derive(Clone, Debug)]
pub struct ColumnProperties {
    /// The column's name.
    pub name: String,
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
    /// Tests of the column.
    pub tests: Vec<TestProperties>,
}

/// A source: a schema that others write.
#[derive(Clone, Debug)]
pub struct SourceProperties {
    /// The name that `source()` uses first.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// The database; the target's where absent.
    pub database: Option<String>,
    /// The schema; the source's name where absent.
    pub schema: Option<String>,
    /// Who loads it.
    pub loader: String,
    /// `config:` and `meta`, `tags`.
    pub config: Mapping,
    /// Its tables.
    pub tables: Vec<SourceTable>,
}

/// A table of a source.
#[derive(Clone, Debug)]
pub struct SourceTable {
    /// Name, description, configs, columns, tests.
    pub resource: ResourceProperties,
    /// The name in the database where it is another.
    pub identifier: Option<String>,
    /// The files, for a table that is files.
    pub external: Option<External>,
}

/// What a property file says of a macro.
#[derive(Clone, Debug)]
pub struct MacroProperties {
    /// The macro's name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// Arguments: name, type, description.
    pub arguments: Vec<(String, Option<String>, String)>,
    /// Free facts.
    pub meta: Map<String, Json>,
}

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
    /// `ref('…')` and `source('…', '…')` expressions with their places.
    pub depends_on: Vec<(String, Span)>,
    /// `config:`, `meta`, `tags`.
    pub config: Mapping,
}

/// Kinds of resource that are read by nobody yet, and keys that are none.
const OTHER: &[&str] = &[
    "version",
    "anchors",
    "snapshots",
    "groups",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
];

impl Properties {
    /// Reads a rendered property file.
    pub fn read(root: &Node, diagnostics: &mut Diagnostics) -> Self {
        let mut properties = Properties::default();
        if root.is_null() {
            return properties;
        }
        let Some(mut fields) = Fields::of(root, "a property file", diagnostics) else { return properties };
        fields.accept(OTHER);
        let lists =
            ["models", "seeds", "analyses", "data_tests", "sources", "macros", "exposures"].map(|key| fields.list(key));
        fields.finish("a property file");
        let [models, seeds, analyses, tests, sources, macros, exposures] = lists;
        let mut resources = |kind: &str, nodes: &[Node]| -> Vec<ResourceProperties> {
            nodes.iter().filter_map(|node| ResourceProperties::read(kind, node, diagnostics)).collect()
        };
        properties.models = resources("model", models);
        properties.seeds = resources("seed", seeds);
        properties.analyses = resources("analysis", analyses);
        properties.tests = resources("data test", tests);
        properties.sources = sources.iter().filter_map(|node| SourceProperties::read(node, diagnostics)).collect();
        properties.macros = macros.iter().filter_map(|node| MacroProperties::read(node, diagnostics)).collect();
        properties.exposures =
            exposures.iter().filter_map(|node| ExposureProperties::read(node, diagnostics)).collect();
        properties
    }
}

/// Configs that may stand beside `config:` instead of in it.
const BESIDE: &[&str] = &[
    "meta",
    "tags",
    "docs",
    "access",
    "group",
    "enabled",
    "event_time",
    "full_refresh",
    "loaded_at_field",
    "loaded_at_query",
    "freshness",
    "quoting",
];

/// Keys of resources that later stages will read.
const RESOURCE_OTHER: &[&str] = &[
    "versions",
    "latest_version",
    "constraints",
    "deprecation_date",
    "time_spine",
    "primary_key",
    "semantic_model",
    "agg_time_dimension",
    "metrics",
    "derived_semantics",
];

impl ResourceProperties {
    fn read(kind: &str, node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, kind, diagnostics)?;
        let resource = Self::read_fields(&mut fields, node.span)?;
        fields.finish(&format!("{kind} `{}`", resource.name));
        Some(resource)
    }

    fn read_fields(fields: &mut Fields<'_, '_>, owner: Span) -> Option<Self> {
        let (name, span) = fields.required_text("name", owner)?;
        fields.accept(RESOURCE_OTHER);
        let resource = ResourceProperties {
            description: fields.text("description").unwrap_or_default(),
            config: config_of(fields),
            tests: tests_of(fields),
            columns: columns_of(fields),
            name,
            span,
        };
        Some(resource)
    }
}

fn config_of(fields: &mut Fields<'_, '_>) -> Mapping {
    let mut config = Mapping::default();
    for key in BESIDE {
        if let Some(node) = fields.node(key) {
            config.entries.push(crate::yaml::Entry { key: (*key).to_owned(), key_span: node.span, node: node.clone() });
        }
    }
    if let Some(own) = fields.mapping("config") {
        config.entries.extend(own.entries.iter().cloned());
    }
    config
}

fn tests_of(fields: &mut Fields<'_, '_>) -> Vec<TestProperties> {
    let nodes: Vec<&Node> = fields.list("data_tests").iter().chain(fields.list("tests")).collect();
    nodes.into_iter().filter_map(|node| TestProperties::read(node, fields.diagnostics())).collect()
}

fn columns_of(fields: &mut Fields<'_, '_>) -> Vec<ColumnProperties> {
    let mut columns: Vec<ColumnProperties> = Vec::new();
    for node in fields.list("columns") {
        if let Some(column) = ColumnProperties::read(node, fields.diagnostics()) {
            if columns.iter().any(|known| known.name == column.name) {
                let message = format!("column `{}` is described twice", column.name);
                fields.diagnostics().push(Diagnostic::warning(codes::DUPLICATE_NAME, message).at(node.span));
                continue;
            }
            columns.push(column);
        }
    }
    columns
}

impl ColumnProperties {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a column", diagnostics)?;
        // `include`/`exclude` of a versioned model stand in the list of columns too.
        if node.as_map().is_some_and(|map| map.get("include").is_some()) {
            return None;
        }
        let (name, _) = fields.required_text("name", node.span)?;
        let config = fields.mapping("config");
        let in_config = |key: &str| config.and_then(|config| config.get(key));
        let meta = fields.mapping("meta").or_else(|| in_config("meta").and_then(Node::as_map));
        let tags = fields.texts("tags").or_else(|| {
            let node = in_config("tags")?;
            node.scalar()
                .map(|tag| vec![tag])
                .or_else(|| Some(node.as_list()?.iter().filter_map(Node::scalar).collect()))
        });
        let column = ColumnProperties {
            description: fields.text("description").unwrap_or_default(),
            data_type: fields.text("data_type"),
            quote: fields.flag("quote"),
            meta: meta.map(Mapping::to_json).unwrap_or_default(),
            tags: tags.unwrap_or_default(),
            tests: tests_of(&mut fields),
            name,
        };
        fields.accept(&["constraints", "docs", "policy_tags", "granularity", "dimension", "entity", "identifier"]);
        fields.finish(&format!("column `{}`", column.name));
        Some(column)
    }
}

impl SourceProperties {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a source", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let source = SourceProperties {
            description: fields.text("description").unwrap_or_default(),
            database: fields.text("database"),
            schema: fields.text("schema"),
            loader: fields.text("loader").unwrap_or_default(),
            config: config_of(&mut fields),
            tables: Vec::new(),
            name,
            span,
        };
        fields.accept(&["overrides", "tables", "catalog"]);
        let tables = fields.list("tables");
        fields.finish(&format!("source `{}`", source.name));
        let tables = tables.iter().filter_map(|table| SourceTable::read(table, diagnostics)).collect();
        Some(SourceProperties { tables, ..source })
    }
}

impl SourceTable {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a source table", diagnostics)?;
        let resource = ResourceProperties::read_fields(&mut fields, node.span)?;
        let identifier = fields.text("identifier");
        fields.accept(&["loader"]);
        let external = fields.node("external");
        fields.finish(&format!("source table `{}`", resource.name));
        let external = external.and_then(|external| External::read(external, diagnostics));
        Some(SourceTable { resource, identifier, external })
    }
}

impl MacroProperties {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a macro", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let description = fields.text("description").unwrap_or_default();
        let meta = fields.mapping("meta").map(Mapping::to_json).unwrap_or_default();
        let nodes = fields.list("arguments");
        fields.accept(&["docs", "config"]);
        fields.finish(&format!("macro `{name}`"));
        let arguments = nodes.iter().filter_map(|argument| {
            let mut fields = Fields::of(argument, "an argument", diagnostics)?;
            let (name, _) = fields.required_text("name", argument.span)?;
            Some((name, fields.text("type"), fields.text("description").unwrap_or_default()))
        });
        let arguments = arguments.collect();
        Some(MacroProperties { name, span, description, arguments, meta })
    }
}

impl ExposureProperties {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "an exposure", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let depends_on = fields.list("depends_on");
        let exposure = ExposureProperties {
            kind: fields.text("type").unwrap_or_default(),
            label: fields.text("label"),
            description: fields.text("description").unwrap_or_default(),
            maturity: fields.text("maturity"),
            url: fields.text("url"),
            owner: fields.mapping("owner").map(Mapping::to_json).unwrap_or_default(),
            depends_on: depends_on.iter().filter_map(|item| Some((item.scalar()?, item.span))).collect(),
            config: config_of(&mut fields),
            name,
            span,
        };
        fields.finish(&format!("exposure `{}`", exposure.name));
        Some(exposure)
    }
}
