//! The keys of a profile's output, read with checks.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{EngineError, ErrorKind};

/// The keys of an output. One that is null is not there.
#[derive(Clone, Copy)]
pub(super) struct Keys<'a>(pub(super) &'a Map<String, Value>);

impl<'a> Keys<'a> {
    /// The value of a key.
    pub(super) fn value(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A text; a number counts as one.
    ///
    /// # Errors
    /// When it is no text, or says nothing.
    pub(super) fn text(self, key: &str) -> Result<Option<String>, EngineError> {
        match self.value(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(other) => Err(wrong(key, other, "a text")),
        }
    }

    /// A text that is not shown, whatever it is.
    ///
    /// # Errors
    /// When it is no text.
    #[cfg(feature = "bigquery")]
    pub(super) fn secret(self, key: &str) -> Result<Option<String>, EngineError> {
        self.text(key).map_err(|_| {
            EngineError::new(ErrorKind::Settings, format!("`{key}` is not a text"))
                .help(format!("correct `{key}` in `profiles.yml`"))
        })
    }

    /// A number above zero.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn count(self, key: &str) -> Result<Option<usize>, EngineError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let count = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64().and_then(|count| usize::try_from(count).ok()),
        };
        count.filter(|count| *count > 0).map(Some).ok_or_else(|| wrong(key, value, "a whole number above zero"))
    }

    /// A number of units of so many seconds.
    ///
    /// # Errors
    /// When it is not `what`.
    pub(super) fn duration(self, key: &str, unit: f64, what: &str) -> Result<Option<Duration>, EngineError> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let number: Option<f64> = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        number
            .and_then(|number| Duration::try_from_secs_f64(number * unit).ok())
            .map(Some)
            .ok_or_else(|| wrong(key, value, what))
    }
}

/// The error of a key whose value is not what is `wanted`.
pub(super) fn wrong(key: &str, value: &Value, wanted: &str) -> EngineError {
    EngineError::new(ErrorKind::Settings, format!("`{key}: {value}` is not {wanted}"))
        .help(format!("correct `{key}` in `profiles.yml`"))
}
