//! A resource of a manifest, as far as comparing and deferring need it.

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::or_default;
use crate::base::IndexMap;
use crate::sql::Relation;

/// A node, source, exposure, metric, … of a manifest. Which fields mean something depends on its kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StateResource {
    /// `model`, `seed`, `source`, …
    #[serde(deserialize_with = "or_default")]
    pub resource_type: String,
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Its package.
    #[serde(deserialize_with = "or_default")]
    pub package_name: String,
    /// Its file, relative to the package.
    #[serde(deserialize_with = "or_default")]
    pub original_file_path: String,
    /// Package, folders, name.
    #[serde(deserialize_with = "or_default")]
    pub fqn: Vec<String>,
    /// The template.
    #[serde(deserialize_with = "or_default", alias = "raw_sql")]
    pub raw_code: String,
    /// Of the file or, of seeds past a size, of its path.
    #[serde(deserialize_with = "checksum")]
    pub checksum: StateChecksum,
    /// Where it is, if it is a relation.
    pub database: Option<String>,
    /// See `database`.
    pub schema: Option<String>,
    /// See `database`; of nodes.
    pub alias: Option<String>,
    /// See `database`; of sources.
    pub identifier: Option<String>,
    /// The relation as SQL wrote it; absent for what is none.
    pub relation_name: Option<String>,
    /// The configs with their values.
    #[serde(deserialize_with = "or_default")]
    pub config: Map<String, Json>,
    /// The configs as they were written.
    #[serde(deserialize_with = "or_default")]
    pub unrendered_config: Map<String, Json>,
    /// Of sources: as it was written.
    pub unrendered_database: Option<String>,
    /// Of sources: as it was written.
    pub unrendered_schema: Option<String>,
    /// Markdown.
    #[serde(deserialize_with = "or_default")]
    pub description: String,
    /// Columns by name.
    #[serde(deserialize_with = "or_default")]
    pub columns: IndexMap<String, StateColumn>,
    /// The contract.
    #[serde(deserialize_with = "or_default")]
    pub contract: StateContract,
    /// Constraints of the model as a whole.
    #[serde(deserialize_with = "or_default")]
    pub constraints: Vec<Json>,
    /// What it reads and calls.
    #[serde(deserialize_with = "or_default")]
    pub depends_on: StateDependencies,
    /// `private`, `protected`, `public`.
    pub access: Option<String>,
    /// A number or a text.
    pub version: Json,
    /// A number or a text.
    pub latest_version: Json,
    /// A date.
    pub deprecation_date: Option<String>,
    /// Of sources.
    pub quoting: Json,
    /// Of sources.
    pub freshness: Json,
    /// Of sources.
    pub loaded_at_field: Option<String>,
    /// Of sources.
    pub external: Json,
    /// Of exposures and metrics.
    #[serde(rename = "type")]
    pub kind: Json,
    /// Of exposures.
    pub owner: Json,
    /// Of exposures.
    pub maturity: Json,
    /// Of exposures.
    pub url: Json,
    /// Of exposures, metrics and saved queries.
    pub label: Json,
    /// Of semantic models and unit tests.
    pub model: Json,
    /// Of semantic models.
    pub defaults: Json,
    /// Of semantic models.
    pub entities: Json,
    /// Of semantic models.
    pub dimensions: Json,
    /// Of semantic models.
    pub measures: Json,
    /// Of semantic models.
    pub primary_entity: Json,
    /// The group.
    pub group: Json,
    /// Of saved queries.
    pub query_params: Json,
    /// Of saved queries.
    pub exports: Json,
    /// Of functions.
    pub arguments: Json,
    /// Of functions.
    pub returns: Json,
}

/// What a file was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StateChecksum {
    /// `sha256` of the content, `path`, or `none`.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// The value.
    #[serde(deserialize_with = "or_default")]
    pub checksum: String,
}

/// A column as properties describe it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct StateColumn {
    /// Its name.
    #[serde(deserialize_with = "or_default")]
    pub name: String,
    /// Markdown.
    #[serde(deserialize_with = "or_default")]
    pub description: String,
    /// The SQL type.
    pub data_type: Option<String>,
    /// What is promised of it.
    #[serde(deserialize_with = "or_default")]
    pub constraints: Vec<Json>,
}

/// Whether the shape of a model is promised.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StateContract {
    /// Whether it is.
    #[serde(deserialize_with = "or_default")]
    pub enforced: bool,
}

/// What a resource reads and calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct StateDependencies {
    /// Ids of macros.
    #[serde(deserialize_with = "or_default")]
    pub macros: Vec<String>,
    /// Ids of nodes, sources, ….
    #[serde(deserialize_with = "or_default")]
    pub nodes: Vec<String>,
}

impl StateResource {
    /// The relation that SQL can read; `None` for what is none, such as an ephemeral model.
    #[must_use]
    pub fn relation(&self) -> Option<Relation> {
        self.relation_name.as_ref()?;
        let identifier = self.alias.as_ref().or(self.identifier.as_ref()).unwrap_or(&self.name);
        Some(Relation::new(self.database.clone().unwrap_or_default(), self.schema.clone()?, identifier.clone()))
    }

    /// The materialization.
    #[must_use]
    pub fn materialized(&self) -> &str {
        self.config.get("materialized").and_then(Json::as_str).unwrap_or_default()
    }
}

/// Of unit tests the checksum is a bare text.
fn checksum<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<StateChecksum, D::Error> {
    Ok(match Json::deserialize(deserializer)? {
        Json::String(checksum) => StateChecksum { name: String::new(), checksum },
        object => serde_json::from_value(object).unwrap_or_default(),
    })
}
