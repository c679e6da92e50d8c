//! `transform rollback`: a node's table becomes what it was.

use tokio_util::sync::CancellationToken;

use super::history::keeps_versions;
use crate::cli::arguments::RollbackArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::engine::Operation;
use crate::run::note;
use crate::session::Flags;

/// Runs the command. The rows and columns are those of the earlier version; the versions since stay where they are.
pub(in crate::cli) fn run(flags: &Flags, args: &RollbackArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let (node, relation) = workspace.the_one(&args.name, printer)?;
    let engine = workspace.engine()?;
    keeps_versions(&workspace, engine.as_ref())?;
    let runtime = runtime()?;
    let _guard = workspace.begin(&runtime, engine.as_ref(), "transform rollback")?;
    let session = &workspace.project.session;
    let restore = Operation::Restore { relation, to: args.to, note: note(session, &node, None) };
    let restored = runtime.block_on(engine.apply(restore, &CancellationToken::new())).map_err(|error| {
        let message = session.scrub(&format!("{} `{}`: {}", node.resource, node.name, error.message));
        Failure::failed(error.diagnostic(message).at(node.span), &workspace.sources)
    })?;
    let said = |key: &str| restored.response.get(key).map(ToString::to_string).unwrap_or_default();
    let rows = restored.rows.map(|rows| format!(": {rows} rows")).unwrap_or_default();
    let (version, earlier) = (said("version"), said("restored"));
    printer.line(&format!("{} is what it was in version {earlier}{rows}. That is version {version} now.", node.name));
    Ok(Exit::Success)
}
