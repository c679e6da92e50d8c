//! Layouts and the table format: what the files of a table are written with, and where its layout is kept.
//!
//! A layout is the table's own: its partition columns and its properties say it, so that whatever writes into the table keeps to it.

mod kept;
mod order;
mod settle;

use datafusion::parquet::basic::{Compression, GzipLevel, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use deltalake::DeltaTable;

use crate::engine::{EngineError, Layout, ParquetCompression};

pub(super) use self::kept::{keep, stored};
pub(super) use self::order::{check, sorted};
pub(super) use self::settle::{other_partitions, settled};

/// How large the dictionary of a column may get, in bytes, before its values are written plainly. Parquet's own limit of 1 MB costs more
/// than it saves: on TPC-H's `lineitem` an eighth of the writer's time, and the files are larger.
const DICTIONARY: usize = 256 << 10;

/// What data files are written with: the one place where the defaults are.
pub(super) fn writer_properties(layout: &Layout) -> WriterProperties {
    let compression = layout.compression.unwrap_or(ParquetCompression::Snappy);
    WriterProperties::builder().set_compression(codec(compression)).set_dictionary_page_size_limit(DICTIONARY).build()
}

/// The same for what is written into a table that is there.
///
/// # Errors
/// When the table is not loaded.
pub(super) fn writer_properties_of(table: &DeltaTable) -> Result<WriterProperties, EngineError> {
    Ok(writer_properties(&stored(table)?))
}

/// The codec of a compression; a level that the codec does not have is its default.
fn codec(compression: ParquetCompression) -> Compression {
    match compression {
        ParquetCompression::None => Compression::UNCOMPRESSED,
        ParquetCompression::Snappy => Compression::SNAPPY,
        ParquetCompression::Lz4 => Compression::LZ4_RAW,
        ParquetCompression::Zstd(level) => {
            let level = level.and_then(|level| ZstdLevel::try_new(i32::from(level)).ok());
            Compression::ZSTD(level.unwrap_or_default())
        }
        ParquetCompression::Gzip(level) => {
            let level = level.and_then(|level| GzipLevel::try_new(u32::from(level)).ok());
            Compression::GZIP(level.unwrap_or_default())
        }
    }
}
