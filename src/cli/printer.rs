//! What commands print, and where.

use std::io::{IsTerminal, Write};

use serde_json::{Value as Json, json};
use tracing_subscriber::EnvFilter;

use crate::base::Timestamp;
use crate::diagnostic::{Diagnostics, Severity, render};
use crate::session::Flags;
use crate::source::SourceMap;

/// Knows the streams and how the user wants to read them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Printer {
    pub(super) format: LogFormat,
    pub(super) level: LogLevel,
    pub(super) quiet: bool,
    pub(super) color: bool,
    /// Whether a person watches: progress is drawn.
    pub(super) live: bool,
}

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    fn of(flags: &Flags) -> Self {
        match flags.text("log_format").as_deref() {
            Some("json") => LogFormat::Json,
            _ => LogFormat::Text,
        }
    }
}

/// The least important messages to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl LogLevel {
    fn of(flags: &Flags) -> Self {
        if flags.is("debug") {
            return LogLevel::Debug;
        }
        match flags.text("log_level").as_deref() {
            Some("debug") => LogLevel::Debug,
            Some("warn") => LogLevel::Warn,
            Some("error" | "none") => LogLevel::Error,
            _ => LogLevel::Info,
        }
    }
}

impl Printer {
    /// A printer as the flags and the terminal say.
    pub(super) fn new(flags: &Flags) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let color =
            flags.is("use_colors") && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        // The progress bar has its own idea of colours.
        console::set_colors_enabled_stderr(color);
        let (format, quiet) = (LogFormat::of(flags), flags.is("quiet"));
        let live = terminal && !quiet && format == LogFormat::Text;
        Printer { format, level: LogLevel::of(flags), quiet, color, live }
    }

    /// Sends log events of the library to stderr.
    pub(super) fn subscribe(self) {
        let level = match (self.quiet, self.level) {
            (true, _) | (_, LogLevel::Error) => "error",
            (_, LogLevel::Warn) => "warn",
            (_, LogLevel::Info) => "info",
            (_, LogLevel::Debug) => "debug",
        };
        // What libraries say of their errors comes back as errors of ours; said twice, it only confuses.
        let libraries = if level == "debug" { "error" } else { "off" };
        let filter = EnvFilter::new(format!("{libraries},transform={level}"));
        let subscriber =
            tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(self.color);
        // Setting it twice can only happen in tests that run several commands in one process.
        let _ = match self.format {
            LogFormat::Json => subscriber.json().try_init(),
            LogFormat::Text => subscriber.without_time().with_target(false).try_init(),
        };
    }

    /// A line of data.
    pub(super) fn data(self, line: &str) {
        let mut out = std::io::stdout().lock();
        // A reader that closed the pipe (`| head`) has what it wanted.
        let _ = writeln!(out, "{line}");
    }

    /// A line for people.
    pub(super) fn line(self, line: &str) {
        if !self.quiet && self.format == LogFormat::Text {
            self.error_line(line);
        }
    }

    /// A line that is printed in any case.
    pub(super) fn error_line(self, line: &str) {
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{line}");
    }

    /// A JSON event in dbt's shape, `{info, data}`, on stdout: in that format, events are what was asked for.
    pub(super) fn event(self, (name, code, level): (&str, &str, &str), message: &str, data: &Json) {
        let least = match (self.quiet, self.level) {
            (true, _) | (_, LogLevel::Error) => 3,
            (_, LogLevel::Warn) => 2,
            (_, LogLevel::Info) => 1,
            (_, LogLevel::Debug) => 0,
        };
        let rank = ["debug", "info", "warn", "error"].iter().position(|known| *known == level).unwrap_or(3);
        if rank >= least {
            let ts = Timestamp(chrono::Utc::now());
            let info = json!({ "name": name, "code": code, "level": level, "ts": ts, "msg": message });
            self.data(&json!({ "info": info, "data": data }).to_string());
        }
    }

    /// Diagnostics in the chosen format; all but errors are left out where the user wants less.
    pub(super) fn diagnostics(self, diagnostics: &Diagnostics, sources: &SourceMap) {
        let least = match (self.quiet, self.level) {
            (true, _) | (_, LogLevel::Error) => Severity::Error,
            (_, LogLevel::Warn) => Severity::Warning,
            (_, LogLevel::Info | LogLevel::Debug) => Severity::Note,
        };
        for diagnostic in diagnostics.iter().filter(|diagnostic| diagnostic.severity >= least) {
            match self.format {
                LogFormat::Text => self.error_line(&format!("{}\n", render::human(diagnostic, sources, self.color))),
                LogFormat::Json => self.event(
                    ("Diagnostic", diagnostic.code.id, level(diagnostic.severity)),
                    &diagnostic.message,
                    &render::json(diagnostic, sources),
                ),
            }
        }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warn",
        Severity::Note => "info",
    }
}
