//! The artifacts of an earlier invocation, read back: what `--state` names.
//!
//! They may be ours or dbt's own, of any version since manifest v7, so every field may be missing, and those that nobody compares are
//! not kept. What the facts mean for a selection is decided in `graph`.

mod catalog;
mod manifest;
mod resource;
mod run_results;
mod sources;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileKind, World};

pub use catalog::StateCatalog;
pub use manifest::{StateMacro, StateManifest};
pub use resource::{StateChecksum, StateColumn, StateContract, StateDependencies, StateResource};
pub use run_results::{StateResult, StateRunResults};
pub use sources::{StateFreshness, StateSources};

/// The artifacts of a folder; each is absent when the folder has no such file.
#[derive(Debug, Default)]
pub struct PreviousState {
    /// The folder.
    pub folder: PathBuf,
    /// `manifest.json`.
    pub manifest: Option<StateManifest>,
    /// `catalog.json`.
    pub catalog: Option<StateCatalog>,
    /// `run_results.json`.
    pub run_results: Option<StateRunResults>,
    /// `sources.json`.
    pub sources: Option<StateSources>,
}

impl PreviousState {
    /// Reads the artifacts of a folder. Those that cannot be read are reported and count as absent.
    pub fn read(world: &dyn World, folder: &Path, diagnostics: &mut Diagnostics) -> Self {
        PreviousState {
            folder: folder.to_path_buf(),
            catalog: diagnostics.take(StateCatalog::read(world, &folder.join("catalog.json"))).flatten(),
            manifest: diagnostics.take(StateManifest::read(world, &folder.join("manifest.json"))).flatten(),
            run_results: diagnostics.take(StateRunResults::read(world, &folder.join("run_results.json"))).flatten(),
            sources: diagnostics.take(StateSources::read(world, &folder.join("sources.json"))).flatten(),
        }
    }
}

/// Reads an artifact; `None` when there is no such file.
fn read<T: DeserializeOwned>(world: &dyn World, path: &Path) -> Result<Option<T>, Diagnostic> {
    if world.kind(path) != Some(FileKind::File) {
        return Ok(None);
    }
    let fail = |error: &dyn std::fmt::Display| {
        let message = format!("`{}` cannot be read: {error}", path.display());
        Diagnostic::error(codes::STATE_UNREADABLE, message)
    };
    let bytes = world.read(path).map_err(|error| fail(&error))?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| fail(&error))
}

/// `null` where a value is expected counts as absent.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: serde::Deserialize<'de> + Default,
{
    Ok(<Option<T> as serde::Deserialize>::deserialize(deserializer)?.unwrap_or_default())
}

/// The number at the end of `https://schemas.getdbt.com/dbt/manifest/v12.json`.
fn schema_version(address: &str) -> Option<u32> {
    let file = address.rsplit('/').next()?;
    file.strip_prefix('v')?.strip_suffix(".json")?.parse().ok()
}
