//! Messages of the library, of templates and of the engine: they come as `tracing` events and become lines and events.

use std::fmt::Write as _;

use tracing::field::{Field, Visit};
use tracing::{Event as TracingEvent, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::{Event, LogFormat, LogLevel, Printer};

/// Sends every message of this program to the printer. What libraries say of their errors comes back as errors of ours; said twice,
/// it only confuses.
pub(super) fn subscribe(printer: Printer) {
    let recorded = printer.file.as_ref().map_or(LogLevel::Error, |file| file.level);
    let level = if recorded == LogLevel::Debug || printer.shows(LogLevel::Debug) { "debug" } else { "info" };
    let libraries = if printer.shows(LogLevel::Debug) { "error" } else { "off" };
    let filter = EnvFilter::new(format!("{libraries},transform={level}"));
    // Setting it twice can only happen in tests that run several commands in one process.
    let _ = tracing_subscriber::registry().with(Messages(printer).with_filter(filter)).try_init();
}

struct Messages(Printer);

impl<S: Subscriber> Layer<S> for Messages {
    fn on_event(&self, event: &TracingEvent<'_>, _: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            _ => LogLevel::Debug,
        };
        let printer = &self.0;
        let (name, code) = match (event.metadata().target(), level) {
            ("transform::print", _) => return printer.print(&said.message),
            ("transform::sql", _) => ("SQLQuery", "E016"),
            ("transform::log", LogLevel::Debug) => ("JinjaLogDebug", "I063"),
            ("transform::log", LogLevel::Info) => ("JinjaLogInfo", "I062"),
            ("transform::log", _) => ("JinjaLogWarning", "I061"),
            _ => ("Note", "Z050"),
        };
        if printer.format == LogFormat::Text && printer.shows(level) {
            match level {
                LogLevel::Info => printer.message(&said.message),
                LogLevel::Debug => printer.message(&Event::new(name, code, level, &said.message).text()),
                LogLevel::Warn => printer.message(&format!("warning: {}", said.message)),
                LogLevel::Error => printer.message(&format!("error: {}", said.message)),
            }
        }
        let data = serde_json::json!({ "msg": said.message, "sql": said.message, "node_info": {} });
        printer.event(&Event::new(name, code, level, &said.message).with(data));
    }
}

/// The message of an event, other fields behind it.
#[derive(Default)]
struct Said {
    message: String,
}

impl Visit for Said {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a text cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.message, " {name}={value:?}"),
        };
    }
}
