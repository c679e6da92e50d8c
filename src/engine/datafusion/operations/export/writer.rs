//! One file on its way: rows in a format, compressed as a whole if need be, forced to disk in the end.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use arrow::json::writer::{LineDelimited, WriterBuilder as JsonBuilder};
use arrow_csv::WriterBuilder as CsvBuilder;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use flate2::write::GzEncoder;

use super::sheet::Sheet;
use crate::engine::{Compression, EngineError, ErrorKind, Export, FileFormat};

/// A file that rows are written to.
pub(super) enum Writer {
    Csv(Box<arrow_csv::Writer<Output>>),
    NdJson(arrow::json::Writer<Output, LineDelimited>),
    Parquet(Box<ArrowWriter<File>>),
    Excel(Box<Sheet>),
}

impl Writer {
    /// Begins to write rows of `schema`.
    ///
    /// # Errors
    /// When the format cannot be written, or not to this file.
    pub(super) fn open(
        file: File,
        export: &Export,
        schema: SchemaRef,
        parquet: &WriterProperties,
    ) -> Result<Self, EngineError> {
        match export.format {
            FileFormat::Csv => {
                let csv = &export.csv;
                let mut builder = CsvBuilder::new()
                    .with_header(csv.header)
                    .with_delimiter(csv.delimiter)
                    .with_quote(csv.quote)
                    .with_double_quote(csv.escape.is_none())
                    .with_null(csv.null_value.clone().unwrap_or_default());
                if let Some(escape) = csv.escape {
                    builder = builder.with_escape(escape);
                }
                let mut writer = builder.build(Output::new(file, export.compression)?);
                // The names of the columns are there also where no row is.
                writer.write(&RecordBatch::new_empty(schema))?;
                Ok(Writer::Csv(Box::new(writer)))
            }
            FileFormat::NdJson => {
                let output = Output::new(file, export.compression)?;
                Ok(Writer::NdJson(JsonBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(output)))
            }
            FileFormat::Parquet => {
                let writer = ArrowWriter::try_new(file, schema, Some(parquet.clone()));
                Ok(Writer::Parquet(Box::new(writer.map_err(|error| failed(&error))?)))
            }
            FileFormat::Excel => {
                let (header, null) = (export.csv.header, export.csv.null_value.clone());
                Ok(Writer::Excel(Box::new(Sheet::open(file, &schema, header, null)?)))
            }
            other => {
                let message = format!("files of format {} cannot be written", other.word());
                Err(EngineError::new(ErrorKind::Unsupported, message))
            }
        }
    }

    /// Writes rows.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), EngineError> {
        match self {
            Writer::Csv(writer) => writer.write(batch)?,
            Writer::NdJson(writer) => writer.write(batch)?,
            Writer::Parquet(writer) => writer.write(batch).map_err(|error| failed(&error))?,
            Writer::Excel(sheet) => sheet.write(batch)?,
        }
        Ok(())
    }

    /// Ends the file; it is whole and on disk then.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub(super) fn finish(self) -> Result<(), EngineError> {
        let file = match self {
            Writer::Csv(writer) => writer.into_inner().finish(),
            Writer::NdJson(mut writer) => {
                writer.finish()?;
                writer.into_inner().finish()
            }
            Writer::Parquet(writer) => Ok(writer.into_inner().map_err(|error| failed(&error))?),
            Writer::Excel(sheet) => Ok(sheet.finish()?),
        };
        file.and_then(|file| file.sync_all()).map_err(|error| failed(&error))
    }
}

pub(super) fn failed(error: &dyn std::fmt::Display) -> EngineError {
    EngineError::new(ErrorKind::Io, format!("cannot write the files: {error}"))
}

/// Bytes on their way to a file.
pub(super) enum Output {
    Plain(BufWriter<File>),
    Gzip(Box<GzEncoder<BufWriter<File>>>),
    Zstd(Box<zstd::Encoder<'static, BufWriter<File>>>),
}

impl Output {
    fn new(file: File, compression: Compression) -> Result<Self, EngineError> {
        let buffered = BufWriter::with_capacity(1 << 16, file);
        Ok(match compression {
            Compression::None => Output::Plain(buffered),
            Compression::Gzip => Output::Gzip(Box::new(GzEncoder::new(buffered, flate2::Compression::default()))),
            Compression::Zstd => {
                Output::Zstd(Box::new(zstd::Encoder::new(buffered, 0).map_err(|error| failed(&error))?))
            }
        })
    }

    fn finish(self) -> io::Result<File> {
        let buffered = match self {
            Output::Plain(buffered) => buffered,
            Output::Gzip(encoder) => encoder.finish()?,
            Output::Zstd(encoder) => encoder.finish()?,
        };
        buffered.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::Plain(output) => output.write(bytes),
            Output::Gzip(output) => output.write(bytes),
            Output::Zstd(output) => output.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::Plain(output) => output.flush(),
            Output::Gzip(output) => output.flush(),
            Output::Zstd(output) => output.flush(),
        }
    }
}
