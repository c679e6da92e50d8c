//! What values and errors are as plain texts.

use serde_json::Value as Json;

/// A text as it is, any other value as JSON writes it.
#[must_use]
pub fn plain_text(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The cause at the bottom of an error, which says the most: `connection refused`.
#[must_use]
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
