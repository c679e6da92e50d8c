//! Rows a folder for each value of some columns: `country=de/day=2024-01-01/part-0.csv`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch};
use datafusion::arrow::compute::partition;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};

use super::writer::Writer;
use crate::engine::{EngineError, ErrorKind};

/// What Hive writes for null, and for the empty text, which no folder can be told by.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The files of partitions, one open at a time: rows come sorted by the columns. Nulls and empty texts share a folder, but not a file: they
/// are not beside each other.
pub(super) struct Folders {
    /// Names and places of the columns.
    columns: Vec<(String, usize)>,
    /// The places of the others, which are in the files.
    others: Vec<usize>,
    schema: SchemaRef,
    ending: String,
    /// How many files each folder has.
    files: HashMap<PathBuf, usize>,
    open: Option<(PathBuf, Writer)>,
}

impl Folders {
    /// No folder yet, of rows with the columns of `schema`.
    ///
    /// # Errors
    /// When a column is not there, or has a name that no folder can have.
    pub(super) fn new(names: &[String], ending: String, schema: SchemaRef) -> Result<Self, EngineError> {
        if let Some(name) = names.iter().find(|name| encoded(name) != **name) {
            let message = format!("`partition_by` names column `{name}`, which no folder can be called by");
            return Err(EngineError::new(ErrorKind::Plan, message).help("give the column another name with `as`"));
        }
        let columns = names.iter().map(|name| Ok((name.clone(), schema.index_of(name)?)));
        let columns = columns.collect::<Result<Vec<_>, EngineError>>()?;
        let others: Vec<usize> =
            (0..schema.fields().len()).filter(|at| columns.iter().all(|(_, column)| column != at)).collect();
        let schema = Arc::new(Schema::new(schema.project(&others)?.fields().clone()));
        Ok(Folders { columns, others, schema, ending, files: HashMap::new(), open: None })
    }

    /// Writes rows to the files of their partitions, which `open` opens.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn write(
        &mut self,
        batch: &RecordBatch,
        open: impl Fn(&Path, SchemaRef) -> Result<Writer, EngineError>,
    ) -> Result<(), EngineError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let keys: Vec<ArrayRef> = self.columns.iter().map(|(_, at)| Arc::clone(batch.column(*at))).collect();
        let rest = batch.project(&self.others)?;
        for range in partition(&keys)?.ranges() {
            let folder = self.folder(&keys, range.start)?;
            if self.open.as_ref().is_none_or(|(known, _)| *known != folder) {
                self.close()?;
                let number = self.files.entry(folder.clone()).or_default();
                let writer = open(&folder.join(format!("part-{number}.{}", self.ending)), Arc::clone(&self.schema))?;
                *number += 1;
                self.open = Some((folder, writer));
            }
            if let Some((_, writer)) = &mut self.open {
                writer.write(&rest.slice(range.start, range.len()))?;
            }
        }
        Ok(())
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub(super) fn finish(mut self) -> Result<(), EngineError> {
        self.close()
    }

    fn close(&mut self) -> Result<(), EngineError> {
        self.open.take().map_or(Ok(()), |(_, writer)| writer.finish())
    }

    fn folder(&self, keys: &[ArrayRef], row: usize) -> Result<PathBuf, EngineError> {
        let mut path = PathBuf::new();
        for ((name, _), key) in self.columns.iter().zip(keys) {
            let text = match key.is_null(row) {
                true => String::new(),
                false => ArrayFormatter::try_new(key, &FormatOptions::default())?.value(row).to_string(),
            };
            let value = if text.is_empty() { NULL.to_owned() } else { encoded(&text) };
            path.push(format!("{name}={value}"));
        }
        Ok(path)
    }
}

/// The text with `%` and two digits for what no name of a folder can hold, as Hive writes it.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"'
            | '#'
            | '%'
            | '\''
            | '*'
            | '/'
            | ':'
            | '='
            | '?'
            | '\\'
            | '{'
            | '['
            | ']'
            | '^'
            | '\u{0}'..='\u{1f}'
            | '\u{7f}' => {
                out.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::encoded;

    #[test]
    fn what_is_no_name_is_encoded() {
        assert_eq!(encoded("a/b=c %2F ä.\n"), "a%2Fb%3Dc %252F ä.%0A");
    }
}
