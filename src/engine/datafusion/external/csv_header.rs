//! The header of a CSV file. DataFusion reads columns by position; we find them by name, and so need the names of each file.

use std::sync::Arc;

use arrow_csv::reader::Format as Csv;
use object_store::{ObjectMeta, ObjectStore};

use super::format::Format;
use super::head;
use crate::engine::{CsvOptions, EngineError, ErrorKind};

/// The names of a file's columns, without a byte order mark and without spaces around them.
///
/// # Errors
/// [`ErrorKind::SourceFile`] when the file cannot be read, has no header, or names two columns alike.
pub(super) async fn read(
    store: &Arc<dyn ObjectStore>,
    file: &ObjectMeta,
    format: Format,
    csv: &CsvOptions,
) -> Result<Vec<String>, EngineError> {
    let line = head::read(store, file, format, |bytes| end_of_line(bytes, csv.quote)).await?;
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line);
    let mut reader = Csv::default().with_header(true).with_delimiter(csv.delimiter).with_quote(csv.quote);
    if let Some(escape) = csv.escape {
        reader = reader.with_escape(escape);
    }
    let (schema, _) = reader.infer_schema(line, Some(0))?;
    let names: Vec<String> = schema.fields().iter().map(|field| field.name().trim().to_owned()).collect();
    if names.is_empty() {
        return Err(EngineError::new(ErrorKind::SourceFile, "the file has no header"));
    }
    if let Some(name) = names.iter().enumerate().find_map(|(at, name)| names[..at].contains(name).then_some(name)) {
        return Err(EngineError::new(ErrorKind::SourceFile, format!("two columns are named `{name}` in the header")));
    }
    Ok(names)
}

/// Where the first line ends; a line break inside quotes belongs to it.
fn end_of_line(bytes: &[u8], quote: u8) -> Option<usize> {
    let mut quoted = false;
    bytes.iter().position(|byte| {
        quoted ^= *byte == quote;
        !quoted && *byte == b'\n'
    })
}
