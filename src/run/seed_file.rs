//! A seed's CSV file → Arrow. Types are told from the values: whole numbers, numbers, booleans, dates, time stamps, else text.
//! Columns with a declared type are read as text; the engine casts them.

use std::io::Cursor;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow_csv::ReaderBuilder;
use arrow_csv::reader::Format;
use regex::Regex;

use crate::base::{Fingerprint, HashMap, quoted_list};
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Node, Template};
use crate::source::{Location, SourceMap, Span, World};

/// The rows of a seed.
#[derive(Debug)]
pub struct SeedRows {
    /// Its columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

/// The files of seeds. What the types of a file are is found out once for a command, as long as the file stays the same: to look at each
/// of its values costs more than to read them.
#[derive(Debug, Default)]
pub struct SeedFiles(Mutex<HashMap<Fingerprint, Schema>>);

impl SeedFiles {
    /// Reads the file of a seed.
    ///
    /// # Errors
    /// When it cannot be read, is not CSV, or has other columns than its configs say.
    pub fn read(&self, world: &dyn World, sources: &SourceMap, node: &Node) -> Result<SeedRows, Diagnostic> {
        let text = text(world, sources, node)?;
        let rows = self.columns_of(&text, node).and_then(|schema| rows(&text, node, schema));
        rows.map_err(|error| located(sources, node, &text, &error))
    }

    /// The columns of the file of a seed.
    ///
    /// # Errors
    /// As [`read`](Self::read), but for values further down that do not fit.
    pub fn columns(&self, world: &dyn World, sources: &SourceMap, node: &Node) -> Result<SchemaRef, Diagnostic> {
        let text = text(world, sources, node)?;
        self.columns_of(&text, node).map_err(|error| located(sources, node, &text, &error))
    }

    /// The columns as they are named in SQL, with the types to read them by.
    fn columns_of(&self, text: &str, node: &Node) -> Result<SchemaRef, ArrowError> {
        let inferred = self.inferred(text, node)?;
        reject_unknown_types(&inferred, node)?;
        let declared =
            |name: &str| node.config.column_types.iter().any(|(column, _)| column.eq_ignore_ascii_case(name));
        let fields = inferred.fields().iter().map(|field| {
            let data_type = match field.data_type() {
                _ if declared(field.name()) => DataType::Utf8,
                DataType::Null => DataType::Utf8,
                other => other.clone(),
            };
            Ok(Field::new(column_name(field.name(), node)?, data_type, true))
        });
        Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>, ArrowError>>()?)))
    }

    /// The names of the file, and the types of all its values.
    fn inferred(&self, text: &str, node: &Node) -> Result<Schema, ArrowError> {
        let key = Fingerprint::of([&[delimiter(node)], text.as_bytes()]);
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let (inferred, _) = format(node)?.infer_schema(Cursor::new(text), None)?;
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, inferred.clone());
        Ok(inferred)
    }
}

/// The text of a seed's file.
fn text(world: &dyn World, sources: &SourceMap, node: &Node) -> Result<String, Diagnostic> {
    let Template::Seed(path) = &node.template else {
        return Err(Diagnostic::error(codes::INTERNAL, format!("`{}` is no seed", node.name)));
    };
    let bytes = world.read(path).map_err(|error| {
        Diagnostic::error(codes::FILE_UNREADABLE, format!("seed `{}` cannot be read: {error}", node.name)).at(node.span)
    })?;
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Diagnostic::error(codes::FILE_NOT_UTF8, format!("seed `{}` is not UTF-8: byte {at}", node.name)).at(node.span)
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    if let Some(delimiter) = node.config.delimiter.as_deref().filter(|delimiter| delimiter.len() != 1) {
        let message = format!("seed `{}`: `delimiter` is one character, not `{delimiter}`", node.name);
        return Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(node.span));
    }
    if let Some(at) = open_quote(&text, node) {
        let id = sources.add(&node.original_path, &text);
        let message = format!("seed `{}`: a value opens a quote that nothing closes", node.name);
        return Err(Diagnostic::error(codes::SOURCE_FILE, message).at(Span::new(id, at..at + 1)));
    }
    Ok(text)
}

fn delimiter(node: &Node) -> u8 {
    node.config.delimiter.as_deref().and_then(|text| text.bytes().next()).unwrap_or(b',')
}

/// Where the quote is that is still open at the end: the reader would take the rest of the file for one value.
fn open_quote(text: &str, node: &Node) -> Option<usize> {
    let delimiter = delimiter(node);
    let (mut open, mut closed, mut value_starts) = (None, None, true);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if open.is_some() => (open, closed) = (None, Some(at + 1)),
            // A doubled quote closes the value and opens it again; one inside of a value without quotes is a letter.
            b'"' if value_starts || closed == Some(at) => open = Some(at),
            _ => {}
        }
        value_starts = open.is_none() && (byte == delimiter || byte == b'\n' || byte == b'\r');
    }
    open
}

/// How a seed's file is written.
fn format(node: &Node) -> Result<Format, ArrowError> {
    let format = Format::default().with_header(true).with_delimiter(delimiter(node)).with_null_regex(nulls()?);
    // A row that ends early has no values in its last columns.
    Ok(format.with_truncated_rows(true))
}

fn rows(text: &str, node: &Node, schema: SchemaRef) -> Result<SeedRows, ArrowError> {
    let reader = ReaderBuilder::new(Arc::clone(&schema)).with_format(format(node)?).build(Cursor::new(text))?;
    Ok(SeedRows { schema, batches: reader.collect::<Result<_, _>>()? })
}

/// What stands for no value: nothing, and the word `null`.
fn nulls() -> Result<Regex, ArrowError> {
    Regex::new("(?i)^(null)?$").map_err(|error| ArrowError::ExternalError(Box::new(error)))
}

/// The name of a column of the file in SQL. Without `quote_columns` it is what a statement that names it without quotes would make: in
/// lower case. One that only quotes can name stays as it is, unless the project says that there are none.
fn column_name(name: &str, node: &Node) -> Result<String, ArrowError> {
    let quoted = node.config.values.get("quote_columns").and_then(serde_json::Value::as_bool);
    let mut letters = name.chars();
    let is_word = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_');
    match quoted {
        Some(true) => Ok(name.to_owned()),
        _ if is_word => Ok(name.to_lowercase()),
        None => Ok(name.to_owned()),
        Some(false) => Err(ArrowError::SchemaError(format!(
            "syntax error in the header: `{name}` is no name without quotes; is `delimiter` right? else set `quote_columns: true`"
        ))),
    }
}

/// `column_types` of a column that the file does not have would otherwise change nothing and say nothing.
fn reject_unknown_types(schema: &Schema, node: &Node) -> Result<(), ArrowError> {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let is_there = |name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    match node.config.column_types.iter().find(|(name, _)| !is_there(name)) {
        None => Ok(()),
        Some((name, _)) => Err(ArrowError::SchemaError(format!(
            "`column_types` names `{name}`, but the file has {}",
            quoted_list(&names)
        ))),
    }
}

/// The failure at the line of the file that the reader names.
fn located(sources: &SourceMap, node: &Node, text: &str, error: &ArrowError) -> Diagnostic {
    let message = match error {
        ArrowError::CsvError(message) | ArrowError::ParseError(message) | ArrowError::SchemaError(message) => {
            message.clone()
        }
        other => other.to_string(),
    };
    let said = unequal_lengths(&message).unwrap_or_else(|| message.clone());
    let diagnostic = Diagnostic::error(codes::SOURCE_FILE, format!("seed `{}`: {said}", node.name));
    let line = message.split("line ").nth(1).and_then(|rest| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<usize>().ok()
    });
    let Some(line) = line else { return diagnostic.at(node.span) };
    let id = sources.add(&node.original_path, text);
    let file = sources.get(id);
    let start = file.offset(Location { line, column: 1 });
    let end = text[start..].find('\n').map_or(text.len(), |length| start + length);
    diagnostic.at(Span::new(id, start..end))
}

/// `Encountered unequal lengths … Expected 2 records, found 3 records at line 3` in the words of who wrote the file.
fn unequal_lengths(message: &str) -> Option<String> {
    let (_, rest) = message.split_once(", expected ")?;
    let (expected, found) = rest.split_once(" got ")?;
    let fields = if found == "1" { "field" } else { "fields" };
    Some(format!("the row has {found} {fields} where {expected} are expected"))
}
