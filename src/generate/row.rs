//! A row of a text feed.

use serde_json::{Map, Value};

/// The fields of a row by name, in order; those of CSV are all text.
#[derive(Clone, Debug)]
pub(super) struct Row(pub(super) Map<String, Value>);

impl Row {
    /// The text of a field; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Changes the text of a field, where there is one.
    pub(super) fn edit(&mut self, name: &str, change: impl FnOnce(&mut String)) {
        if let Some(Value::String(text)) = self.0.get_mut(name) {
            change(text);
        }
    }

    /// Changes a number, where there is one.
    pub(super) fn edit_number(&mut self, name: &str, change: impl FnOnce(f64) -> f64) {
        if let Some(value) = self.0.get_mut(name)
            && let Some(number) = value.as_f64()
        {
            *value = change(number).into();
        }
    }
}
