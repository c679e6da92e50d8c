//! What DataFusion, Arrow and Delta say when they fail, put into the words of an [`EngineError`].
//!
//! Their errors come wrapped in each other, prefixed with the stage they happened in, and sometimes only as text. The root
//! cause decides the kind; places and hints are collected on the way down to it.

use std::error::Error;

use datafusion::arrow::error::ArrowError;
use datafusion::common::{Column, DataFusionError, Diagnostic, SchemaError, Span};
use datafusion::parquet::errors::ParquetError;
use datafusion::sql::sqlparser::parser::ParserError;
use deltalake::DeltaTableError;
use deltalake::kernel::transaction::TransactionError;

use super::plan_message::{dependent_query, misplaced_query, plan_error};
use super::storage::buckets::reason;
use crate::base::{nearest, quoted_list};
use crate::engine::{EngineError, ErrorKind, Position};

/// The error in the engine's words.
pub(super) fn translate(error: &(dyn Error + 'static)) -> EngineError {
    let mut translation = Translation::default();
    let found = translation.root(error);
    EngineError {
        help: found.help.or(translation.help).or_else(|| room(&found.message)),
        position: found.position.or(translation.position),
        message: found.message,
        kind: found.kind,
        retryable: found.retryable,
    }
}

/// What to do where the system has no more of something; of most of its errors only the text is left when they arrive here.
fn room(message: &str) -> Option<String> {
    let message = message.to_lowercase();
    let says = |texts: &[&str]| texts.iter().any(|text| message.contains(text));
    let help = if says(&["no space left on device", "not enough space on the disk"]) {
        "make room where the lake is and where queries spill to (`temp_dir` in the profile)"
    } else if says(&["too many open files"]) {
        "let the process open more files (`ulimit -n`), or give queries more memory (`memory_limit` in the profile): they spill to files"
    } else {
        return None;
    };
    Some(help.to_owned())
}

impl From<DataFusionError> for EngineError {
    fn from(error: DataFusionError) -> Self {
        translate(&error)
    }
}

impl From<DeltaTableError> for EngineError {
    fn from(error: DeltaTableError) -> Self {
        translate(&error)
    }
}

impl From<ArrowError> for EngineError {
    fn from(error: ArrowError) -> Self {
        translate(&error)
    }
}

impl From<EngineError> for DataFusionError {
    /// Carries an error of ours through DataFusion; the way back takes it out again.
    fn from(error: EngineError) -> Self {
        DataFusionError::External(Box::new(error))
    }
}

/// What is learnt on the way to the root cause.
#[derive(Default)]
struct Translation {
    position: Option<Position>,
    help: Option<String>,
}

impl Translation {
    fn root(&mut self, error: &(dyn Error + 'static)) -> EngineError {
        if let Some(ours) = error.downcast_ref::<EngineError>() {
            return ours.clone();
        }
        if let Some(error) = error.downcast_ref::<DataFusionError>() {
            return self.datafusion(error);
        }
        if let Some(error) = error.downcast_ref::<ArrowError>() {
            return self.arrow(error);
        }
        if let Some(ParquetError::External(inner)) = error.downcast_ref::<ParquetError>() {
            return self.root(inner.as_ref());
        }
        if let Some(error) = error.downcast_ref::<DeltaTableError>() {
            return self.delta(error);
        }
        if let Some(error) = error.downcast_ref::<object_store::Error>() {
            return plain(ErrorKind::Io, &reason(error));
        }
        if error.is::<std::io::Error>() {
            return plain(ErrorKind::Io, &error.to_string());
        }
        plain(ErrorKind::Execution, &error.to_string())
    }

    fn datafusion(&mut self, error: &DataFusionError) -> EngineError {
        match error {
            DataFusionError::Context(_, inner) => self.root(inner.as_ref()),
            DataFusionError::Shared(inner) => self.root(inner.as_ref()),
            DataFusionError::External(inner) => self.root(inner.as_ref()),
            DataFusionError::ArrowError(inner, _) => self.root(inner.as_ref()),
            DataFusionError::ParquetError(inner) => self.root(inner.as_ref()),
            DataFusionError::ObjectStore(inner) => self.root(inner.as_ref()),
            DataFusionError::IoError(inner) => plain(ErrorKind::Io, &inner.to_string()),
            DataFusionError::Diagnostic(diagnostic, inner) => {
                self.learn(diagnostic);
                self.root(inner.as_ref())
            }
            DataFusionError::Collection(errors) => match errors.first() {
                Some(first) => self.root(first),
                None => plain(ErrorKind::Internal, "an error without a message"),
            },
            DataFusionError::SQL(error, _) => syntax(error),
            DataFusionError::SchemaError(error, _) => schema(error),
            DataFusionError::Plan(message) => plan_error(message),
            DataFusionError::Configuration(message) => plain(ErrorKind::Settings, message),
            DataFusionError::NotImplemented(message) => unsupported(message),
            DataFusionError::ResourcesExhausted(message) => out_of_memory(message),
            DataFusionError::Internal(message) => match plan_error(message) {
                // Calls with wrong arguments come as internal errors of aggregate functions.
                known if known.help.is_some() => known,
                // So do types that `between` and `in` cannot compare.
                known if message.contains("coerce types") => known,
                _ => plain(ErrorKind::Internal, message),
            },
            DataFusionError::ExecutionJoin(error) => plain(ErrorKind::Internal, &error.to_string()),
            DataFusionError::Execution(message)
            | DataFusionError::Substrait(message)
            | DataFusionError::Ffi(message) => plain(ErrorKind::Execution, message),
        }
    }

    fn arrow(&mut self, error: &ArrowError) -> EngineError {
        match error {
            ArrowError::ExternalError(inner) => self.root(inner.as_ref()),
            ArrowError::DivideByZero => plain(ErrorKind::Execution, "division by zero"),
            ArrowError::IoError(message, _) => plain(ErrorKind::Io, message),
            other => plain(ErrorKind::Execution, &other.to_string()),
        }
    }

    fn delta(&mut self, error: &DeltaTableError) -> EngineError {
        match error {
            DeltaTableError::Arrow { source } => self.root(source),
            DeltaTableError::Parquet { source } => self.root(source),
            DeltaTableError::ObjectStore { source } => self.root(source),
            DeltaTableError::Io { source } => plain(ErrorKind::Io, &source.to_string()),
            DeltaTableError::GenericError { source } => self.root(source.as_ref()),
            DeltaTableError::Transaction { source } => match source {
                TransactionError::CommitConflict(_)
                | TransactionError::VersionAlreadyExists(_)
                | TransactionError::MaxCommitAttempts(_) => overtaken(),
                TransactionError::ObjectStore { source } => self.root(source),
                TransactionError::LogStoreError { source, .. } => self.root(source.as_ref()),
                other => plain(ErrorKind::Execution, &other.to_string()),
            },
            DeltaTableError::VersionAlreadyExists(_) => overtaken(),
            DeltaTableError::Generic(message) if message.contains("Resources exhausted") => out_of_memory(message),
            other => plain(ErrorKind::Execution, &other.to_string()),
        }
    }

    /// Keeps the first place and the first hint; the outermost diagnostic is the most precise one.
    fn learn(&mut self, diagnostic: &Diagnostic) {
        self.position = self.position.or_else(|| diagnostic.span.map(position));
        if self.help.is_none() {
            self.help = diagnostic.helps.first().map(|help| tidy(&help.message));
        }
    }
}

fn position(span: Span) -> Position {
    let narrow = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Position { line: narrow(span.start.line), column: narrow(span.start.column) }
}

fn plain(kind: ErrorKind, message: &str) -> EngineError {
    EngineError::new(kind, tidy(message))
}

fn out_of_memory(message: &str) -> EngineError {
    let first = message.lines().next().unwrap_or(message);
    EngineError::new(ErrorKind::OutOfMemory, format!("the memory limit was reached: {}", tidy(first)))
        .help("raise `memory_limit` in `profiles.yml`, or lower `--threads` so that fewer models share it")
}

/// Another writer was first, and what was made does not follow its version.
fn overtaken() -> EngineError {
    let message = "the table was changed by another writer meanwhile";
    let error = EngineError::new(ErrorKind::Busy, message).help("run it again: it starts from the other's version");
    EngineError { retryable: true, ..error }
}

/// A syntax error: the parser writes the place at the end of its message.
fn syntax(error: &ParserError) -> EngineError {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
        ParserError::RecursionLimitExceeded => "the statement is nested too deeply".to_owned(),
    };
    let (message, position) = split_position(&message);
    let message = tidy(message);
    // What follows a statement that is complete is no part of any: the wording that users of other engines look for.
    let message = match message.strip_prefix("expected: end of statement, found: ") {
        Some(found) => format!("syntax error at or near \"{found}\""),
        None => message,
    };
    EngineError::new(ErrorKind::Syntax, message).at(position)
}

/// Takes ` at Line: 3, Column: 7` off the end of a message.
fn split_position(message: &str) -> (&str, Option<Position>) {
    let Some((head, place)) = message.rsplit_once("at Line: ") else { return (message, None) };
    let Some((line, column)) = place.split_once(", Column: ") else { return (message, None) };
    let column = column.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    match (line.trim().parse(), column.parse()) {
        (Ok(line), Ok(column)) if line > 0 => (head.trim_end(), Some(Position { line, column })),
        _ => (head.trim_end(), None),
    }
}

fn schema(error: &SchemaError) -> EngineError {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => unknown_column(field, valid_fields),
        SchemaError::AmbiguousReference { field } => {
            let name = field.flat_name();
            EngineError::new(ErrorKind::Plan, format!("column `{name}` is in more than one of the tables"))
                .help("name the table before the column")
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            EngineError::new(ErrorKind::Plan, format!("two columns are named `{name}`"))
                .help("give one of them another name with `as`")
        }
    }
}

fn unknown_column(field: &Column, valid: &[Column]) -> EngineError {
    let error = EngineError::new(ErrorKind::Plan, format!("there is no column `{}`", field.flat_name()));
    let names: Vec<&str> = valid.iter().map(|column| column.name.as_str()).collect();
    if names.contains(&field.name.as_str()) {
        return error.help(format!("another table here has a column `{}`", field.name));
    }
    if let Some(name) = names.iter().find(|name| name.to_lowercase() == field.name.to_lowercase()) {
        return error.help(format!("names without quotes are lower case: write \"{name}\" in quotes"));
    }
    match nearest(&field.name, names.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None if !names.is_empty() && names.len() <= 12 => error.help(format!("columns here: {}", quoted_list(&names))),
        None => error,
    }
}

/// What the libraries put before and after what they have to say.
const NOISE: [&str; 17] = [
    "Error during planning: ",
    "Execution error: ",
    "External error: ",
    "Arrow error: ",
    "Parquet error: ",
    "Parquet argument error: ",
    "Schema error: ",
    "Cast error: ",
    "Compute error: ",
    "Invalid argument error: ",
    "Parser error: ",
    "Csv error: ",
    "Json error: ",
    "Generic error: ",
    "Generic DeltaTable error: ",
    "sql parser error: ",
    "This feature is not implemented: ",
];

/// One line without the noise: no stage prefixes, no advice to report a bug, lower case at the start, no full stop.
pub(super) fn tidy(message: &str) -> String {
    let message = message.split("This was likely caused by a bug").next().unwrap_or(message);
    let message = message.split("\n\nbacktrace:").next().unwrap_or(message);
    let mut rest = message.rsplit("\ncaused by\n").next().unwrap_or(message).trim();
    while let Some(stripped) = NOISE.iter().find_map(|noise| rest.strip_prefix(noise)) {
        rest = stripped.trim_start();
    }
    let line = rest.split_whitespace().collect::<Vec<_>>().join(" ");
    lower_first(line.trim_end_matches(['.', ' ']))
}

/// Lowers the first letter of a sentence, but not of a name or an acronym.
fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && (second.is_lowercase() || second == ' ') => {
            first.to_lowercase().chain(sentence.chars().skip(1)).collect()
        }
        _ => sentence.to_owned(),
    }
}

/// What DataFusion says of a subquery that is left in a plan is how it looks from inside.
fn unsupported(message: &str) -> EngineError {
    let is_left = message.to_lowercase().starts_with("physical plan does not support logical expression");
    let names = |what: &[&str]| what.iter().any(|what| message.contains(what));
    if is_left && names(&["InSubquery", "Exists"]) {
        return misplaced_query();
    }
    if is_left && names(&["ScalarSubquery", "OuterReferenceColumn"]) {
        return dependent_query();
    }
    plain(ErrorKind::Unsupported, message)
}
