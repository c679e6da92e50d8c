//! What the beginning of a CSV file tells: the names of its columns, and the types of their values.
//!
//! DataFusion reads columns by position; we find them by name, and so need the names of each file. It also looks for types chunk by chunk,
//! cut at any line break, though a value may hold one.

use std::sync::Arc;

use arrow::datatypes::{DataType, FieldRef, Schema};
use arrow_csv::reader::Format as Csv;
use object_store::{ObjectMeta, ObjectStore};

use super::format::{Format, null_pattern};
use super::head;
use crate::engine::{CsvOptions, EngineError, ErrorKind};

/// How many rows are looked at for the types of columns, and how many bytes at most.
const ROWS: usize = 1000;
const BYTES: usize = 1 << 19;

/// The names of a file's columns, without a byte order mark and without spaces around them.
///
/// # Errors
/// [`ErrorKind::SourceFile`] when the file cannot be read, has no header, or names two columns alike.
pub(super) async fn names(
    store: &Arc<dyn ObjectStore>,
    file: &ObjectMeta,
    format: Format,
    csv: &CsvOptions,
) -> Result<Vec<String>, EngineError> {
    let mut rows = Rows::of(csv);
    let line = head::read(store, file, format, |bytes| rows.find(bytes, 1).then_some(rows.end)).await?;
    let (schema, _) = reader(csv)?.with_header(true).infer_schema(without_mark(&line), Some(0))?;
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().trim().to_owned()).collect();
    if names.is_empty() {
        return Err(EngineError::new(ErrorKind::SourceFile, "the file has no header"));
    }
    if let Some(name) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name)) {
        return Err(EngineError::new(ErrorKind::SourceFile, format!("two columns are named `{name}` in the header")));
    }
    Ok(names)
}

/// The columns of a file by the values in its first rows.
///
/// # Errors
/// [`ErrorKind::SourceFile`] when the file cannot be read, or a row has more fields than the first, or fewer.
pub(super) async fn types(
    store: &Arc<dyn ObjectStore>,
    file: &ObjectMeta,
    format: Format,
    csv: &CsvOptions,
) -> Result<Schema, EngineError> {
    let mut rows = Rows::of(csv);
    let enough = |bytes: &[u8]| {
        let is_enough = rows.find(bytes, ROWS + 1) || bytes.len() > BYTES && rows.end > 0;
        is_enough.then_some(rows.end)
    };
    let head = head::read(store, file, format, enough).await?;
    let (schema, _) = reader(csv)?.with_header(csv.header).infer_schema(without_mark(&head), Some(ROWS))?;
    let as_read = |field: &FieldRef| match field.data_type() {
        DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
        _ => Arc::clone(field),
    };
    Ok(Schema::new(schema.fields().iter().map(as_read).collect::<Vec<_>>()))
}

fn reader(csv: &CsvOptions) -> Result<Csv, EngineError> {
    let reader = Csv::default().with_delimiter(csv.delimiter).with_quote(csv.quote);
    let reader = match csv.escape {
        Some(escape) => reader.with_escape(escape),
        None => reader,
    };
    let null = null_pattern(csv).map(|pattern| regex::Regex::new(&pattern)).transpose();
    let null = null.map_err(|error| EngineError::new(ErrorKind::SourceFile, error.to_string()))?;
    Ok(match null {
        Some(null) => reader.with_null_regex(null),
        None => reader,
    })
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes)
}

/// Looks for the ends of rows; a line break inside of quotes is none.
struct Rows {
    quote: u8,
    escape: Option<u8>,
    /// The bytes that have been looked at.
    seen: usize,
    is_quoted: bool,
    count: usize,
    /// Where the last row ends that was found.
    end: usize,
}

impl Rows {
    fn of(csv: &CsvOptions) -> Self {
        Rows { quote: csv.quote, escape: csv.escape, seen: 0, is_quoted: false, count: 0, end: 0 }
    }

    /// Looks at what has been added to the bytes of the file. Whether so many rows are found.
    fn find(&mut self, bytes: &[u8], wanted: usize) -> bool {
        while self.count < wanted
            && let Some(byte) = bytes.get(self.seen)
        {
            let is_escape = self.is_quoted && self.escape == Some(*byte) && *byte != self.quote;
            self.is_quoted ^= *byte == self.quote;
            self.seen += if is_escape { 2 } else { 1 };
            if *byte == b'\n' && !self.is_quoted {
                self.count += 1;
                self.end = self.seen;
            }
        }
        self.count == wanted
    }
}
