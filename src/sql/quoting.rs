//! Which parts of a relation's name stand in quotes.

/// The parts of a name that are quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoting {
    /// The database.
    pub database: bool,
    /// The schema.
    pub schema: bool,
    /// The table or view itself.
    pub identifier: bool,
}

impl Quoting {
    /// Every part.
    pub const ALL: Quoting = Quoting { database: true, schema: true, identifier: true };

    /// No part.
    pub const NONE: Quoting = Quoting { database: false, schema: false, identifier: false };

    /// The same, with the parts that a `quoting:` config says otherwise.
    #[must_use]
    pub fn with(self, config: &serde_json::Map<String, serde_json::Value>) -> Self {
        let part = |name: &str, known: bool| config.get(name).and_then(serde_json::Value::as_bool).unwrap_or(known);
        Quoting {
            database: part("database", self.database),
            schema: part("schema", self.schema),
            identifier: part("identifier", self.identifier),
        }
    }

    /// The parts in the order of a name.
    #[must_use]
    pub fn parts(self) -> [bool; 3] {
        [self.database, self.schema, self.identifier]
    }
}

impl From<[bool; 3]> for Quoting {
    fn from([database, schema, identifier]: [bool; 3]) -> Self {
        Quoting { database, schema, identifier }
    }
}
