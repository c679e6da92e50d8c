//! Something that happened, in the shape of dbt's structured logs: `{info, data}`, with dbt's names and codes.

use serde_json::{Value as Json, json};

use super::LogLevel;
use crate::base::Timestamp;
use crate::run::MAIN_THREAD;

/// Something that happened.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Event<'a> {
    name: &'a str,
    code: &'a str,
    pub(super) level: LogLevel,
    message: &'a str,
    data: Json,
    thread: &'a str,
}

impl<'a> Event<'a> {
    /// An event with a message alone, which is also its data.
    pub(in crate::cli) fn new(name: &'a str, code: &'a str, level: LogLevel, message: &'a str) -> Self {
        Event { name, code, level, message, data: json!({ "msg": message }), thread: MAIN_THREAD }
    }

    /// The same with facts.
    pub(in crate::cli) fn with(mut self, data: Json) -> Self {
        self.data = data;
        self
    }

    /// The same of a worker.
    pub(in crate::cli) fn on(self, thread: &'a str) -> Self {
        Event { thread, ..self }
    }

    /// The line of the log.
    pub(super) fn json(&self, invocation_id: &str) -> Json {
        json!({
            "data": self.data,
            "info": {
                "category": "",
                "code": self.code,
                "extra": {},
                "invocation_id": invocation_id,
                "level": self.level.as_str(),
                "msg": self.message,
                "name": self.name,
                "pid": std::process::id(),
                "thread": self.thread,
                "ts": Timestamp(chrono::Utc::now()),
            },
        })
    }

    /// The line of a log for people.
    pub(super) fn text(&self) -> String {
        let time = chrono::Utc::now().format("%H:%M:%S%.6f");
        format!("{time} [{:<5}] [{}]: {}", self.level.as_str(), self.thread, self.message)
    }
}
