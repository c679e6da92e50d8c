//! What is wrong with a source file, in words that name the file, the line and the column where they are known.

use std::path::Path;
use std::sync::LazyLock;

use arrow::datatypes::Schema;
use datafusion::execution::object_store::ObjectStoreUrl;
use object_store::path::Path as StorePath;
use regex::Regex;

use crate::engine::{EngineError, ErrorKind};

/// The readers' ways of naming a value that does not parse.
static BAD_VALUE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)error while parsing value '(?<value>.*)' as type '(?<type>[^']+)' for column (?<column>\d+) at line (?<line>\d+)").ok()
});

/// The readers' way of naming a row with a wrong number of fields.
static BAD_ROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)incorrect number of fields for line (?<line>\d+), expected (?<expected>\d+) got (?<got>(?:more than )?\d+)").ok()
});

/// The same, where types are inferred.
static UNEQUAL_ROW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)expected (?<expected>\d+) records, found (?<got>\d+) records at line (?<line>\d+)").ok()
});

/// What is wrong with a file.
pub(super) struct Fault {
    line: Option<String>,
    message: String,
    help: Option<String>,
}

impl Fault {
    /// A fault in our own words.
    pub(super) fn new(message: String) -> Self {
        Fault { line: None, message, help: None }
    }

    /// Reads a reader's error.
    pub(super) fn of(error: &EngineError, schema: &Schema) -> Self {
        Self::bad_value(&error.message, schema).or_else(|| Self::bad_row(&error.message)).unwrap_or_else(|| Fault {
            line: None,
            message: error.message.clone(),
            help: error.help.clone(),
        })
    }

    /// The error, naming the file.
    pub(super) fn in_file(self, path: &str) -> EngineError {
        let place = match &self.line {
            Some(line) => format!("file `{path}`, line {line}"),
            None => format!("file `{path}`"),
        };
        self.error(&place)
    }

    /// The error, where the file could not be found out.
    pub(super) fn somewhere(self) -> EngineError {
        self.error("a file of the source")
    }

    fn error(self, place: &str) -> EngineError {
        let mut error = EngineError::new(ErrorKind::SourceFile, format!("{place}: {}", self.message));
        error.help = self.help;
        error
    }

    fn bad_value(message: &str, schema: &Schema) -> Option<Self> {
        let found = BAD_VALUE.as_ref()?.captures(message)?;
        let column: usize = found["column"].parse().ok()?;
        let name = schema
            .fields()
            .get(column)
            .map_or_else(|| format!("number {column}"), |field| format!("`{}`", field.name()));
        Some(Fault {
            // The reader counts these lines from zero.
            line: found["line"].parse::<u64>().ok().map(|line| (line + 1).to_string()),
            message: format!("value `{}` of column {name} is not {}", &found["value"], sql_name(&found["type"])),
            help: Some(
                "declare the column as `varchar` and cast it in a model, where `try_cast` gives null".to_owned(),
            ),
        })
    }

    fn bad_row(message: &str) -> Option<Self> {
        let found = [&BAD_ROW, &UNEQUAL_ROW].into_iter().find_map(|row| row.as_ref()?.captures(message))?;
        Some(Fault {
            line: Some(found["line"].to_owned()),
            message: format!("the row has {} fields where {} are expected", &found["got"], &found["expected"]),
            help: Some("quote values that hold the delimiter, or declare another `delimiter`".to_owned()),
        })
    }
}

/// A file as messages show it: relative to the project where it is in it, else a path or a URL.
pub(super) fn shown_path(store: &ObjectStoreUrl, path: &StorePath, project_dir: &Path) -> String {
    if *store != ObjectStoreUrl::local_filesystem() {
        return format!("{store}{path}");
    }
    let absolute = format!("/{path}");
    match Path::new(&absolute).strip_prefix(project_dir) {
        Ok(relative) => relative.display().to_string(),
        Err(_) => absolute,
    }
}

/// What an analyst calls an Arrow type.
fn sql_name(data_type: &str) -> String {
    let is = |prefixes: &[&str]| prefixes.iter().any(|prefix| data_type.starts_with(prefix));
    if is(&["Int", "UInt"]) {
        format!("a whole number ({data_type})")
    } else if is(&["Float", "Decimal"]) {
        format!("a number ({data_type})")
    } else if is(&["Date"]) {
        "a date".to_owned()
    } else if is(&["Timestamp"]) {
        "a timestamp".to_owned()
    } else if is(&["Boolean"]) {
        "`true` or `false`".to_owned()
    } else {
        format!("of type {data_type}")
    }
}
