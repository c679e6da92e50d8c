//! `transform clean`: remove what is generated.

use std::path::{Component, Path};

use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::config::Paths;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::Access;
use crate::parse::PARTIAL_PARSE;
use crate::session::Flags;
use crate::source::{FileKind, World};

/// Runs the command. The project's sources, what lies outside the project, and the tables of the lake are never removed; nothing
/// is while another command writes to the lake.
pub(in crate::cli) fn run(flags: &Flags, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let (project, world) = (&workspace.project, workspace.project.session.world.as_ref());
    let runtime = runtime()?;
    let engine = workspace.engine().ok();
    let storage = engine.as_ref().and_then(|engine| engine.local_storage());
    let lake_exists = storage.as_ref().is_some_and(|storage| world.kind(storage).is_some());
    let _guard = match &engine {
        Some(engine) if lake_exists => {
            Some(workspace.begin_as(&runtime, engine.as_ref(), ("transform clean", Access::Exclusive))?)
        }
        _ => None,
    };
    let mut diagnostics = Diagnostics::new();
    for target in &project.own().config.clean_targets {
        if !is_inside(target) || holds_sources(&project.own().config.paths, target) {
            let message = format!("`{target}` is not removed: it is outside the project or holds its sources");
            diagnostics.push(Diagnostic::error(codes::ARGUMENT, message));
            continue;
        }
        let path = project.root.join(target);
        match remove_sparing(world, &path, storage.as_deref()) {
            Ok(()) => printer.line(&format!("removed {target}")),
            Err(error) => {
                let message = format!("`{target}` cannot be removed: {error}");
                diagnostics.push(Diagnostic::error(codes::FILE_UNWRITABLE, message));
            }
        }
        if let Some(storage) = storage.as_deref().filter(|storage| storage.starts_with(&path) && lake_exists) {
            let shown = storage.strip_prefix(&project.root).unwrap_or(storage).display();
            printer.line(&format!("kept {shown}: it holds the tables; delete the folder to drop them all"));
        }
    }
    // What is kept for the next command goes in any case. It is missed by nobody, so that a failure is none.
    let _ = world.remove(&project.target_dir.join(PARTIAL_PARSE));
    if diagnostics.has_errors() {
        return Err(Failure::failed(diagnostics, &workspace.sources));
    }
    Ok(Exit::Success)
}

/// Removes a path with all that is in it but `spared`.
fn remove_sparing(world: &dyn World, path: &Path, spared: Option<&Path>) -> std::io::Result<()> {
    match spared {
        Some(spared) if spared == path => Ok(()),
        Some(spared) if spared.starts_with(path) && world.kind(path) == Some(FileKind::Directory) => {
            world.entries(path)?.iter().try_for_each(|entry| remove_sparing(world, entry, Some(spared)))
        }
        _ => world.remove(path),
    }
}

fn holds_sources(paths: &Paths, target: &str) -> bool {
    let folders = [&paths.models, &paths.seeds, &paths.macros, &paths.tests, &paths.analyses, &paths.snapshots];
    folders.into_iter().flatten().any(|folder| Path::new(folder).starts_with(target))
}

/// Whether a path of the project file stays below the project's folder.
fn is_inside(target: &str) -> bool {
    let mut parts = Path::new(target).components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
}
