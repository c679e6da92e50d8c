//! Files that a model is written to.

use super::{Compression, CsvOptions, FileFormat};

/// Where the rows of a query go, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// A path on this machine, absolute or relative to the project: of a file, or of a folder where the rows are partitioned. Without one
    /// the engine has a place for the relation's name.
    pub location: Option<String>,
    /// The format: CSV, NDJSON, Parquet or Excel.
    pub format: FileFormat,
    /// Compression of whole files, of CSV and NDJSON.
    pub compression: Compression,
    /// How CSV is written; `header` and `null_value` also of Excel.
    pub csv: CsvOptions,
}

impl Export {
    /// The ending of the files' names, without the dot before it.
    #[must_use]
    pub fn ending(&self) -> String {
        let compression = match self.compression {
            Compression::None => "",
            Compression::Gzip => ".gz",
            Compression::Zstd => ".zst",
        };
        format!("{}{compression}", self.format.word())
    }
}
