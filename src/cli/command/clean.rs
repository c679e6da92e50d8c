//! `transform clean`: remove what is generated.

use std::path::{Component, Path};

use crate::cli::arguments::Global;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::Workspace;
use crate::context::Flags;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// Runs the command. Folders outside the project and the project's own sources are never removed.
pub(in crate::cli) fn run(global: &Global, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(global, Flags { command: "clean".to_owned(), ..Flags::default() }, printer)?;
    let project = &workspace.project;
    let config = &project.own().config;
    let mut diagnostics = Diagnostics::new();
    for target in &config.clean_targets {
        let holds_sources = [&config.paths.models, &config.paths.seeds, &config.paths.macros, &config.paths.tests]
            .into_iter()
            .flatten()
            .any(|folder| Path::new(folder).starts_with(target));
        if !is_inside(target) || holds_sources {
            let message = format!("`{target}` is not removed: it is outside the project or holds its sources");
            diagnostics.push(Diagnostic::error(codes::ARGUMENT, message));
            continue;
        }
        match project.session.world.remove(&project.root.join(target)) {
            Ok(()) => printer.line(&format!("removed {target}")),
            Err(error) => {
                let message = format!("`{target}` cannot be removed: {error}");
                diagnostics.push(Diagnostic::error(codes::FILE_UNWRITABLE, message));
            }
        }
    }
    if diagnostics.has_errors() {
        return Err(Failure::failed(diagnostics, &workspace.sources));
    }
    Ok(Exit::Success)
}

/// Whether a path of the project file stays below the project's folder.
fn is_inside(target: &str) -> bool {
    let mut parts = Path::new(target).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}
