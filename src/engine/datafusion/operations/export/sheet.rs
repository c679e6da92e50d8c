//! A workbook of Excel with one sheet, written row by row: of the sheet only a row is in memory, the rest in a temporary file.
//!
//! Every value is told as exactly as the format can: what a double does not hold exactly, or a day that Excel does not count, is written
//! as text, so that nothing is lost when the file is read again under the columns' types.

use std::fs::File;
use std::io::BufWriter;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type, Schema, TimeUnit};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::writer::failed;
use crate::engine::{EngineError, ErrorKind};

/// The rows and columns that a sheet has, and the characters that a cell holds, by Excel's specification.
const ROWS: u32 = 1_048_576;
const COLUMNS: usize = 16_384;
const CHARACTERS: usize = 32_767;

/// The significant digits that Excel keeps.
const DIGITS: usize = 15;

/// The serial number of 1970-01-01. Those before March 1900 count a day too many, and Excel has none before 1900 nor after 9999.
const EPOCH: f64 = 25569.0;
const SERIALS: std::ops::Range<f64> = 61.0..2_958_466.0;
const MICROS_A_DAY: f64 = 86_400e6;

/// A workbook on its way to a file.
pub(super) struct Sheet {
    file: File,
    workbook: Workbook,
    names: Vec<String>,
    null: Option<String>,
    row: u32,
}

impl Sheet {
    /// Begins a sheet, with the names of the columns above if `header` says so.
    ///
    /// # Errors
    /// When no sheet has so many columns, or a temporary file cannot be made.
    pub(super) fn open(file: File, schema: &Schema, header: bool, null: Option<String>) -> Result<Self, EngineError> {
        let names: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        if names.len() > COLUMNS {
            let message = format!("a sheet of Excel has {COLUMNS} columns, and the query has {}", names.len());
            return Err(EngineError::new(ErrorKind::Plan, message).help("write CSV or Parquet"));
        }
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(|error| failed(&error))?;
        if header {
            write_header(sheet, &names).map_err(|error| failed(&error))?;
        }
        Ok(Sheet { file, workbook, names, null, row: u32::from(header) })
    }

    /// Writes rows.
    ///
    /// # Errors
    /// When the sheet is full, a text is longer than a cell may be, or the disk does not take them.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        let columns = batch.columns().iter().map(Column::new).collect::<Result<Vec<_>, _>>()?;
        let formats = Formats::default();
        let sheet = self.workbook.worksheet_from_index(0).map_err(|error| failed(&error))?;
        for row in 0..batch.num_rows() {
            if self.row == ROWS {
                let message = format!("a sheet of Excel has {ROWS} rows, and the query has more");
                return Err(EngineError::new(ErrorKind::Plan, message)
                    .help("write CSV or Parquet, or name columns in `partition_by` for several files"));
            }
            for (at, column) in (0..).zip(&columns) {
                let cell = match column.cell(row)? {
                    Cell::Text(text) if text.chars().count() > CHARACTERS => {
                        let name = &self.names[usize::from(at)];
                        let message = format!("column `{name}` holds a text of over {CHARACTERS} characters");
                        return Err(EngineError::new(ErrorKind::Plan, message)
                            .help("a cell of Excel holds no more: shorten it, or write CSV or Parquet"));
                    }
                    Cell::Null => self.null.clone().map_or(Cell::Null, Cell::Text),
                    cell => cell,
                };
                cell.write(sheet, self.row, at, &formats).map_err(|error| failed(&error))?;
            }
            self.row += 1;
        }
        Ok(())
    }

    /// Puts the workbook together.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn finish(mut self) -> Result<File, EngineError> {
        let mut output = BufWriter::with_capacity(1 << 16, self.file);
        self.workbook.save_to_writer(&mut output).map_err(|error| failed(&error))?;
        output.into_inner().map_err(|error| failed(error.error()))
    }
}

/// The names in bold letters, in a row that stays when others move.
fn write_header(sheet: &mut Worksheet, names: &[String]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (at, name) in (0..).zip(names) {
        sheet.write_string_with_format(0, at, name, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// How serial numbers are shown.
struct Formats {
    date: Format,
    time: Format,
    timestamp: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Formats {
            date: Format::new().set_num_format("yyyy-mm-dd"),
            time: Format::new().set_num_format("hh:mm:ss"),
            timestamp: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }
}

/// What a cell holds.
enum Cell {
    Null,
    Bool(bool),
    Number(f64),
    Date(f64),
    Time(f64),
    Timestamp(f64),
    Text(String),
}

impl Cell {
    fn write(self, sheet: &mut Worksheet, row: u32, at: u16, formats: &Formats) -> Result<(), XlsxError> {
        match self {
            Cell::Null => return Ok(()),
            Cell::Bool(value) => sheet.write_boolean(row, at, value)?,
            Cell::Number(value) => sheet.write_number(row, at, value)?,
            Cell::Date(serial) => sheet.write_number_with_format(row, at, serial, &formats.date)?,
            Cell::Time(serial) => sheet.write_number_with_format(row, at, serial, &formats.time)?,
            Cell::Timestamp(serial) => sheet.write_number_with_format(row, at, serial, &formats.timestamp)?,
            Cell::Text(text) => sheet.write_string(row, at, text)?,
        };
        Ok(())
    }
}

/// A column of a batch, on its way to cells.
struct Column<'a> {
    values: Values,
    text: ArrayFormatter<'a>,
    array: &'a ArrayRef,
}

/// The values in the few types that cells have.
enum Values {
    Bool(BooleanArray),
    /// Whole or decimal numbers, whose text tells whether a double holds them.
    Exact(Float64Array),
    Float(Float64Array),
    /// Microseconds.
    Date(Int64Array),
    Time(Int64Array),
    Timestamp(Int64Array),
    Text,
}

impl<'a> Column<'a> {
    fn new(array: &'a ArrayRef) -> Result<Self, EngineError> {
        let numbers = |array: &ArrayRef| {
            Ok::<_, EngineError>(cast(array, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
        };
        let micros = |data_type| {
            let typed = cast(array, &data_type)?;
            Ok::<_, EngineError>(cast(&typed, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
        };
        let timestamp = DataType::Timestamp(TimeUnit::Microsecond, None);
        let values = match array.data_type() {
            DataType::Boolean => Values::Bool(array.as_boolean().clone()),
            data_type if data_type.is_integer() || data_type.is_decimal() => Values::Exact(numbers(array)?),
            data_type if data_type.is_floating() => Values::Float(numbers(array)?),
            DataType::Date32 | DataType::Date64 => Values::Date(micros(timestamp)?),
            DataType::Timestamp(..) => Values::Timestamp(micros(timestamp)?),
            DataType::Time32(_) | DataType::Time64(_) => Values::Time(micros(DataType::Time64(TimeUnit::Microsecond))?),
            _ => Values::Text,
        };
        Ok(Column { values, text: ArrayFormatter::try_new(array, &TEXT)?, array })
    }

    fn cell(&self, row: usize) -> Result<Cell, EngineError> {
        if self.array.is_null(row) {
            return Ok(Cell::Null);
        }
        let text = || Ok(Cell::Text(self.text.value(row).try_to_string()?));
        match &self.values {
            Values::Bool(values) => Ok(Cell::Bool(values.value(row))),
            Values::Float(values) if values.value(row).is_finite() => Ok(Cell::Number(values.value(row))),
            Values::Exact(values) => {
                let text = self.text.value(row).try_to_string()?;
                let digits = text.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
                Ok(if digits > DIGITS { Cell::Text(text) } else { Cell::Number(values.value(row)) })
            }
            Values::Date(values) => serial(values.value(row)).map_or_else(text, |serial| Ok(Cell::Date(serial))),
            Values::Timestamp(values) => {
                serial(values.value(row)).map_or_else(text, |serial| Ok(Cell::Timestamp(serial)))
            }
            #[expect(clippy::cast_precision_loss, reason = "less than a day of microseconds")]
            Values::Time(values) => Ok(Cell::Time(values.value(row) as f64 / MICROS_A_DAY)),
            Values::Float(_) | Values::Text => text(),
        }
    }
}

/// How values that are no cells of their own are written.
const TEXT: FormatOptions<'static> = FormatOptions::new();

/// The days since 1900 as Excel counts them, of microseconds since 1970; none where it does not count.
fn serial(micros: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of the years that Excel knows are exact")]
    let serial = micros as f64 / MICROS_A_DAY + EPOCH;
    SERIALS.contains(&serial).then_some(serial)
}
