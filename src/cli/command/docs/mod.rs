//! `transform docs`: what is written for those who read about the project.

mod catalog;
mod diff;
mod generate;
mod serve;
mod site;

use crate::cli::arguments::DocsCommand;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, command: &DocsCommand, printer: &Printer) -> Result<Exit, Failure> {
    match command {
        DocsCommand::Generate(args) => generate::run(flags, args, printer),
        DocsCommand::Serve(args) => serve::run(flags, args, printer),
        DocsCommand::Diff(args) => diff::run(flags, args, printer),
    }
}
