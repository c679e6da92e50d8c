//! `transform debug`: check the project, the profile and the connection, step by step.

use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::Diagnostic;
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, printer: &Printer) -> Result<Exit, Failure> {
    let row = |name: &str, value: &str| printer.data(&format!("{name:<14}{value}"));
    row("transform", env!("CARGO_PKG_VERSION"));
    let workspace = Workspace::open(flags, printer)?;
    let (project, target) = (&workspace.project, &workspace.project.session.target);
    row("project", &format!("{} in {}", project.session.project, project.root.display()));
    row("profile", &format!("{}, target {}", target.profile, target.name));
    row("engine", &target.kind);
    row("default", &format!("{}.{}, {} threads", target.database, target.schema, target.threads));
    let engine = workspace.engine()?;
    let checked = runtime()?.block_on(engine.check());
    let facts =
        checked.map_err(|error| Failure::failed(Diagnostic::error(error.code(), error.message), &workspace.sources))?;
    for (name, value) in facts {
        row(&name, &value);
    }
    row("connection", "ok");
    Ok(Exit::Success)
}
