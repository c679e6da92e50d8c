//! `catalog.json` of an earlier invocation.

use std::path::Path;

use serde::Deserialize;

use super::{or_default, read};
use crate::base::IndexMap;
use crate::diagnostic::Diagnostic;
use crate::source::World;

/// What existed in the database.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StateCatalog {
    /// Nodes by their ids.
    nodes: IndexMap<String, Table>,
    /// Sources by their ids.
    sources: IndexMap<String, Table>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Table {
    columns: IndexMap<String, Column>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Column {
    #[serde(deserialize_with = "or_default")]
    name: String,
    #[serde(rename = "type", deserialize_with = "or_default")]
    data_type: String,
}

impl StateCatalog {
    /// Reads a catalog; `None` when there is no such file.
    ///
    /// # Errors
    /// When the file cannot be read or is no JSON of that shape.
    pub fn read(world: &dyn World, path: &Path) -> Result<Option<Self>, Diagnostic> {
        read(world, path)
    }

    /// The columns of a node or source that existed, each with its type.
    #[must_use]
    pub fn columns(&self, id: &str) -> Option<Vec<(&str, &str)>> {
        let table = self.nodes.get(id).or_else(|| self.sources.get(id))?;
        Some(table.columns.values().map(|column| (column.name.as_str(), column.data_type.as_str())).collect())
    }
}
