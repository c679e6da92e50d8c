//! Sources: as many as nodes in some projects, so they are written as those are.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use super::column::Columns;
use super::{Writer, database};
use crate::manifest::{ConfigValues, Source, UniqueId};

impl<'a> Writer<'a> {
    pub(super) fn source(&'a self, source: &'a Source) -> SourceFields<'a> {
        SourceFields::of(self, source)
    }
}

/// A source table as the manifest has it.
#[derive(Serialize)]
pub(super) struct SourceFields<'a> {
    database: Option<&'a str>,
    schema: &'a str,
    name: &'a str,
    resource_type: &'static str,
    package_name: &'a str,
    path: &'a str,
    original_file_path: &'a str,
    unique_id: &'a UniqueId,
    fqn: &'a [String],
    source_name: &'a str,
    source_description: &'a str,
    loader: &'a str,
    identifier: &'a str,
    quoting: Quoting<'a>,
    loaded_at_field: Option<&'a Json>,
    loaded_at_query: Option<&'a Json>,
    freshness: Option<&'a Json>,
    external: Option<External<'a>>,
    description: &'a str,
    columns: Columns<'a>,
    meta: &'a Map<String, Json>,
    source_meta: &'a Map<String, Json>,
    tags: &'a [String],
    config: &'a ConfigValues,
    patch_path: (),
    unrendered_config: &'a ConfigValues,
    relation_name: String,
    created_at: f64,
    unrendered_database: Option<&'a str>,
    unrendered_schema: Option<&'a str>,
    doc_blocks: &'a [UniqueId],
}

impl<'a> SourceFields<'a> {
    fn of(writer: &Writer<'_>, source: &'a Source) -> Self {
        let config = |key: &str| source.config.values.get(key);
        let quoting = |key: &str| source.quoting.get(key);
        SourceFields {
            database: database(&source.relation.database),
            schema: &source.relation.schema,
            name: &source.name,
            resource_type: "source",
            package_name: &source.package,
            path: &source.path,
            original_file_path: &source.path,
            unique_id: &source.id,
            fqn: &source.fqn,
            source_name: &source.source,
            source_description: &source.source_description,
            loader: &source.loader,
            identifier: &source.relation.identifier,
            quoting: Quoting {
                database: quoting("database"),
                schema: quoting("schema"),
                identifier: quoting("identifier"),
                column: quoting("column"),
            },
            loaded_at_field: config("loaded_at_field"),
            loaded_at_query: config("loaded_at_query"),
            freshness: config("freshness"),
            external: source.external_json.as_ref().map(External),
            description: &source.description,
            columns: Columns(&source.columns),
            meta: source.config.meta(),
            source_meta: &source.source_meta,
            tags: &source.config.tags,
            config: &source.config.values,
            patch_path: (),
            unrendered_config: &source.unrendered_config,
            relation_name: source.relation.render_with(writer.dialect, writer.quoting.with(&source.quoting)),
            created_at: 0.0,
            unrendered_database: source.unrendered_database.as_deref(),
            unrendered_schema: source.unrendered_schema.as_deref(),
            doc_blocks: &source.doc_blocks,
        }
    }
}

#[derive(Serialize)]
struct Quoting<'a> {
    database: Option<&'a Json>,
    schema: Option<&'a Json>,
    identifier: Option<&'a Json>,
    column: Option<&'a Json>,
}

/// What is said of the files of a source: dbt's keys, said or not, then all others.
struct External<'a>(&'a Json);

impl Serialize for External<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const KEYS: [&str; 5] = ["location", "file_format", "row_format", "tbl_properties", "partitions"];
        let mut all: Map<String, Json> = KEYS.iter().map(|key| ((*key).to_owned(), Json::Null)).collect();
        if let Json::Object(own) = self.0 {
            all.extend(own.clone());
        }
        all.serialize(serializer)
    }
}
