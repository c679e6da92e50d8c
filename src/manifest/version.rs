//! Names of versions of a model: numbers or texts.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use serde_json::Value as Json;

/// A version's name as written: `1`, `2.5` or `beta`. Equal when the texts are. Few models have one.
#[derive(Clone, Debug)]
pub struct Version(Box<Json>);

impl Version {
    /// The version of a number or text; `None` for any other value.
    #[must_use]
    pub fn of(value: Json) -> Option<Self> {
        match value {
            Json::Number(_) | Json::String(_) => Some(Version(Box::new(value))),
            _ => None,
        }
    }

    /// As the artifacts hold it.
    #[must_use]
    pub fn as_json(&self) -> &Json {
        &self.0
    }

    /// The order of versions: by number where both are numbers, else by text.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self.number(), other.number()) {
            (Some(own), Some(other)) => own.total_cmp(&other),
            _ => self.to_string().cmp(&other.to_string()),
        }
    }

    fn number(&self) -> Option<f64> {
        match &*self.0 {
            Json::Number(number) => number.as_f64(),
            Json::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Json::String(text) => f.write_str(text),
            other => write!(f, "{other}"),
        }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}
