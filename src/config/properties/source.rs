//! Sources and their tables.

use serde_json::{Map, Value as Json};

use super::column::texts;
use super::freshness::Freshness;
use super::resource::ResourceProperties;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// A source: a schema that others write.
#[derive(Clone, Debug)]
pub struct SourceProperties {
    /// The name that `source()` uses first.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// Markdown.
    pub description: Option<String>,
    /// The database; the target's where absent.
    pub database: Option<String>,
    /// The schema; the source's name where absent.
    pub schema: Option<String>,
    /// The database as written, Jinja not rendered.
    pub unrendered_database: Option<String>,
    /// The schema as written.
    pub unrendered_schema: Option<String>,
    /// Who loads it.
    pub loader: Option<String>,
    /// What holds for all tables that say nothing else.
    pub level: SourceLevel,
    /// The package whose source of this name is changed, where this is a change of another's source.
    pub overrides: Option<String>,
    /// Its tables.
    pub tables: Vec<SourceTable>,
}

/// A table of a source.
#[derive(Clone, Debug)]
pub struct SourceTable {
    /// Name, description, configs, columns, tests.
    pub resource: ResourceProperties,
    /// What holds for it.
    pub level: SourceLevel,
    /// The name in the database where it is another.
    pub identifier: Option<String>,
    /// `external:` as written, for a table that is files: what it says is for the engine to read.
    pub external: Option<Node>,
}

/// What can be said of a source and of each of its tables.
#[derive(Clone, Debug)]
pub struct SourceLevel {
    /// `config:`.
    pub config: Mapping,
    /// Free facts beside `config:`, then those in it.
    pub meta: Map<String, Json>,
    /// Tags beside `config:`, then those in it.
    pub tags: Vec<String>,
    /// Only those beside it: tests of the source get them too.
    pub tags_beside: Vec<String>,
    /// Which parts of names are quoted.
    pub quoting: Map<String, Json>,
    /// How old the rows may be, beside `config:` and in it; `None` where it is set to nothing.
    pub freshness: [Option<Freshness>; 2],
    /// The column that tells when a row was loaded.
    pub loaded_at_field: Option<String>,
    /// Whether that is said, also when it is said to be nothing.
    pub has_loaded_at_field: bool,
    /// The query that tells it.
    pub loaded_at_query: Option<String>,
}

impl SourceProperties {
    /// Reads an item of `sources:`.
    pub(super) fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a source", diagnostics)?;
        let (name, span) = fields.required_text("name", node.span)?;
        let mut source = SourceProperties {
            description: fields.text("description"),
            database: first_text(&mut fields, &["database", "project", "catalog", "dbname"]),
            schema: first_text(&mut fields, &["schema", "dataset"]),
            unrendered_database: None,
            unrendered_schema: None,
            loader: fields.text("loader"),
            level: SourceLevel::read(&mut fields, node),
            overrides: fields.text("overrides"),
            tables: Vec::new(),
            name,
            span,
        };
        let tables = fields.list("tables");
        fields.finish(&format!("source `{}`", source.name));
        source.tables = tables.iter().filter_map(|table| SourceTable::read(table, diagnostics)).collect();
        Some(source)
    }
}

/// dbt's adapters have names of their own for parts of a relation's name.
fn first_text(fields: &mut Fields<'_, '_>, keys: &[&'static str]) -> Option<String> {
    keys.iter().fold(None, |found, key| {
        let text = fields.text(key);
        found.or(text)
    })
}

impl SourceTable {
    fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "a source table", diagnostics)?;
        let level = SourceLevel::read(&mut fields, node);
        let resource = ResourceProperties::read_fields(&mut fields, node.span, &[])?;
        let identifier = first_text(&mut fields, &["identifier", "table"]);
        fields.accept(&["loader", "docs"]);
        let external = fields.node("external");
        fields.finish(&format!("source table `{}`", resource.name));
        let external = external.cloned();
        Some(SourceTable { resource, level, identifier, external })
    }
}

impl SourceLevel {
    fn read(fields: &mut Fields<'_, '_>, node: &Node) -> Self {
        let config = fields.mapping("config").cloned().unwrap_or_default();
        let mut meta = fields.mapping("meta").map(Mapping::to_json).unwrap_or_default();
        meta.extend(config.get("meta").and_then(Node::as_map).map(Mapping::to_json).unwrap_or_default());
        let tags_beside = fields.node("tags").map(texts).unwrap_or_default();
        let mut tags = tags_beside.clone();
        tags.extend(config.get("tags").map(texts).unwrap_or_default());
        let own = node.as_map();
        let beside = own.and_then(|map| map.get("freshness"));
        fields.accept(&["freshness"]);
        let mut read = |node: Option<&Node>| Freshness::read(node, fields.diagnostics());
        let freshness = [read(beside), read(config.get("freshness"))];
        let in_config = |key: &str| config.get(key).and_then(Node::scalar);
        let level = SourceLevel {
            quoting: fields.mapping("quoting").map(Mapping::to_json).unwrap_or_default(),
            loaded_at_field: fields.text("loaded_at_field").or_else(|| in_config("loaded_at_field")),
            has_loaded_at_field: own.is_some_and(|map| map.get("loaded_at_field").is_some())
                || in_config("loaded_at_field").is_some(),
            loaded_at_query: fields.text("loaded_at_query").or_else(|| in_config("loaded_at_query")),
            freshness,
            config,
            meta,
            tags,
            tags_beside,
        };
        level.check(own, fields.diagnostics());
        level
    }

    fn check(&self, node: Option<&Mapping>, diagnostics: &mut Diagnostics) {
        let place = |key: &str| {
            let beside = node.and_then(|map| map.get(key));
            beside.or_else(|| self.config.get(key)).map(|node| node.span)
        };
        if let (Some(_), Some(_), Some(at)) = (&self.loaded_at_field, &self.loaded_at_query, place("loaded_at_query")) {
            let message = "`loaded_at_field` and `loaded_at_query` exclude each other";
            diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at));
        }
        if let (Some(""), Some(at)) = (self.loaded_at_field.as_deref(), place("loaded_at_field")) {
            let message = "`loaded_at_field` is empty";
            diagnostics
                .push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at).help("leave it out, or set it to `null`"));
        }
    }
}
