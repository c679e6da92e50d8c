//! Source tables that are files.

use crate::sql::Relation;

/// A table whose rows are files that the project does not write.
#[derive(Clone, Debug)]
pub struct ExternalTable {
    /// The name that SQL uses.
    pub relation: Relation,
    /// Files: paths relative to the project or absolute, or URLs (`file://`, `gs://`, `s3://`, `az://`), with `*`, `?`, `**` and
    /// `[…]`. A folder means all files in it.
    pub locations: Vec<String>,
    /// The format; told by the file ending where absent.
    pub format: Option<FileFormat>,
    /// Compression of the files; told by the file ending where absent.
    pub compression: Option<Compression>,
    /// How CSV is written; other formats ignore it, but workbooks `header` and `null_value`.
    pub csv: CsvOptions,
    /// The sheet of a workbook; the first one where absent.
    pub sheet: Option<String>,
    /// Hive partitions, from the root to the leaf; found in the paths where empty.
    pub partitions: Vec<DeclaredColumn>,
    /// Declared columns; inferred where empty.
    pub columns: Vec<DeclaredColumn>,
}

/// A declared column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredColumn {
    /// Its name.
    pub name: String,
    /// Its SQL type (`varchar`, `decimal(18,2)`, …); inferred or text where absent.
    pub data_type: Option<String>,
}

/// How the files are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Separated values.
    Csv,
    /// A JSON object a line.
    NdJson,
    /// One JSON array of objects.
    Json,
    /// Parquet.
    Parquet,
    /// Avro object container.
    Avro,
    /// Arrow IPC file.
    Arrow,
    /// A workbook of Excel; read are those of LibreOffice, too.
    Excel,
}

impl FileFormat {
    /// Its word, which is also the ending of the names of such files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FileFormat::Csv => "csv",
            FileFormat::NdJson => "ndjson",
            FileFormat::Json => "json",
            FileFormat::Parquet => "parquet",
            FileFormat::Avro => "avro",
            FileFormat::Arrow => "arrow",
            FileFormat::Excel => "xlsx",
        }
    }

    /// The format of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        use FileFormat::{Arrow, Avro, Csv, Excel, Json, NdJson, Parquet};
        [Csv, NdJson, Json, Parquet, Avro, Arrow, Excel].into_iter().find(|format| format.word() == word)
    }
}

/// Compression of whole files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// None.
    None,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Compression {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    /// The compression of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Compression::None, Compression::Gzip, Compression::Zstd].into_iter().find(|known| known.word() == word)
    }
}

/// How CSV is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// Whether the first line names the columns.
    pub header: bool,
    /// Between fields.
    pub delimiter: u8,
    /// Around fields.
    pub quote: u8,
    /// Before a quote that belongs to the field; a doubled quote where absent.
    pub escape: Option<u8>,
    /// The text that stands for null, beside the empty field.
    pub null_value: Option<String>,
}

impl Default for CsvOptions {
    fn default() -> Self {
        CsvOptions { header: true, delimiter: b',', quote: b'"', escape: None, null_value: None }
    }
}
