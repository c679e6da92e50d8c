//! Messages of the library, of templates and of the engine: they come as `tracing` events and become lines and events. What happens
//! in the span of a node is said of that node.

use std::fmt::Write as _;

use log::LevelFilter;
use serde_json::{Map, Value as Json, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event as TracingEvent, Level, Subscriber};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use super::{Event, LogFormat, LogLevel, Printer};
use crate::run::MAIN_THREAD;

/// The span of the work on a node: what events say of it, and the worker that does it.
macro_rules! node_span {
    ($info:expr, $thread:expr) => {
        tracing::debug_span!(target: "transform::node", "node", info = %$info, thread = $thread)
    };
}
pub(in crate::cli) use node_span;

/// Sends every message of this program to the printer. What libraries say of their errors comes back as errors of ours; said twice,
/// it only confuses.
pub(super) fn subscribe(printer: Printer) {
    let recorded = printer.file.as_ref().map_or(LogLevel::Error, |file| file.level);
    let level = if recorded == LogLevel::Debug || printer.shows(LogLevel::Debug) { "debug" } else { "info" };
    let libraries = if printer.shows(LogLevel::Debug) { LevelFilter::Error } else { LevelFilter::Off };
    let filter = EnvFilter::new(format!("{libraries},transform={level}"));
    // The filter is one of all, not of a layer: that kind loses the event behind one that a library asks for and does not send.
    // Setting it twice can only happen in tests that run several commands in one process.
    let _ = tracing_subscriber::registry().with(filter).with(Messages(printer)).try_init();
    // What comes by `log` is from libraries. A parser that has each of its steps turned down by the filter is slower by a fiftieth.
    log::set_max_level(libraries);
}

struct Messages(Printer);

/// What a span says of its node.
#[derive(Clone, Debug)]
struct OfNode {
    info: Json,
    thread: String,
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Messages {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id).filter(|span| span.metadata().target() == "transform::node") else { return };
        let mut said = Said::default();
        attributes.record(&mut said);
        let info = said.text("info").and_then(|info| serde_json::from_str(info).ok()).unwrap_or_default();
        let thread = said.text("thread").unwrap_or(MAIN_THREAD).to_owned();
        span.extensions_mut().insert(OfNode { info, thread });
    }

    fn on_event(&self, event: &TracingEvent<'_>, context: Context<'_, S>) {
        let mut said = Said::default();
        event.record(&mut said);
        let level = match *event.metadata().level() {
            Level::ERROR => LogLevel::Error,
            Level::WARN => LogLevel::Warn,
            Level::INFO => LogLevel::Info,
            _ => LogLevel::Debug,
        };
        let target = event.metadata().target();
        let doing = match target {
            "transform::print" => return self.0.print(&said.message),
            "transform::compiling" => Some("compiling"),
            "transform::executing" => Some("executing"),
            _ => None,
        };
        let of_node = context.event_scope(event).into_iter().flatten().find_map(|span| {
            let mut extensions = span.extensions_mut();
            let of_node = extensions.get_mut::<OfNode>()?;
            if let Some(doing) = doing {
                of_node.info["node_status"] = Json::from(doing);
            }
            Some(of_node.clone())
        });
        self.say(target, level, said, of_node);
    }
}

impl Messages {
    fn say(&self, target: &str, level: LogLevel, said: Said, of_node: Option<OfNode>) {
        let (name, code) = match (target, level) {
            ("transform::sql", _) => ("SQLQuery", "E016"),
            ("transform::sql_status", _) => ("SQLQueryStatus", "E017"),
            ("transform::compiling", _) => ("NodeCompiling", "Q030"),
            ("transform::executing", _) => ("NodeExecuting", "Q031"),
            ("transform::log", LogLevel::Debug) => ("JinjaLogDebug", "I063"),
            ("transform::log", LogLevel::Info) => ("JinjaLogInfo", "I062"),
            ("transform::log", _) => ("JinjaLogWarning", "I061"),
            _ => ("Note", "Z050"),
        };
        let Said { message, mut fields } = said;
        let connection = of_node.as_ref().and_then(|of_node| of_node.info["unique_id"].as_str()).unwrap_or("master");
        let mut text = message.clone();
        match name {
            "SQLQuery" => {
                text = format!("On {connection}: {message}");
                fields.extend([("sql".to_owned(), json!(message)), ("conn_name".to_owned(), json!(connection))]);
            }
            "NodeCompiling" | "NodeExecuting" | "SQLQueryStatus" => {}
            _ => {
                // Other fields of a message stand behind it.
                for (name, value) in std::mem::take(&mut fields) {
                    // Writing to a text cannot fail.
                    let _ = write!(text, " {name}={value}");
                }
                fields.insert("msg".to_owned(), json!(text));
            }
        }
        let thread = of_node.as_ref().map_or(MAIN_THREAD, |of_node| &of_node.thread).to_owned();
        if let Some(of_node) = of_node {
            fields.insert("node_info".to_owned(), of_node.info);
        }
        let event = Event::new(name, code, level, &text).with(Json::Object(fields)).on(&thread);
        let printer = &self.0;
        if printer.format == LogFormat::Text && printer.shows(level) {
            match level {
                LogLevel::Info => printer.message(&text),
                LogLevel::Debug => printer.message(&event.text()),
                LogLevel::Warn => printer.message(&format!("warning: {text}")),
                LogLevel::Error | LogLevel::Nothing => printer.message(&format!("error: {text}")),
            }
        }
        printer.event(&event);
    }
}

/// The message of an event or the fields of a span.
#[derive(Default)]
struct Said {
    message: String,
    fields: Map<String, Json>,
}

impl Said {
    fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    fn add(&mut self, field: &Field, value: Json) {
        self.fields.insert(field.name().to_owned(), value);
    }
}

impl Visit for Said {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, json!(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.push_str(value),
            _ => self.add(field, json!(value)),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
