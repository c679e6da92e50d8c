//! `transform parse`: read the project, report what is wrong, write the manifest.

use crate::base::counted;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::Workspace;
use crate::manifest::ResourceType;
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    workspace.write_manifest()?;
    let manifest = workspace.manifest();
    let count = |resource| manifest.nodes.values().filter(|node| node.resource == resource).count();
    printer.line(&format!(
        "parsed {}, {}, {}, {}, {}",
        counted(count(ResourceType::Model), "model"),
        counted(count(ResourceType::Seed), "seed"),
        counted(count(ResourceType::Test), "test"),
        counted(manifest.sources.len(), "source"),
        counted(manifest.exposures.len(), "exposure")
    ));
    Ok(Exit::Success)
}
