//! Hive partitions: columns whose values are in the folders' names, `year=2026/month=01/`.

use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Schema};
use datafusion::catalog::Session;
use datafusion::common::ToDFSchema;
use datafusion::execution::SessionState;
use datafusion::logical_expr::Expr;
use datafusion::scalar::ScalarValue;

use super::fault::Fault;
use super::location::FoundFile;
use crate::engine::datafusion::session::data_type;
use crate::engine::{DeclaredColumn, EngineError};

/// What Hive writes for null.
const NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// The partition columns of a source, and the values of each of its files.
#[derive(Debug)]
pub(super) struct Partitions {
    /// The columns, from the root to the leaf.
    pub(super) fields: Vec<FieldRef>,
    /// The values of each file, in the order of the files.
    pub(super) values: Vec<Vec<ScalarValue>>,
}

impl Partitions {
    /// Reads the partitions out of the paths: those that are declared, else those that are there.
    ///
    /// # Errors
    /// [`ErrorKind::SourceFile`] naming a file that is not in the partitions of the others, or whose value does not fit.
    pub(super) fn read(
        state: &SessionState,
        declared: &[DeclaredColumn],
        files: &[FoundFile],
        project_dir: &Path,
    ) -> Result<Self, EngineError> {
        let names =
            if declared.is_empty() { detected(files) } else { declared.iter().map(|c| c.name.clone()).collect() };
        let mut texts = Vec::with_capacity(files.len());
        for file in files {
            let values = values_of(file, &names, !declared.is_empty());
            texts.push(values.map_err(|fault| fault.in_file(&file.shown(project_dir)))?);
        }
        let mut fields = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let declared = declared.get(at).and_then(|column| column.data_type.as_deref());
            let data_type = match declared {
                Some(sql_type) => data_type(state, sql_type, name)?,
                None => inferred(texts.iter().map(|values| values[at].as_deref())),
            };
            fields.push(Arc::new(Field::new(name, data_type, true)));
        }
        let values = files
            .iter()
            .zip(texts)
            .map(|(file, texts)| typed(&fields, texts).map_err(|fault| fault.in_file(&file.shown(project_dir))));
        let values = values.collect::<Result<_, _>>()?;
        Ok(Partitions { fields, values })
    }

    /// Which files can hold rows for these filters. Filters on other columns are passed over.
    ///
    /// # Errors
    /// When a filter cannot be evaluated.
    pub(super) fn keep(&self, session: &dyn Session, filters: &[Expr]) -> Result<Vec<bool>, EngineError> {
        let mut keep = vec![true; self.values.len()];
        let filters: Vec<&Expr> = filters.iter().filter(|filter| self.decides(filter)).collect();
        if filters.is_empty() || self.values.is_empty() {
            return Ok(keep);
        }
        let batch = self.batch()?;
        let schema = batch.schema().to_dfschema()?;
        for filter in filters {
            let filter = session.create_physical_expr(filter.clone(), &schema)?;
            let verdict = filter.evaluate(&batch)?.into_array(batch.num_rows())?;
            if let Some(verdict) = verdict.as_any().downcast_ref::<BooleanArray>() {
                keep.iter_mut().enumerate().for_each(|(at, keep)| *keep &= verdict.is_valid(at) && verdict.value(at));
            }
        }
        Ok(keep)
    }

    /// Whether a filter is about partitions alone.
    pub(super) fn decides(&self, filter: &Expr) -> bool {
        let columns = filter.column_refs();
        let known = |name: &str| self.fields.iter().any(|field| field.name() == name);
        !columns.is_empty() && !filter.is_volatile() && columns.iter().all(|column| known(&column.name))
    }

    /// A row of partition values for each file.
    fn batch(&self) -> Result<RecordBatch, EngineError> {
        let column = |at: usize| ScalarValue::iter_to_array(self.values.iter().map(|values| values[at].clone()));
        let columns = (0..self.fields.len()).map(column).collect::<Result<Vec<ArrayRef>, _>>()?;
        Ok(RecordBatch::try_new(Arc::new(Schema::new(self.fields.clone())), columns)?)
    }
}

/// The `name=value` folders of a path.
fn pairs(path: &str) -> impl Iterator<Item = (&str, &str)> {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').filter_map(|folder| folder.split_once('=')).filter(|(name, _)| !name.is_empty())
}

fn below(file: &FoundFile) -> &str {
    file.meta.location.as_ref().get(file.fixed..).unwrap_or_default()
}

/// The partitions that the first file is in; the others must be in the same.
fn detected(files: &[FoundFile]) -> Vec<String> {
    files.first().map(|file| pairs(below(file)).map(|(name, _)| name.to_owned()).collect()).unwrap_or_default()
}

fn values_of(file: &FoundFile, names: &[String], declared: bool) -> Result<Vec<Option<String>>, Fault> {
    // Declared partitions may be in the fixed part of the location; detected ones are not looked for there.
    let path = if declared { file.meta.location.as_ref() } else { below(file) };
    let found: Vec<(&str, &str)> = pairs(path).collect();
    if !declared && let Some((name, _)) = found.iter().find(|(name, _)| names.iter().all(|known| known != name)) {
        return Err(Fault::new(format!("it is in a partition `{name}`, but other files of the source are not")));
    }
    let value = |name: &String| {
        let value = found.iter().rev().find(|(found, _)| found == name);
        let (_, text) = value.ok_or_else(|| Fault::new(format!("no folder `{name}=…` is in its path")))?;
        Ok((*text != NULL).then(|| decode(text)))
    };
    names.iter().map(value).collect()
}

/// Integers where all values are, else text.
fn inferred<'a>(values: impl Iterator<Item = Option<&'a str>>) -> DataType {
    let mut values = values.flatten().peekable();
    let integers = values.peek().is_some() && values.all(|value| value.parse::<i64>().is_ok());
    if integers { DataType::Int64 } else { DataType::Utf8View }
}

fn typed(fields: &[FieldRef], texts: Vec<Option<String>>) -> Result<Vec<ScalarValue>, Fault> {
    let value = |(field, text): (&FieldRef, Option<String>)| {
        let value = match &text {
            None => ScalarValue::try_from(field.data_type()),
            Some(text) => ScalarValue::try_from_string(text.clone(), field.data_type()),
        };
        value.map_err(|_| {
            let (name, data_type) = (field.name(), field.data_type());
            Fault::new(format!("partition `{name}={}` is not of type {data_type}", text.unwrap_or_default()))
        })
    };
    fields.iter().zip(texts).map(value).collect()
}

/// Undoes the percent-encoding that writers of partitions use.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        match after.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(b'%');
                rest = after;
            }
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
