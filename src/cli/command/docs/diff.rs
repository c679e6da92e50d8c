//! `transform docs diff`: how the project differs from an earlier state of it.

use super::site::Content;
use crate::cli::arguments::{DiffFormat, DocsDiffArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::Workspace;
use crate::diagnostic::{Diagnostic, codes};
use crate::docs::changes;
use crate::session::Flags;

/// Runs the command.
pub(super) fn run(flags: &Flags, args: &DocsDiffArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let Some(found) = Content::changes(&workspace, printer)? else {
        let error = Diagnostic::error(codes::STATE_MISSING, "no earlier state is named to compare with");
        return Err(error.help("`--state` names a folder with the artifacts of an earlier command").into());
    };
    match args.format {
        DiffFormat::Text => printer.data(&changes::text(&found)),
        DiffFormat::Markdown => printer.data(&changes::markdown(&found, &workspace.dag)),
        DiffFormat::Json => printer.data(&format!("{:#}", changes::json(&found))),
    }
    Ok(Exit::Success)
}
