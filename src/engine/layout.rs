//! How the rows of a table lie in its files. It changes no result, only what has to be read for it.

use std::fmt;
use std::num::NonZeroU64;

/// The layout of a table. What it does not say is the engine's choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// Rows with different values of these are in different files, which readers tell by their names.
    pub partition_by: Vec<PartitionColumn>,
    /// Columns or SQL expressions, each with `asc` or `desc` if need be, by which rows are sorted as they are written.
    pub sort_by: Vec<String>,
    /// Columns by all of which at once rows are brought together when the table is maintained (Z-order).
    pub zorder_by: Vec<String>,
    /// The size that files are to have, in bytes.
    pub target_file_size: Option<NonZeroU64>,
    /// How files are compressed.
    pub compression: Option<ParquetCompression>,
}

/// A column that rows are kept apart by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionColumn {
    /// Its name.
    pub name: String,
    /// Which of its values share a partition.
    pub grain: Grain,
}

/// Which values share a partition. A null is in one with other nulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// Only equal ones.
    Value,
    /// Moments of the same stretch of time.
    Time(Granularity),
    /// Whole numbers of the same stretch, counted from a first one.
    Range {
        /// The first number.
        start: i64,
        /// The number behind the last stretch, where there is an end: engines that number partitions need one.
        end: Option<i64>,
        /// How many numbers a stretch has.
        interval: NonZeroU64,
    },
}

impl PartitionColumn {
    /// What is equal within a partition and differs between partitions: SQL over the column, which is written as `column`.
    #[must_use]
    pub fn key(&self, column: &str) -> String {
        match self.grain {
            Grain::Value => column.to_owned(),
            Grain::Time(granularity) => format!("date_trunc('{}', {column})", granularity.as_str()),
            Grain::Range { start, interval, .. } => format!("floor(({column} - {start}) / cast({interval} as double))"),
        }
    }
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granularity {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Granularity {
    /// All of them.
    pub const ALL: [Granularity; 4] = [Granularity::Hour, Granularity::Day, Granularity::Month, Granularity::Year];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Granularity::Hour => "hour",
            Granularity::Day => "day",
            Granularity::Month => "month",
            Granularity::Year => "year",
        }
    }
}

/// How the pages of Parquet files are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParquetCompression {
    /// Not at all.
    None,
    /// Snappy: quick, and large.
    Snappy,
    /// LZ4: quick, and large.
    Lz4,
    /// Zstandard, of level 1 to 22.
    Zstd(Option<u8>),
    /// gzip, of level 0 to 9.
    Gzip(Option<u8>),
}

impl ParquetCompression {
    /// The words that [`ParquetCompression::parse`] knows.
    pub const WORDS: [&'static str; 5] = ["zstd", "snappy", "lz4", "gzip", "none"];

    /// Reads a word, with a level behind it if it has one: `zstd`, `zstd(9)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (word, level) = match text.split_once('(') {
            Some((word, rest)) => (word.trim_end(), Some(rest.strip_suffix(')')?.trim().parse::<u8>().ok()?)),
            None => (text.as_str(), None),
        };
        let within = |range: std::ops::RangeInclusive<u8>| level.is_none_or(|level| range.contains(&level));
        match word {
            "none" | "uncompressed" if level.is_none() => Some(ParquetCompression::None),
            "snappy" if level.is_none() => Some(ParquetCompression::Snappy),
            "lz4" | "lz4_raw" if level.is_none() => Some(ParquetCompression::Lz4),
            "zstd" if within(1..=22) => Some(ParquetCompression::Zstd(level)),
            "gzip" if within(0..=9) => Some(ParquetCompression::Gzip(level)),
            _ => None,
        }
    }
}

impl fmt::Display for ParquetCompression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, level) = match self {
            ParquetCompression::None => ("none", &None),
            ParquetCompression::Snappy => ("snappy", &None),
            ParquetCompression::Lz4 => ("lz4", &None),
            ParquetCompression::Zstd(level) => ("zstd", level),
            ParquetCompression::Gzip(level) => ("gzip", level),
        };
        match level {
            Some(level) => write!(f, "{word}({level})"),
            None => f.write_str(word),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ParquetCompression;

    #[test]
    fn compressions_are_words_with_levels() {
        for said in ["zstd", "zstd(9)", "snappy", "lz4", "gzip(1)", "none"] {
            assert_eq!(ParquetCompression::parse(said).unwrap().to_string(), said);
        }
        assert_eq!(ParquetCompression::parse(" LZ4_RAW "), Some(ParquetCompression::Lz4));
        for wrong in ["", "lz5", "zstd(0)", "zstd(23)", "gzip(10)", "snappy(1)", "zstd(9", "zstd(x)"] {
            assert_eq!(ParquetCompression::parse(wrong), None, "{wrong}");
        }
    }
}
