//! `manifest.json` of an earlier invocation.

use std::path::Path;

use serde::Deserialize;

use super::{StateDependencies, StateResource, or_default, read, schema_version};
use crate::base::{HashMap, IndexMap};
use crate::diagnostic::{Diagnostic, codes};
use crate::source::World;

/// The oldest version that is understood: dbt 1.3. Earlier ones call a node's template by another name.
const OLDEST: u32 = 7;

/// What an earlier invocation knew of the project.
#[derive(Debug, Default)]
pub struct StateManifest {
    /// The version of the artifact's schema.
    pub version: u32,
    /// The project's name.
    pub project: String,
    /// When it was written.
    pub generated_at: Option<String>,
    /// Nodes, sources, exposures, metrics, semantic models, saved queries, unit tests and functions by their ids.
    pub resources: IndexMap<String, StateResource>,
    /// Macros by their ids.
    pub macros: HashMap<String, StateMacro>,
}

/// A macro of an earlier invocation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StateMacro {
    /// Its package.
    #[serde(deserialize_with = "or_default")]
    pub package_name: String,
    /// The whole block.
    #[serde(deserialize_with = "or_default")]
    pub macro_sql: String,
    /// The macros that it calls.
    #[serde(deserialize_with = "or_default")]
    pub depends_on: StateDependencies,
}

/// The file's own shape.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    metadata: Metadata,
    nodes: IndexMap<String, StateResource>,
    sources: IndexMap<String, StateResource>,
    exposures: IndexMap<String, StateResource>,
    metrics: IndexMap<String, StateResource>,
    #[serde(deserialize_with = "or_default")]
    semantic_models: IndexMap<String, StateResource>,
    #[serde(deserialize_with = "or_default")]
    saved_queries: IndexMap<String, StateResource>,
    #[serde(deserialize_with = "or_default")]
    unit_tests: IndexMap<String, StateResource>,
    #[serde(deserialize_with = "or_default")]
    functions: IndexMap<String, StateResource>,
    macros: HashMap<String, StateMacro>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    dbt_schema_version: String,
    #[serde(deserialize_with = "or_default")]
    project_name: String,
    generated_at: Option<String>,
}

impl StateManifest {
    /// Reads a manifest; `None` when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read, is not JSON, or is of a version that is not understood.
    pub fn read(world: &dyn World, path: &Path) -> Result<Option<Self>, Diagnostic> {
        let Some(document) = read::<Document>(world, path)? else { return Ok(None) };
        let address = &document.metadata.dbt_schema_version;
        let version = schema_version(address).filter(|version| *version >= OLDEST).ok_or_else(|| {
            let message = match address.as_str() {
                "" => format!("`{}` is not a manifest: it names no schema", path.display()),
                address => format!("`{}` is of a version that is not understood: {address}", path.display()),
            };
            Diagnostic::error(codes::STATE_UNREADABLE, message)
                .help(format!("manifests from version {OLDEST} on can be compared with; make it anew with `parse`"))
        })?;
        let mut resources = document.nodes;
        for others in [
            document.sources,
            document.exposures,
            document.metrics,
            document.semantic_models,
            document.saved_queries,
            document.unit_tests,
            document.functions,
        ] {
            resources.extend(others);
        }
        let Metadata { project_name: project, generated_at, .. } = document.metadata;
        Ok(Some(StateManifest { version, project, generated_at, resources, macros: document.macros }))
    }
}
