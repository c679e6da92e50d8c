//! What engines say when they fail, in words that do not depend on the engine.

use std::fmt;

use arrow::array::RecordBatch;
use arrow::util::display::array_value_to_string;

use crate::base::quoted_list;
use crate::diagnostic::{Code, Diagnostic, codes};

/// A place in the statement that was given to the engine, both numbers from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column in characters.
    pub column: usize,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The statement cannot be parsed.
    Syntax,
    /// The statement names what does not exist, or its types do not fit.
    Plan,
    /// The statement calls a function that is not there; one of the project's own may be made before it runs.
    UnknownFunction,
    /// The engine cannot run this kind of statement.
    Unsupported,
    /// The statement failed while it ran.
    Execution,
    /// Files of a source are missing, damaged or not as declared.
    SourceFile,
    /// A merge's source has a key more than once.
    DuplicateKey,
    /// Another process has the right to write.
    Busy,
    /// The memory limit was reached.
    OutOfMemory,
    /// The caller cancelled.
    Cancelled,
    /// The engine's storage or the network failed.
    Io,
    /// The profile's settings cannot be used.
    Settings,
    /// A defect.
    Internal,
}

/// A failure of an engine.
#[derive(Clone, Debug)]
pub struct EngineError {
    /// What kind.
    pub kind: ErrorKind,
    /// One line where possible: lower case, no full stop, names in backticks; the engine's own words where they are good.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
    /// Where in the statement.
    pub position: Option<Position>,
    /// Whether the same call may succeed when it is made again.
    pub retryable: bool,
}

impl EngineError {
    /// An error of this kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        EngineError { kind, message: message.into(), help: None, position: None, retryable: false }
    }

    /// There is no function of this name.
    #[must_use]
    pub fn unknown_function(name: impl fmt::Display) -> Self {
        EngineError::new(ErrorKind::UnknownFunction, format!("there is no function `{name}`"))
    }

    /// Rows that are to have a key once do not: `example` has as its first row a value of the columns `key`, and behind them how many rows
    /// have it.
    #[must_use]
    pub fn duplicate_key(key: &[String], example: &RecordBatch) -> Self {
        let text = |at: usize| {
            let shown = example.columns().get(at).map(|column| {
                match column.logical_nulls().is_some_and(|nulls| nulls.is_null(0)) {
                    true => Ok("null".to_owned()),
                    false => array_value_to_string(column, 0),
                }
            });
            shown.and_then(Result::ok).unwrap_or_default()
        };
        let values = key.iter().enumerate().map(|(at, name)| format!("{name} = {}", text(at)));
        let (values, times) = (values.collect::<Vec<_>>().join(", "), text(key.len()));
        let message =
            format!("the query has {times} rows for one value of the unique key {}: {values}", quoted_list(key));
        Self::duplicate(message)
    }

    /// The same, in words that say which rows.
    pub fn duplicate(message: impl Into<String>) -> Self {
        EngineError::new(ErrorKind::DuplicateKey, message)
            .help("keep one row of each key, for instance with `qualify row_number() over (partition by …) = 1`")
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says where in the statement.
    #[must_use]
    pub fn at(mut self, position: Option<Position>) -> Self {
        self.position = position;
        self
    }

    /// The failure as a diagnostic with its code and its help. `message` is the error's own with what failed in front of it, and
    /// without secrets.
    #[must_use]
    pub fn diagnostic(&self, message: impl Into<String>) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code(), message);
        match &self.help {
            Some(help) => diagnostic.help(help.clone()),
            None => diagnostic,
        }
    }

    /// The diagnostic code of this kind of failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self.kind {
            ErrorKind::Syntax => codes::SQL_SYNTAX,
            ErrorKind::Plan | ErrorKind::UnknownFunction => codes::SQL_PLAN,
            ErrorKind::Unsupported => codes::SQL_UNSUPPORTED,
            ErrorKind::Execution => codes::EXECUTION,
            ErrorKind::SourceFile => codes::SOURCE_FILE,
            ErrorKind::DuplicateKey => codes::MERGE_KEY,
            ErrorKind::Busy => codes::LAKE_BUSY,
            ErrorKind::OutOfMemory => codes::OUT_OF_MEMORY,
            ErrorKind::Cancelled => codes::CANCELLED,
            ErrorKind::Io => codes::FILE_UNWRITABLE,
            ErrorKind::Settings => codes::PROFILE_INVALID,
            ErrorKind::Internal => codes::ENGINE_INTERNAL,
        }
    }
}

impl fmt::Display for EngineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EngineError {}
