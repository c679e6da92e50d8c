//! dbt's JSON artifacts: mirrors of our data in the schemas that other tools read.

mod catalog;
pub mod history;
mod manifest;
mod output;
mod run_results;
mod sources;
pub mod state;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::Timestamp;

pub use catalog::{Catalog, CatalogColumn, CatalogTable, CatalogTableMetadata, no_stats};
pub use manifest::{manifest, resource, resource_behind, unlisted};
pub use output::{CompiledCode, NodeOutput, NodeOutputs};
pub use run_results::{RunResult, RunResults, Timing};
pub use sources::{MeasuredFreshness, SourceFreshness, Sources};

/// The version of dbt whose artifacts these are.
pub const DBT_VERSION: &str = "1.11.0";

/// The prefix of environment variables that artifacts carry.
const CUSTOM_ENV_PREFIX: &str = "DBT_ENV_CUSTOM_ENV_";

/// The name of our own version among them.
const OWN_VERSION: &str = "TRANSFORM_VERSION";

/// What every artifact says of its making.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata {
    /// The address of the artifact's schema.
    pub dbt_schema_version: String,
    /// The version of dbt that the schema belongs to.
    pub dbt_version: &'static str,
    /// When it was made.
    pub generated_at: Timestamp,
    /// The invocation.
    pub invocation_id: String,
    /// When the invocation started.
    pub invocation_started_at: Timestamp,
    /// Variables whose names start with `DBT_ENV_CUSTOM_ENV_`, without the prefix; and our own version, since the schema has
    /// no other place for it.
    pub env: BTreeMap<String, String>,
}

impl Metadata {
    /// The metadata of an artifact (`manifest` version 12, …) made now by this session.
    #[must_use]
    pub fn new(artifact: &str, version: u32, session: &crate::session::Session) -> Self {
        let world = session.world.as_ref();
        let custom = world
            .env_names()
            .into_iter()
            .filter_map(|name| Some((name.strip_prefix(CUSTOM_ENV_PREFIX)?.to_owned(), world.env(&name)?)));
        Metadata {
            dbt_schema_version: format!("https://schemas.getdbt.com/dbt/{artifact}/v{version}.json"),
            dbt_version: DBT_VERSION,
            generated_at: world.now(),
            invocation_id: session.invocation_id.clone(),
            invocation_started_at: session.started_at,
            env: custom.chain([(OWN_VERSION.to_owned(), env!("CARGO_PKG_VERSION").to_owned())]).collect(),
        }
    }
}
