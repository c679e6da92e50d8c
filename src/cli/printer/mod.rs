//! What commands print, and where: [`event`] is what happens in dbt's shape, [`file`] the log file, [`layer`] the messages of the
//! library.

mod event;
mod file;
mod layer;
mod level;
mod repeats;
mod warnings;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value as Json;

use crate::base::HashSet;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, render};
use crate::session::Flags;
use crate::source::{SourceMap, World};

pub(super) use event::Event;
use file::LogFile;
pub(super) use layer::node_span;
pub(super) use level::{LogFormat, LogLevel};
use repeats::Repeats;
use warnings::Warnings;

/// Commands whose report is what was asked for: it goes to stdout. Of all others only data does.
const REPORTS: &[&str] = &["run", "build", "test", "seed", "snapshot", "clone", "retry", "freshness"];

/// Knows the streams and how the user wants to read them.
#[derive(Clone, Debug)]
pub(super) struct Printer {
    pub(super) format: LogFormat,
    pub(super) level: LogLevel,
    pub(super) quiet: bool,
    pub(super) color: bool,
    /// Whether a person watches: progress is drawn.
    pub(super) live: bool,
    /// The id of this invocation.
    pub(super) invocation_id: Arc<str>,
    reports: bool,
    prints: bool,
    secrets: Arc<[String]>,
    file: Option<Arc<LogFile>>,
    warnings: Arc<Warnings>,
    /// Whether warnings that say the same are all shown.
    shows_repeats: bool,
    /// Whether a warning was said that counts as an error.
    promoted: Arc<AtomicBool>,
}

impl Printer {
    /// A printer as the flags and the terminal say; the log file lies in `root`, the folder of the project, if there is one.
    pub(super) fn new(flags: &Flags, world: &dyn World, root: Option<&PathBuf>) -> Self {
        let terminal = std::io::stderr().is_terminal() && std::io::stdout().is_terminal();
        let color =
            flags.is("use_colors") && anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
        // The progress bar has its own idea of colours.
        console::set_colors_enabled_stderr(color);
        let (format, quiet) = (LogFormat::of(flags, "log_format"), flags.is("quiet"));
        let level = if flags.is("debug") { LogLevel::Debug } else { LogLevel::of(flags, "log_level") };
        Printer {
            format,
            level,
            quiet,
            color,
            live: terminal && !quiet && level <= LogLevel::Info && format == LogFormat::Text,
            invocation_id: uuid::Uuid::new_v4().to_string().into(),
            reports: REPORTS.contains(&flags.command.as_str()),
            prints: flags.is("print"),
            secrets: crate::load::secrets(world).into(),
            warnings: Arc::new(Warnings::of(flags)),
            shows_repeats: flags.is("show_all_deprecations"),
            promoted: Arc::default(),
            file: root.and_then(|root| LogFile::open(flags, world, root)).map(Arc::new),
        }
    }

    /// The same printer for what has been said before: nothing but errors.
    pub(super) fn silent(&self) -> Self {
        Printer { quiet: true, ..self.clone() }
    }

    /// Sends log events of the library to where this one's go.
    pub(super) fn subscribe(&self) {
        layer::subscribe(self.clone());
    }

    /// Whether messages of a level are shown.
    pub(super) fn shows(&self, level: LogLevel) -> bool {
        level >= if self.quiet { self.level.max(LogLevel::Error) } else { self.level }
    }

    /// A line of data.
    pub(super) fn data(&self, line: &str) {
        let mut out = std::io::stdout().lock();
        // A reader that closed the pipe (`| head`) has what it wanted.
        let _ = writeln!(out, "{line}");
    }

    /// What a template printed: data, unless that is not wanted.
    pub(super) fn print(&self, text: &str) {
        if !self.prints {
            return;
        }
        match self.format {
            LogFormat::Text => self.data(text),
            LogFormat::Json => self.data(&self.json(&Event::new("PrintEvent", "Z052", LogLevel::Info, text))),
        }
    }

    /// A line for people: of what happens.
    pub(super) fn line(&self, line: &str) {
        if self.shows(LogLevel::Info) && self.format == LogFormat::Text {
            self.message(line);
        }
    }

    /// A line that is printed in any case: to where the report goes.
    pub(super) fn message(&self, line: &str) {
        if self.reports { self.data(line) } else { self.error_line(line) }
    }

    /// A line on stderr, printed in any case.
    pub(super) fn error_line(&self, line: &str) {
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "{line}");
    }

    /// Something that happened: a line of JSON where that format is asked for, and a line of the log file. For people other lines are
    /// printed.
    pub(super) fn event(&self, event: &Event<'_>) {
        if self.format == LogFormat::Json && self.shows(event.level) {
            self.data(&self.json(event));
        }
        self.record(event);
    }

    /// A line of the log file.
    fn record(&self, event: &Event<'_>) {
        if let Some(file) = self.file.as_ref().filter(|file| event.level >= file.level) {
            match file.format {
                LogFormat::Json => file.line(&self.json(event)),
                LogFormat::Text => file.line(&crate::session::scrub(&event.text(), &self.secrets)),
            }
        }
    }

    fn json(&self, event: &Event<'_>) -> String {
        crate::session::scrub(&event.json(&self.invocation_id).to_string(), &self.secrets)
    }

    /// The diagnostics as they count: warnings may be errors, or not be said. What several resources share, such as the description
    /// of a source, gives cause for one complaint each; it is said once.
    pub(super) fn judged(&self, diagnostics: &Diagnostics) -> Diagnostics {
        let mut said = HashSet::default();
        let new = diagnostics.iter().filter(|found| said.insert((found.code.id, &found.message, found.primary())));
        new.filter_map(|diagnostic| self.warnings.judge(diagnostic)).collect()
    }

    /// Whether a warning was said that counts as an error.
    pub(super) fn has_promoted(&self) -> bool {
        self.promoted.load(Ordering::Relaxed)
    }

    /// Diagnostics in the chosen format; all but errors are left out where the user wants less.
    pub(super) fn diagnostics(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        self.say(diagnostics, sources, |line| self.message(line));
    }

    /// Diagnostics that end the command, on stderr.
    pub(super) fn failure(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        self.say(diagnostics, sources, |line| self.error_line(line));
    }

    fn say(&self, diagnostics: &Diagnostics, sources: &SourceMap, write: impl Fn(&str)) {
        let mut repeats = Repeats::new(self.shows_repeats);
        let show = |diagnostic: &Diagnostic| write(&format!("{}\n", render::human(diagnostic, sources, self.color)));
        for original in diagnostics {
            let Some(diagnostic) = self.warnings.judge(original) else { continue };
            if diagnostic.severity != original.severity {
                self.promoted.store(true, Ordering::Relaxed);
            }
            let diagnostic = &diagnostic;
            let level = match diagnostic.severity {
                Severity::Error => LogLevel::Error,
                Severity::Warning => LogLevel::Warn,
                Severity::Note => LogLevel::Info,
            };
            if self.shows(level) && self.format == LogFormat::Text && repeats.admits(diagnostic) {
                show(diagnostic);
            }
            let text = match self.format {
                LogFormat::Json => diagnostic.message.clone(),
                LogFormat::Text => render::concise(diagnostic, sources),
            };
            let data: Json = render::json(diagnostic, sources);
            self.event(&Event::new("Diagnostic", diagnostic.code.id, level, &text).with(data));
        }
        repeats.summed_up().for_each(|diagnostic| show(&diagnostic));
    }
}
