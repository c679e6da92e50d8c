//! `catalog.json`, version 1: what exists in the database of what the project makes and reads.

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::Metadata;
use crate::base::IndexMap;
use crate::manifest::UniqueId;

/// The whole artifact.
#[derive(Clone, Debug, Serialize)]
pub struct Catalog {
    /// Of its making.
    pub metadata: Metadata,
    /// Nodes that exist.
    pub nodes: IndexMap<UniqueId, CatalogTable>,
    /// Sources that exist.
    pub sources: IndexMap<UniqueId, CatalogTable>,
    /// What could not be looked up; absent where nothing went wrong.
    pub errors: Option<Vec<String>>,
}

/// A relation that exists.
#[derive(Clone, Debug, Serialize)]
pub struct CatalogTable {
    /// What it is.
    pub metadata: CatalogTableMetadata,
    /// Its columns by name, in their order.
    pub columns: IndexMap<String, CatalogColumn>,
    /// Facts such as the number of rows.
    pub stats: Json,
    /// The node or source.
    pub unique_id: UniqueId,
}

/// What a relation is.
#[derive(Clone, Debug, Serialize)]
pub struct CatalogTableMetadata {
    /// `BASE TABLE`, `VIEW`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its database.
    pub database: Option<String>,
    /// The remark on it.
    pub comment: Option<String>,
    /// Whose it is, where the engine knows owners.
    pub owner: Option<String>,
}

/// A column that exists.
#[derive(Clone, Debug, Serialize)]
pub struct CatalogColumn {
    /// What the engine's users call its type.
    #[serde(rename = "type")]
    pub data_type: String,
    /// Its place, from 1.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// The remark on it.
    pub comment: Option<String>,
}

/// The stats of a relation of which none are known, as dbt's documentation site reads them.
#[must_use]
pub fn no_stats() -> Json {
    json!({
        "has_stats": {
            "id": "has_stats",
            "label": "Has Stats?",
            "value": false,
            "include": false,
            "description": "Indicates whether there are statistics for this table",
        },
    })
}
