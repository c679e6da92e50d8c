//! `external:` of a source table: the files that are its rows.

use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Compression, CsvOptions, DeclaredColumn, FileFormat};
use crate::source::Span;
use crate::yaml::{Fields, Mapping, Node};

/// Where the files are and how they are written.
#[derive(Clone, Debug)]
pub struct External {
    /// Where this is said.
    pub span: Span,
    /// Paths and URLs, with globs.
    pub locations: Vec<String>,
    /// The format, where it is said.
    pub format: Option<FileFormat>,
    /// The compression, where it is said.
    pub compression: Option<Compression>,
    /// How CSV is written.
    pub csv: CsvOptions,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Hive partitions.
    pub partitions: Vec<DeclaredColumn>,
}

const FORMATS: &[(&str, FileFormat)] = &[
    ("csv", FileFormat::Csv),
    ("ndjson", FileFormat::NdJson),
    ("jsonl", FileFormat::NdJson),
    ("json", FileFormat::Json),
    ("parquet", FileFormat::Parquet),
    ("avro", FileFormat::Avro),
    ("arrow", FileFormat::Arrow),
    ("xlsx", FileFormat::Excel),
    ("excel", FileFormat::Excel),
];

const COMPRESSIONS: &[(&str, Compression)] =
    &[("none", Compression::None), ("gzip", Compression::Gzip), ("zstd", Compression::Zstd)];

impl External {
    /// Reads the mapping under `external:`.
    pub fn read(node: &Node, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut fields = Fields::of(node, "`external`", diagnostics)?;
        let Some(locations) = fields.texts("location") else {
            let message = "`external` has no `location`";
            fields.diagnostics().push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(node.span));
            return None;
        };
        let format_key =
            if node.as_map().is_some_and(|map| map.get("file_format").is_some()) { "file_format" } else { "format" };
        let (csv, sheet) =
            fields.mapping("options").map(|options| read_options(options, fields.diagnostics())).unwrap_or_default();
        let external = External {
            span: node.span,
            locations,
            format: one_of(&mut fields, format_key, FORMATS),
            compression: one_of(&mut fields, "compression", COMPRESSIONS),
            csv,
            sheet,
            partitions: partitions(&mut fields),
        };
        fields.accept(&["format", "file_format", "row_format", "tbl_properties"]);
        fields.finish("`external`");
        Some(external)
    }
}

fn one_of<T: Copy>(fields: &mut Fields<'_, '_>, key: &'static str, values: &[(&str, T)]) -> Option<T> {
    let (text, span) = fields.placed_text(key)?;
    let found = values.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
        let message = format!("`{key}` is one of {}, not `{text}`", quoted_list(&names));
        fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(span));
    }
    found
}

fn read_options(options: &Mapping, diagnostics: &mut Diagnostics) -> (CsvOptions, Option<String>) {
    let mut fields = Fields::new(options, diagnostics);
    let default = CsvOptions::default();
    let csv = CsvOptions {
        header: fields.flag("header").unwrap_or(default.header),
        delimiter: byte(&mut fields, "delimiter").unwrap_or(default.delimiter),
        quote: byte(&mut fields, "quote").unwrap_or(default.quote),
        escape: byte(&mut fields, "escape"),
        null_value: fields.text("null_value"),
    };
    let sheet = fields.text("sheet");
    fields.finish("`options`");
    (csv, sheet)
}

/// A character that is one byte in UTF-8, as CSV readers take it; `\t` may be written with the backslash.
fn byte(fields: &mut Fields<'_, '_>, key: &'static str) -> Option<u8> {
    let (text, span) = fields.placed_text(key)?;
    match text.as_bytes() {
        [byte] => Some(*byte),
        b"\\t" => Some(b'\t'),
        _ => {
            let message = format!("`{key}` must be one ASCII character, not `{text}`");
            fields.diagnostics().push(Diagnostic::error(codes::CONFIG_VALUE, message).at(span));
            None
        }
    }
}

fn partitions(fields: &mut Fields<'_, '_>) -> Vec<DeclaredColumn> {
    let mut found = Vec::new();
    for node in fields.list("partitions") {
        let column = match node.as_text() {
            Some(name) => Some(DeclaredColumn { name: name.to_owned(), data_type: None }),
            None => partition(node, fields.diagnostics()),
        };
        found.extend(column);
    }
    found
}

fn partition(node: &Node, diagnostics: &mut Diagnostics) -> Option<DeclaredColumn> {
    let mut fields = Fields::of(node, "a partition", diagnostics)?;
    let (name, _) = fields.required_text("name", node.span)?;
    let data_type = fields.text("data_type");
    fields.accept(&["description", "vals", "path_macro"]);
    fields.finish("a partition");
    Some(DeclaredColumn { name, data_type })
}
