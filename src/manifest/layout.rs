//! What the configs of a node say of how its rows lie in files.
//!
//! | Config | Is |
//! |---|---|
//! | `partition_by` | columns by whose values files are kept apart: a name, a list of them, or BigQuery's `{field, data_type, granularity,
//! range}` |
//! | `sort_by`, or `cluster_by` | columns or SQL expressions that rows are sorted by when they are written |
//! | `zorder_by` | columns by all of which at once `transform maintain` brings rows together |
//! | `target_file_size` | bytes, or a text such as `128 MB` |
//! | `compression` | of Parquet: `zstd`, `snappy`, `lz4`, `gzip` or `none`, with a level if need be: `zstd(9)` |

use std::num::NonZeroU64;

use serde_json::{Map, Value as Json};

use super::ConfigValues;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Grain, Granularity, Layout, ParquetCompression, PartitionColumn};
use crate::source::Span;

/// Reads the layout from the configs of `node`; `None` where they say nothing of it. All that is wrong with them is reported, each where
/// `place` says that its config is.
pub fn read_layout(
    values: &ConfigValues,
    node: &str,
    place: impl Fn(&str) -> Span,
    diagnostics: &mut Diagnostics,
) -> Option<Box<Layout>> {
    let mut reader = Reader { values, node, place: &place, diagnostics };
    let partition_by = reader.partition_by();
    let sort_by = if reader.value("sort_by").is_some() { reader.names("sort_by") } else { reader.names("cluster_by") };
    let zorder_by = reader.names("zorder_by");
    let target_file_size = reader.target_file_size();
    let compression = reader.compression();
    let layout = Layout { partition_by, sort_by, zorder_by, target_file_size, compression };
    (layout != Layout::default()).then(|| Box::new(layout))
}

/// Takes values out of the configs, reporting those that are wrong.
struct Reader<'v, 'd> {
    values: &'v ConfigValues,
    node: &'v str,
    place: &'v dyn Fn(&str) -> Span,
    diagnostics: &'d mut Diagnostics,
}

impl<'v> Reader<'v, '_> {
    fn value(&self, key: &str) -> Option<&'v Json> {
        self.values.get(key).filter(|value| !value.is_null())
    }

    fn wrong(&mut self, key: &str, wanted: &str) -> Diagnostic {
        let message = format!("config `{key}` of `{}` must be {wanted}", self.node);
        Diagnostic::error(codes::CONFIG_VALUE, message).at((self.place)(key))
    }

    fn report(&mut self, key: &str, wanted: &str) {
        let wrong = self.wrong(key, wanted);
        self.diagnostics.push(wrong);
    }

    fn names(&mut self, key: &str) -> Vec<String> {
        match self.value(key) {
            None => Vec::new(),
            Some(Json::String(name)) => vec![name.clone()],
            Some(Json::Array(items)) if items.iter().all(Json::is_string) => {
                items.iter().filter_map(Json::as_str).map(str::to_owned).collect()
            }
            Some(_) => {
                self.report(key, "a text or a list of texts");
                Vec::new()
            }
        }
    }

    fn partition_by(&mut self) -> Vec<PartitionColumn> {
        let items = match self.value("partition_by") {
            None => return Vec::new(),
            Some(Json::Array(items)) => items.as_slice(),
            Some(item) => std::slice::from_ref(item),
        };
        items.iter().filter_map(|item| self.partition_column(item)).collect()
    }

    fn partition_column(&mut self, item: &Json) -> Option<PartitionColumn> {
        match item {
            Json::String(name) => Some(PartitionColumn { name: name.clone(), grain: Grain::Value }),
            Json::Object(item) => {
                let Some(name) = item.get("field").and_then(Json::as_str) else {
                    self.report("partition_by", "a column, or a mapping with the name of one as `field`");
                    return None;
                };
                let grain = match item.get("range").filter(|range| !range.is_null()) {
                    Some(range) => self.range(range)?,
                    None => self.granularity(item)?,
                };
                Some(PartitionColumn { name: name.to_owned(), grain })
            }
            _ => {
                self.report("partition_by", "a column, a mapping with the name of one as `field`, or a list of such");
                None
            }
        }
    }

    /// `range: {start, end, interval}`. Where the stretches end decides nothing but in the warehouses.
    fn range(&mut self, range: &Json) -> Option<Grain> {
        let start = range.get("start").and_then(Json::as_i64);
        let interval = range.get("interval").and_then(Json::as_u64).and_then(NonZeroU64::new);
        match (start, interval) {
            (Some(start), Some(interval)) => {
                Some(Grain::Range { start, end: range.get("end").and_then(Json::as_i64), interval })
            }
            _ => {
                self.report(
                    "partition_by",
                    "a mapping whose `range` has whole numbers `start` and, above zero, `interval`",
                );
                None
            }
        }
    }

    /// `granularity`; of dates and moments, which a `field` is where nothing else is said, it is a day.
    fn granularity(&mut self, item: &Map<String, Json>) -> Option<Grain> {
        let text = |key: &str| item.get(key).and_then(Json::as_str).map(str::to_ascii_lowercase);
        let is_time = text("data_type").is_none_or(|name| matches!(name.as_str(), "date" | "timestamp" | "datetime"));
        match text("granularity") {
            None if is_time => Some(Grain::Time(Granularity::Day)),
            None => Some(Grain::Value),
            Some(word) => {
                let found = Granularity::ALL.into_iter().find(|known| known.as_str() == word);
                if found.is_none() {
                    let known = Granularity::ALL.map(Granularity::as_str);
                    let wrong = self.wrong(
                        "partition_by",
                        &format!("a mapping whose `granularity` is one of {}", quoted_list(&known)),
                    );
                    self.diagnostics.push(wrong.suggest_near(&word, known));
                }
                found.map(Grain::Time)
            }
        }
    }

    fn target_file_size(&mut self) -> Option<NonZeroU64> {
        let value = self.value("target_file_size")?;
        let size = match value {
            Json::Number(number) => number.as_u64(),
            Json::String(text) => bytes(text),
            _ => None,
        };
        let size = size.and_then(NonZeroU64::new).filter(|size| i64::try_from(size.get()).is_ok());
        if size.is_none() {
            self.report("target_file_size", "a number of bytes above zero, or a text such as `128 MB`");
        }
        size
    }

    fn compression(&mut self) -> Option<ParquetCompression> {
        let value = self.value("compression")?;
        let read = value.as_str().and_then(ParquetCompression::parse);
        if read.is_none() {
            let known = ParquetCompression::WORDS;
            let wanted =
                format!("one of {}, `zstd` and `gzip` with a level if need be: `zstd(9)`", quoted_list(&known));
            let wrong = self.wrong("compression", &wanted);
            let word = value.as_str().unwrap_or_default();
            self.diagnostics.push(wrong.suggest_near(word, known));
        }
        read
    }
}

/// Reads a size such as `128 MB` or `1GiB`; a kilobyte has 1,024 bytes.
fn bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let shift = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    text[..digits].parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("128 MB"), Some(128 << 20));
        assert_eq!((bytes("1GiB"), bytes("7"), bytes("2k")), (Some(1 << 30), Some(7), Some(2048)));
        assert_eq!((bytes("MB"), bytes("1 acre"), bytes("99999999999999999999")), (None, None, None));
        assert_eq!(bytes("18446744073709551615 gb"), None);
    }
}
