//! The name of a table or view.

use std::fmt;

use super::{Dialect, Quoting};

/// A table or view by its full name, `database.schema.identifier`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Relation {
    /// The database (catalog, project); empty where the engine's names have none.
    pub database: String,
    /// The schema (dataset).
    pub schema: String,
    /// The table or view itself.
    pub identifier: String,
}

impl Relation {
    /// The relation of these three names.
    pub fn new(database: impl Into<String>, schema: impl Into<String>, identifier: impl Into<String>) -> Self {
        Relation { database: database.into(), schema: schema.into(), identifier: identifier.into() }
    }

    /// The full name, each part quoted in the dialect's way.
    #[must_use]
    pub fn render(&self, dialect: Dialect) -> String {
        self.render_with(dialect, Quoting::ALL)
    }

    /// The full name, the parts quoted that `quoting` says.
    #[must_use]
    pub fn render_with(&self, dialect: Dialect, quoting: Quoting) -> String {
        let parts = [&self.database, &self.schema, &self.identifier].into_iter().zip(quoting.parts());
        let parts = parts.filter(|(part, _)| !part.is_empty());
        let parts = parts.map(|(part, quoted)| if quoted { dialect.quote(part) } else { part.clone() });
        parts.collect::<Vec<_>>().join(".")
    }
}

impl fmt::Display for Relation {
    /// For people: `database.schema.identifier` without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.database, self.schema, self.identifier)
    }
}
