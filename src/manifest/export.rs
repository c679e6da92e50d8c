//! What the configs of a model say that is written to files: `materialized: external`.
//!
//! | Config | Is |
//! |---|---|
//! | `location` | a path, of a file, or of a folder where there is `partition_by` |
//! | `format` | `csv`, `ndjson` (or `json`), `parquet` or `xlsx` (or `excel`); told by the ending of `location` where it is not said |
//! | `delimiter` | of CSV |
//! | `partition_by` | columns that folders are told by |
//! | `compression` | of CSV and NDJSON `gzip` or `zstd`, as the ending `.gz` or `.zst` of `location` says, too; of Parquet as of tables |
//! | `options` | all of these but `location`, and of CSV `header`, `quote`, `escape` and `null`, of which `header` and `null` are of Excel,
//! too |

use serde_json::{Map, Value as Json};

use super::{ConfigValues, read_layout};
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::{Compression, Export, FileFormat, Layout, ParquetCompression};
use crate::source::Span;

/// The formats that can be written, by the words for them.
const FORMATS: [(&str, FileFormat); 7] = [
    ("csv", FileFormat::Csv),
    ("ndjson", FileFormat::NdJson),
    ("json", FileFormat::NdJson),
    ("jsonl", FileFormat::NdJson),
    ("parquet", FileFormat::Parquet),
    ("xlsx", FileFormat::Excel),
    ("excel", FileFormat::Excel),
];

/// The keys of `options`, each with its other names.
const OPTIONS: [(&str, &[&str]); 8] = [
    ("format", &[]),
    ("partition_by", &[]),
    ("compression", &["codec"]),
    ("header", &[]),
    ("delimiter", &["delim", "sep"]),
    ("quote", &[]),
    ("escape", &[]),
    ("null", &["nullstr", "null_value"]),
];

/// Reads how the model `node` is written, and how its rows lie in the files. All that is wrong is reported, each where `place` says that its
/// config is.
pub fn read_export(
    values: &ConfigValues,
    node: &str,
    place: impl Fn(&str) -> Span,
    diagnostics: &mut Diagnostics,
) -> (Export, Layout) {
    let mut said = values.clone();
    let mut reader = Reader { node, place: &place, diagnostics };
    let options = reader.options(values.get("options"));
    for key in ["format", "delimiter", "compression", "partition_by"] {
        if let Some(value) = options.get(key) {
            said.set(key, value.clone());
        }
    }
    let location = reader.location(&said);
    let (by_ending, whole) = location.as_deref().map_or((None, None), told);
    let format = reader.format(&said, by_ending);
    let mut csv = crate::engine::CsvOptions::default();
    csv.header = reader.flag(options.get("header")).unwrap_or(csv.header);
    csv.delimiter = reader.byte("delimiter", said.get("delimiter")).unwrap_or(csv.delimiter);
    csv.quote = reader.byte("quote", options.get("quote")).unwrap_or(csv.quote);
    csv.escape = reader.byte("escape", options.get("escape"));
    csv.null_value = options.get("null").and_then(Json::as_str).map(str::to_owned);
    for key in ["zorder_by", "target_file_size"] {
        if values.get(key).is_some_and(|value| !value.is_null()) {
            let message =
                format!("config `{key}` of `{node}` is read over: it is about tables, and this is written to files");
            reader.diagnostics.push(Diagnostic::warning(codes::CONFIG_VALUE, message).at(place(key)));
        }
    }
    let layout = read_layout(&split(said), node, &place, diagnostics).map(|layout| *layout).unwrap_or_default();
    let compression = match (format, layout.compression) {
        (FileFormat::Parquet, _) => Compression::None,
        (FileFormat::Excel, None | Some(ParquetCompression::None)) => Compression::None,
        (FileFormat::Excel, Some(_)) => {
            let message = format!("config `compression` of `{node}` is read over: Excel files are compressed inside");
            diagnostics.push(Diagnostic::warning(codes::CONFIG_VALUE, message).at(place("compression")));
            Compression::None
        }
        (_, None) => whole.unwrap_or(Compression::None),
        (_, Some(ParquetCompression::Gzip(None))) => Compression::Gzip,
        (_, Some(ParquetCompression::Zstd(None))) => Compression::Zstd,
        (_, Some(ParquetCompression::None)) => Compression::None,
        (_, Some(other)) => {
            let message = format!(
                "config `compression` of `{node}` is one of `gzip`, `zstd` and `none` for this format, not `{other}`"
            );
            diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(place("compression")));
            Compression::None
        }
    };
    (Export { location, format, compression, csv }, layout)
}

/// What the ending of a path tells of the format and the compression.
fn told(location: &str) -> (Option<FileFormat>, Option<Compression>) {
    let name = location.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let (stem, compression) = match name.rsplit_once('.') {
        Some((stem, "gz")) => (stem.to_owned(), Some(Compression::Gzip)),
        Some((stem, "zst")) => (stem.to_owned(), Some(Compression::Zstd)),
        _ => (name, None),
    };
    let ending = stem.rsplit_once('.').map_or("", |(_, ending)| ending);
    let format = FORMATS.iter().find(|(word, _)| *word == ending).map(|(_, format)| *format);
    (format, compression)
}

/// Columns that stand in one text, as `year, month`, as a list.
fn split(mut values: ConfigValues) -> ConfigValues {
    if let Some(Json::String(text)) = values.get("partition_by")
        && text.contains(',')
    {
        let names = text.trim_matches(['(', ')']).split(',').map(|name| Json::from(name.trim())).collect();
        values.set("partition_by", Json::Array(names));
    }
    values
}

/// Takes values, reporting those that are wrong.
struct Reader<'v, 'd> {
    node: &'v str,
    place: &'v dyn Fn(&str) -> Span,
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_, '_> {
    fn report(&mut self, key: &str, wanted: &str) {
        let message = format!("config `{key}` of `{}` must be {wanted}", self.node);
        self.diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at((self.place)(key)));
    }

    /// `options` under the first names of its keys.
    fn options(&mut self, value: Option<&Json>) -> Map<String, Json> {
        let mut options = Map::new();
        let map = match value {
            None | Some(Json::Null) => return options,
            Some(Json::Object(map)) => map,
            Some(_) => {
                self.report("options", "a mapping");
                return options;
            }
        };
        for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
            let lower = key.to_ascii_lowercase();
            match OPTIONS.iter().find(|(name, others)| *name == lower || others.contains(&lower.as_str())) {
                Some((name, _)) => drop(options.insert((*name).to_owned(), value.clone())),
                None => {
                    let message = format!("`options` of `{}` has a key `{key}`, which is read over", self.node);
                    let warning = Diagnostic::warning(codes::CONFIG_VALUE, message).at((self.place)("options"));
                    self.diagnostics.push(warning.suggest_near(&lower, OPTIONS.map(|(name, _)| name)));
                }
            }
        }
        options
    }

    fn location(&mut self, said: &ConfigValues) -> Option<String> {
        match said.get("location") {
            None | Some(Json::Null) => None,
            Some(Json::String(text)) if !text.trim().is_empty() => Some(text.trim().trim_end_matches('/').to_owned()),
            Some(_) => {
                self.report("location", "a path");
                None
            }
        }
    }

    /// The format that is said, else the one that the location tells, else CSV where there is a delimiter, else Parquet.
    fn format(&mut self, said: &ConfigValues, by_ending: Option<FileFormat>) -> FileFormat {
        let has_delimiter = said.get("delimiter").is_some_and(|value| !value.is_null());
        let assumed = by_ending.unwrap_or(if has_delimiter { FileFormat::Csv } else { FileFormat::Parquet });
        let Some(value) = said.get("format").filter(|value| !value.is_null()) else { return assumed };
        let word = value.as_str().unwrap_or_default().to_ascii_lowercase();
        let found = FORMATS.iter().find(|(known, _)| *known == word).map(|(_, format)| *format);
        found.unwrap_or_else(|| {
            let known = FORMATS.map(|(word, _)| word);
            let message = format!("config `format` of `{}` is one of {}, not `{word}`", self.node, quoted_list(&known));
            let error = Diagnostic::error(codes::CONFIG_VALUE, message).at((self.place)("format"));
            self.diagnostics.push(error.suggest_near(&word, known));
            assumed
        })
    }

    fn flag(&mut self, value: Option<&Json>) -> Option<bool> {
        let flag = match value? {
            Json::Bool(flag) => Some(*flag),
            Json::Number(number) => number.as_u64().filter(|number| *number < 2).map(|number| number == 1),
            Json::String(text) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        if flag.is_none() {
            self.report("options", "a mapping whose `header` is true or false");
        }
        flag
    }

    /// A character that is one byte; `\t` may be written with the backslash.
    fn byte(&mut self, key: &str, value: Option<&Json>) -> Option<u8> {
        let value = value.filter(|value| !value.is_null())?;
        match value.as_str().map(str::as_bytes) {
            Some([byte]) if byte.is_ascii() => Some(*byte),
            Some(b"\\t") => Some(b'\t'),
            _ => {
                let message =
                    format!("`{key}` of the files of `{}` must be one ASCII character, not {value}", self.node);
                self.diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at((self.place)(key)));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::told;
    use crate::engine::{Compression, FileFormat};

    #[test]
    fn endings_tell_the_format() {
        assert_eq!(told("out/x.CSV.gz"), (Some(FileFormat::Csv), Some(Compression::Gzip)));
        assert_eq!(told("out.d/x"), (None, None));
        assert_eq!(told("x.jsonl"), (Some(FileFormat::NdJson), None));
        assert_eq!(told("x.tar.zst"), (None, Some(Compression::Zstd)));
    }
}
