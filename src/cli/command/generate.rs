//! `transform generate`: data to try the tool on.

use crate::cli::arguments::{GenerateCommand, RetailArgs};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::diagnostic::{Code, Diagnostic, codes};
use crate::generate::Retail;
use crate::source::{DiskWorld, FileKind, World};

/// Runs the command.
pub(in crate::cli) fn run(command: &GenerateCommand, printer: &Printer) -> Result<Exit, Failure> {
    match command {
        GenerateCommand::Retail(args) => retail(args, printer),
    }
}

/// A folder that already holds something is left alone.
fn retail(args: &RetailArgs, printer: &Printer) -> Result<Exit, Failure> {
    let (world, folder) = (DiskWorld, args.out.as_path());
    let failure = |code: Code, message: String| Failure::from(Diagnostic::error(code, message));
    match world.kind(folder) {
        None => {}
        Some(FileKind::File) => return Err(failure(codes::ARGUMENT, format!("`{}` is a file", folder.display()))),
        Some(FileKind::Directory) => match world.entries(folder) {
            Ok(entries) if entries.is_empty() => {}
            Ok(_) => return Err(failure(codes::ARGUMENT, format!("`{}` is not empty", folder.display()))),
            Err(error) => {
                let message = format!("`{}` cannot be read: {error}", folder.display());
                return Err(failure(codes::FILE_UNREADABLE, message));
            }
        },
    }
    let retail = Retail { scale: args.scale, seed: args.seed };
    let written = retail.write(&world, folder).map_err(|(path, error)| {
        failure(codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", path.display()))
    })?;
    printer.line(&format!("wrote {written} files to `{}`", folder.display()));
    Ok(Exit::Success)
}
