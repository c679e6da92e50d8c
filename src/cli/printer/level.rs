//! How messages are written, and which.

use crate::session::Flags;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    /// What a flag says.
    pub(in crate::cli) fn of(flags: &Flags, name: &str) -> Self {
        match flags.text(name).as_deref() {
            Some("json") => LogFormat::Json,
            _ => LogFormat::Text,
        }
    }
}

/// How important a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) enum LogLevel {
    /// Everything that happens.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
    /// Nothing: no message is of this level.
    Nothing,
}

impl LogLevel {
    /// What a flag says.
    pub(in crate::cli) fn of(flags: &Flags, name: &str) -> Self {
        match flags.text(name).as_deref() {
            Some("debug") => LogLevel::Debug,
            Some("warn") => LogLevel::Warn,
            Some("error") => LogLevel::Error,
            Some("none") => LogLevel::Nothing,
            _ => LogLevel::Info,
        }
    }

    /// dbt's word for it.
    pub(in crate::cli) fn as_str(self) -> &'static str {
        match self {
            LogLevel::Debug => "debug",
            LogLevel::Info => "info",
            LogLevel::Warn => "warn",
            LogLevel::Error => "error",
            LogLevel::Nothing => "none",
        }
    }
}
