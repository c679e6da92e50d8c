//! How files are written, as declared or as their names say, and what reads them.

use std::sync::Arc;

use datafusion::catalog::Session;
use datafusion::datasource::file_format::FileFormat as Reader;
use datafusion::datasource::file_format::arrow::ArrowFormat;
use datafusion::datasource::file_format::avro::AvroFormat;
use datafusion::datasource::file_format::csv::CsvFormat;
use datafusion::datasource::file_format::file_compression_type::FileCompressionType;
use datafusion::datasource::file_format::json::JsonFormat;
use datafusion::datasource::file_format::parquet::ParquetFormat;

use crate::engine::{Compression, CsvOptions, EngineError, ErrorKind, ExternalTable, FileFormat};

/// How one file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    /// The format of the content.
    pub(super) format: FileFormat,
    /// The compression of the whole file.
    pub(super) compression: Compression,
}

impl Format {
    /// The format of a file: what the table declares, else what the file's name says.
    ///
    /// # Errors
    /// [`ErrorKind::SourceFile`] when neither does.
    pub(super) fn of(table: &ExternalTable, path: &str) -> Result<Self, EngineError> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let (stem, ending) = match name.rsplit_once('.') {
            Some((stem, "gz" | "gzip")) => (stem, Compression::Gzip),
            Some((stem, "zst" | "zstd")) => (stem, Compression::Zstd),
            _ => (name.as_str(), Compression::None),
        };
        let format = table.format.or_else(|| by_ending(stem)).ok_or_else(|| {
            EngineError::new(ErrorKind::SourceFile, "its name does not tell its format")
                .help("declare `format`: csv, ndjson, json, parquet, avro, arrow or xlsx")
        })?;
        let compression = table.compression.unwrap_or(ending);
        let whole = matches!(format, FileFormat::Csv | FileFormat::NdJson | FileFormat::Json);
        if !whole && compression != Compression::None {
            return Err(EngineError::new(
                ErrorKind::SourceFile,
                "it is compressed as a whole, which its format does not allow",
            )
            .help("Parquet, Avro, Arrow and Excel files are compressed inside"));
        }
        Ok(Format { format, compression })
    }

    /// What reads such files; none of DataFusion's readers reads workbooks.
    pub(super) fn reader(self, csv: &CsvOptions, session: &dyn Session) -> Option<Arc<dyn Reader>> {
        Some(match self.format {
            FileFormat::Csv => Arc::new(csv_reader(csv, self.file_compression())),
            FileFormat::NdJson | FileFormat::Json => Arc::new(
                JsonFormat::default()
                    .with_newline_delimited(self.format == FileFormat::NdJson)
                    .with_file_compression_type(self.file_compression()),
            ),
            FileFormat::Parquet => {
                let options = session.default_table_options().parquet;
                Arc::new(ParquetFormat::default().with_options(options))
            }
            FileFormat::Avro => Arc::new(AvroFormat),
            FileFormat::Arrow => Arc::new(ArrowFormat),
            FileFormat::Excel => return None,
        })
    }

    /// The compression in DataFusion's words.
    pub(super) fn file_compression(self) -> FileCompressionType {
        match self.compression {
            Compression::None => FileCompressionType::UNCOMPRESSED,
            Compression::Gzip => FileCompressionType::GZIP,
            Compression::Zstd => FileCompressionType::ZSTD,
        }
    }
}

fn by_ending(name: &str) -> Option<FileFormat> {
    Some(match name.rsplit_once('.')?.1 {
        "csv" | "tsv" | "txt" => FileFormat::Csv,
        "ndjson" | "jsonl" | "jsonlines" => FileFormat::NdJson,
        "json" => FileFormat::Json,
        "parquet" | "pq" => FileFormat::Parquet,
        "avro" => FileFormat::Avro,
        "arrow" | "feather" | "ipc" => FileFormat::Arrow,
        "xlsx" | "xlsm" | "xlsb" | "xls" | "ods" => FileFormat::Excel,
        _ => return None,
    })
}

/// What fields are null: the empty ones, and those that hold the word for it.
pub(super) fn null_pattern(csv: &CsvOptions) -> Option<String> {
    csv.null_value.as_ref().map(|null| format!("^(?:{})?$", regex::escape(null)))
}

/// Values may hold line breaks. That also keeps DataFusion from splitting files, so that line numbers are those of the file.
fn csv_reader(csv: &CsvOptions, compression: FileCompressionType) -> CsvFormat {
    CsvFormat::default()
        .with_has_header(csv.header)
        .with_delimiter(csv.delimiter)
        .with_quote(csv.quote)
        .with_escape(csv.escape)
        .with_null_regex(null_pattern(csv))
        .with_newlines_in_values(true)
        .with_file_compression_type(compression)
}
