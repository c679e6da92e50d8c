//! Workbooks of Excel and LibreOffice: the cells of a sheet as rows.
//!
//! A cell has the type of its value, a column the one that holds all of them: whole numbers, numbers, truth values, dates, times and
//! timestamps, else text. Spreadsheets know no other numbers than doubles; those without a fraction are whole. `#N/A` is null, every other
//! error of a formula is one here, too. A workbook is read as a whole, which is what its format asks for; a sheet ends at 1,048,576 rows.

use std::io::Cursor;
use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch, StringViewArray};
use arrow::array::{Time64MicrosecondArray, TimestampMicrosecondArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use calamine::{CellErrorType, Data, ExcelDateTime, Range, Reader, Sheets, open_workbook_auto_from_rs};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use datafusion::common::runtime::SpawnedTask;
use datafusion::common::{DataFusionError, Result};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use futures::{FutureExt, StreamExt, TryFutureExt, TryStreamExt};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use super::fault::Fault;
use crate::engine::{EngineError, ErrorKind, ExternalTable};

/// The day that serial numbers count from, as days since 1970, from March 1900 on: Excel takes 1900 for a leap year.
const EPOCH: f64 = -25569.0;
/// How many days later workbooks of old Macs begin to count.
const EPOCH_1904: f64 = 1462.0;
const MICROS_A_DAY: f64 = 86_400e6;

/// Whole numbers that a double holds exactly.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Which cells of a workbook are rows, and what they are called.
#[derive(Clone, Debug, Default)]
pub(super) struct Sheet {
    /// The sheet's name; the first sheet where absent.
    pub(super) name: Option<String>,
    /// Whether the first row names the columns.
    pub(super) header: bool,
    /// The names of the columns where no row has them; `column_1`, … where these end.
    pub(super) names: Vec<String>,
    /// The text that stands for null.
    pub(super) null: Option<String>,
}

impl Sheet {
    /// The rows that a source declares.
    pub(super) fn of(table: &ExternalTable) -> Self {
        Sheet {
            name: table.sheet.clone(),
            header: table.csv.header,
            names: table.columns.iter().map(|column| column.name.clone()).collect(),
            null: table.csv.null_value.clone(),
        }
    }
}

/// The columns of a workbook's sheet.
///
/// # Errors
/// [`ErrorKind::SourceFile`] when it is none, has no such sheet, or a cell is an error.
pub(super) async fn infer(
    store: &Arc<dyn ObjectStore>,
    file: &ObjectMeta,
    sheet: Sheet,
) -> Result<SchemaRef, EngineError> {
    let cells = Cells::read(store, file, sheet).await?;
    let columns = (0..cells.names.len()).map(|at| {
        let kind = cells.column(at).try_fold(Kind::Empty, |kind, (row, cell)| match kind_of(cell) {
            Some(other) => Ok(kind.with(other)),
            None => Err(cells.fault(row, at, cell)),
        })?;
        Ok(Field::new(&cells.names[at], kind.data_type(), true))
    });
    Ok(Arc::new(Schema::new(columns.collect::<Result<Vec<_>, EngineError>>()?)))
}

/// A workbook whose rows are read when they are asked for.
#[derive(Debug)]
pub(super) struct Workbook {
    /// Where the file is.
    pub(super) store: Arc<dyn ObjectStore>,
    /// The file, with the values of its partitions.
    pub(super) file: PartitionedFile,
    /// Which cells are the rows.
    pub(super) sheet: Sheet,
    /// The file as messages name it.
    pub(super) shown: String,
    /// The columns of the sheet as [`infer`] found them, then the partitions.
    pub(super) schema: SchemaRef,
}

impl PartitionStream for Workbook {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, cx: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (store, file, sheet) = (Arc::clone(&self.store), self.file.clone(), self.sheet.clone());
        let (shown, schema) = (self.shown.clone(), Arc::clone(&self.schema));
        let size = cx.session_config().batch_size();
        let rows = async move {
            let cells = Cells::read(&store, &file.object_meta, sheet).await?;
            cells.batches(&schema, &file, size)
        };
        let located = move |error| DataFusionError::from(Fault::of(&error, &Schema::empty()).in_file(&shown));
        let rows = rows.map_ok(|batches| futures::stream::iter(batches.into_iter().map(Ok)));
        let rows = rows.map_err(located).into_stream().try_flatten();
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows.boxed()))
    }
}

/// The rows of a sheet.
struct Cells {
    names: Vec<String>,
    range: Range<Data>,
    sheet: Sheet,
}

impl Cells {
    async fn read(store: &Arc<dyn ObjectStore>, file: &ObjectMeta, sheet: Sheet) -> Result<Self, EngineError> {
        let bytes = store.get(&file.location).and_then(|found| found.bytes()).await.map_err(wrong)?;
        let read = SpawnedTask::spawn_blocking(move || {
            let mut book = open_workbook_auto_from_rs(Cursor::new(bytes)).map_err(wrong)?;
            let range = range(&mut book, sheet.name.as_deref())?;
            let names = names(&range, &sheet)?;
            Ok(Cells { names, range, sheet })
        });
        read.join().await.map_err(wrong)?
    }

    /// How many rows are above those that count.
    fn above(&self) -> usize {
        usize::from(self.sheet.header)
    }

    /// The cells of a column and the rows they are in, without those that are null.
    fn column(&self, at: usize) -> impl Iterator<Item = (usize, &Data)> {
        let rows = (0..self.range.height()).skip(self.above());
        rows.filter_map(move |row| Some((row, self.value(row, at)?)))
    }

    /// The value of a cell; none where it stands for null.
    fn value(&self, row: usize, at: usize) -> Option<&Data> {
        self.range.get((row, at)).filter(|cell| match cell {
            Data::Empty | Data::Error(CellErrorType::NA) => false,
            Data::String(text) => !text.is_empty() && Some(text) != self.sheet.null.as_ref(),
            _ => true,
        })
    }

    fn batches(
        &self,
        schema: &SchemaRef,
        file: &PartitionedFile,
        size: usize,
    ) -> Result<Vec<RecordBatch>, EngineError> {
        let rows: Vec<usize> = (0..self.range.height()).skip(self.above()).collect();
        let own = schema.fields().len().saturating_sub(file.partition_values.len());
        let batch = |rows: &[usize]| {
            let columns = schema.fields().iter().take(own).enumerate();
            let columns = columns.map(|(at, field)| self.array(rows, at, field.data_type()));
            let partitions = file.partition_values.iter().map(|value| Ok(value.to_array_of_size(rows.len())?));
            Ok(RecordBatch::try_new(Arc::clone(schema), columns.chain(partitions).collect::<Result<_, _>>()?)?)
        };
        rows.chunks(size.max(1)).map(batch).collect()
    }

    /// The cells of some rows as a column.
    fn array(&self, rows: &[usize], at: usize, data_type: &DataType) -> Result<ArrayRef, EngineError> {
        match data_type {
            DataType::Boolean => self.build::<_, BooleanArray>(rows, at, |cell| match cell {
                Data::Bool(value) => Some(*value),
                _ => None,
            }),
            DataType::Int64 => self.build::<_, Int64Array>(rows, at, whole),
            DataType::Float64 => self.build::<_, Float64Array>(rows, at, number),
            DataType::Date32 => {
                self.build::<_, Date32Array>(rows, at, |cell| i32::try_from(micros(cell)?.div_euclid(DAY)).ok())
            }
            DataType::Time64(_) => self.build::<_, Time64MicrosecondArray>(rows, at, time),
            DataType::Timestamp(..) => self.build::<_, TimestampMicrosecondArray>(rows, at, micros),
            _ => self.build::<_, StringViewArray>(rows, at, text),
        }
    }

    fn build<T, A>(
        &self,
        rows: &[usize],
        at: usize,
        value: impl Fn(&Data) -> Option<T>,
    ) -> Result<ArrayRef, EngineError>
    where
        A: arrow::array::Array + FromIterator<Option<T>> + 'static,
    {
        let cell = |row: &usize| match self.value(*row, at) {
            None => Ok(None),
            Some(cell) => value(cell).map(Some).ok_or_else(|| self.fault(*row, at, cell)),
        };
        Ok(Arc::new(rows.iter().map(cell).collect::<Result<A, EngineError>>()?))
    }

    /// What is wrong with a cell: it is an error, or another one than it was when the columns were looked at.
    fn fault(&self, row: usize, at: usize, cell: &Data) -> EngineError {
        let (top, left) = self.range.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
        let place = format!("{}{}", letters(left + at), top + row + 1);
        let message = match cell {
            Data::Error(error) => format!("cell {place} of column `{}` is an error: {error}", self.names[at]),
            other => format!("cell {place} of column `{}` has changed while it was read: {other}", self.names[at]),
        };
        EngineError::new(ErrorKind::SourceFile, message)
    }
}

fn wrong(error: impl std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::SourceFile, format!("the workbook cannot be read: {error}"))
}

fn range<B: AsRef<[u8]>>(book: &mut Sheets<Cursor<B>>, name: Option<&str>) -> Result<Range<Data>, EngineError> {
    let names = book.sheet_names();
    let found = match name {
        None => names.first(),
        Some(name) => names.iter().find(|known| known.eq_ignore_ascii_case(name)),
    };
    let Some(found) = found else {
        let message = format!("it has no sheet `{}`", name.unwrap_or_default());
        let known = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        return Err(EngineError::new(ErrorKind::SourceFile, message).help(format!("its sheets are {known}")));
    };
    book.worksheet_range(found).map_err(wrong)
}

/// The names of the columns: those in the first row, or those that are declared.
fn names(range: &Range<Data>, sheet: &Sheet) -> Result<Vec<String>, EngineError> {
    let said = |at: usize| match sheet.header {
        true => range.get((0, at)).and_then(text).map(|name| name.trim().to_owned()),
        false => sheet.names.get(at).cloned(),
    };
    let name = |at: usize| said(at).filter(|name| !name.is_empty()).unwrap_or_else(|| format!("column_{}", at + 1));
    let names: Vec<String> = (0..range.width()).map(name).collect();
    match names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        Some((_, name)) => {
            let message = format!("two columns are named `{name}` in the header");
            Err(EngineError::new(ErrorKind::SourceFile, message))
        }
        None => Ok(names),
    }
}

/// What the cells of a column have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Bool,
    Whole,
    Number,
    Date,
    Time,
    Timestamp,
    Text,
}

impl Kind {
    fn with(self, other: Kind) -> Kind {
        match (self, other) {
            (Kind::Empty, kind) | (kind, Kind::Empty) => kind,
            (a, b) if a == b => a,
            (Kind::Whole | Kind::Number, Kind::Whole | Kind::Number) => Kind::Number,
            (Kind::Date | Kind::Timestamp, Kind::Date | Kind::Timestamp) => Kind::Timestamp,
            _ => Kind::Text,
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Kind::Bool => DataType::Boolean,
            Kind::Whole => DataType::Int64,
            Kind::Number => DataType::Float64,
            Kind::Date => DataType::Date32,
            Kind::Time => DataType::Time64(TimeUnit::Microsecond),
            Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, None),
            Kind::Empty | Kind::Text => DataType::Utf8View,
        }
    }
}

/// The kind of a value; none of an error.
fn kind_of(cell: &Data) -> Option<Kind> {
    Some(match cell {
        Data::Empty => Kind::Empty,
        Data::Error(_) => return None,
        Data::Bool(_) => Kind::Bool,
        Data::Int(_) | Data::Float(_) => whole(cell).map_or(Kind::Number, |_| Kind::Whole),
        Data::String(_) | Data::DurationIso(_) => Kind::Text,
        Data::DateTime(_) | Data::DateTimeIso(_) => match micros(cell) {
            _ if time(cell).is_some() => Kind::Time,
            Some(micros) if micros % DAY == 0 => Kind::Date,
            Some(_) => Kind::Timestamp,
            None => Kind::Text,
        },
    })
}

fn whole(cell: &Data) -> Option<i64> {
    match cell {
        Data::Int(value) => Some(*value),
        // Below this every whole double is an `i64`.
        #[expect(clippy::cast_possible_truncation, reason = "the bound is checked")]
        Data::Float(value) if value.fract() == 0.0 && value.abs() <= EXACT => Some(*value as i64),
        _ => None,
    }
}

fn number(cell: &Data) -> Option<f64> {
    match cell {
        #[expect(clippy::cast_precision_loss, reason = "spreadsheets have no other numbers")]
        Data::Int(value) => Some(*value as f64),
        Data::Float(value) => Some(*value),
        _ => None,
    }
}

const DAY: i64 = 86_400_000_000;

/// Microseconds since 1970 of a date or timestamp.
fn micros(cell: &Data) -> Option<i64> {
    match cell {
        Data::DateTime(moment) if moment.is_datetime() => {
            let serial = moment.as_f64() + if is_1904(moment) { EPOCH_1904 } else { 0.0 };
            // Before the day that 1900 did not have, the count is one behind.
            let days = EPOCH + serial + if serial < 60.0 { 1.0 } else { 0.0 };
            let micros = (days * MICROS_A_DAY).round();
            #[expect(clippy::cast_possible_truncation, reason = "the bound is checked")]
            (micros.abs() < i64::MAX as f64).then_some(micros as i64)
        }
        Data::DateTimeIso(text) => {
            let date = || Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN));
            let moment = text.parse::<NaiveDateTime>().ok().or_else(date)?;
            Some(moment.and_utc().timestamp_micros())
        }
        _ => None,
    }
}

/// Whether the workbook counts days from 1904, which a value knows and does not tell.
fn is_1904(moment: &ExcelDateTime) -> bool {
    ExcelDateTime::new(moment.as_f64(), calamine::ExcelDateTimeType::DateTime, true) == *moment
}

/// Microseconds since midnight of a time of a day without a day.
fn time(cell: &Data) -> Option<i64> {
    match cell {
        Data::DateTime(moment) if moment.is_datetime() && (0.0..1.0).contains(&moment.as_f64()) =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "less than a day")]
            Some(((moment.as_f64() * MICROS_A_DAY).round() as i64).min(DAY - 1))
        }
        Data::DateTimeIso(text) => {
            let time = text.parse::<NaiveTime>().ok()?;
            Some((time - NaiveTime::MIN).num_microseconds()?)
        }
        _ => None,
    }
}

/// The value as text, as SQL writes it.
fn text(cell: &Data) -> Option<String> {
    Some(match cell {
        Data::Empty | Data::Error(_) => return None,
        Data::String(text) | Data::DurationIso(text) => text.clone(),
        Data::Bool(value) => value.to_string(),
        Data::Int(_) | Data::Float(_) => match whole(cell) {
            Some(whole) => whole.to_string(),
            None => number(cell)?.to_string(),
        },
        Data::DateTime(_) | Data::DateTimeIso(_) => match (time(cell), micros(cell)) {
            (Some(time), _) => DateTime::from_timestamp_micros(time)?.time().to_string(),
            (None, Some(micros)) => {
                let moment = DateTime::from_timestamp_micros(micros)?.naive_utc();
                if micros % DAY == 0 { moment.date().to_string() } else { moment.to_string() }
            }
            (None, None) => cell.to_string(),
        },
    })
}

/// The letters of a column: A, …, Z, AA, ….
fn letters(column: usize) -> String {
    let last = char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column % 26]);
    if column < 26 { last.to_string() } else { letters(column / 26 - 1) + &last.to_string() }
}

#[cfg(test)]
mod tests {
    use calamine::{Data, ExcelDateTime, ExcelDateTimeType};

    use super::{Kind, kind_of, letters, text};

    fn moment(serial: f64, is_1904: bool) -> Data {
        Data::DateTime(ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, is_1904))
    }

    #[test]
    fn values_tell_their_kind_and_their_text() {
        let cases = [
            (Data::Float(3.0), Kind::Whole, "3"),
            (Data::Float(0.1), Kind::Number, "0.1"),
            (Data::Float(1e300), Kind::Number, &format!("1{}", "0".repeat(300))),
            (Data::Bool(true), Kind::Bool, "true"),
            (moment(1.0, false), Kind::Date, "1900-01-01"),
            (moment(61.0, false), Kind::Date, "1900-03-01"),
            (moment(45943.5, false), Kind::Timestamp, "2025-10-13 12:00:00"),
            (moment(44481.5, true), Kind::Timestamp, "2025-10-13 12:00:00"),
            (moment(0.75, false), Kind::Time, "18:00:00"),
            (Data::DateTimeIso("2024-02-29".into()), Kind::Date, "2024-02-29"),
            (Data::DateTimeIso("2024-02-29T01:02:03.5".into()), Kind::Timestamp, "2024-02-29 01:02:03.500"),
        ];
        for (cell, kind, shown) in cases {
            assert_eq!((kind_of(&cell), text(&cell).as_deref()), (Some(kind), Some(shown)), "{cell:?}");
        }
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
