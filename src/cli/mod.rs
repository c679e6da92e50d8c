//! The command line: arguments, one file per command, what is printed, exit codes.
//!
//! Data goes to stdout, everything else to stderr. A command gives an [`Exit`]; failures become messages in one place.

mod arguments;
mod command;
mod exit;
mod interrupt;
mod printer;
mod report;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::diagnostic::{Diagnostic, codes};

use arguments::{Cli, Command};
use command as run;
pub use exit::Exit;
use exit::Failure;
use printer::Printer;

/// Runs the command that the arguments of the process ask for.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // `--help` and `--version` come this way too; clap knows which stream each belongs to.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            let _ = error.print();
            return code.into();
        }
    };
    let printer = Printer::new(&cli.global);
    printer.subscribe();
    let result = dispatch(&cli, &printer);
    fail(&printer, result).into()
}

fn dispatch(cli: &Cli, printer: &Printer) -> Result<Exit, Failure> {
    let global = &cli.global;
    match &cli.command {
        Command::Init(args) => run::init::run(args, printer),
        Command::Debug => run::debug::run(global, printer),
        Command::Parse => run::parse::run(global, printer),
        Command::Compile(args) => run::compile::run(global, args, printer),
        Command::Ls(args) => run::ls::run(global, args, printer),
        Command::Run(args) => run::build::run(run::build::Kind::Run, global, args, printer),
        Command::Test(args) => run::build::run(run::build::Kind::Test, global, args, printer),
        Command::Build(args) => run::build::run(run::build::Kind::Build, global, args, printer),
        Command::Seed(args) => run::build::run(run::build::Kind::Seed, global, args, printer),
        Command::Show(args) => run::show::run(global, args, printer),
        Command::RunOperation(args) => run::run_operation::run(global, args, printer),
        Command::Clean => run::clean::run(global, printer),
        Command::NotYet(_) => {
            Err(Diagnostic::error(codes::NOT_SUPPORTED_YET, "this command of dbt is not supported yet").into())
        }
        Command::Explain(args) => run::explain::run(args, printer),
    }
}

/// Prints what a command failed with.
fn fail(printer: &Printer, result: Result<Exit, Failure>) -> Exit {
    result.unwrap_or_else(|failure| {
        printer.diagnostics(&failure.diagnostics, &failure.sources);
        failure.exit
    })
}
