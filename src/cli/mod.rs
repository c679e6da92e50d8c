//! The command line: arguments, one file per command, what is printed, exit codes.
//!
//! Data and the report of what runs go to stdout, what the user is told besides to stderr. A command gives an [`Exit`]; failures become
//! messages in one place.

mod analysis;
mod arguments;
mod command;
mod exit;
mod flags;
mod interrupt;
mod printer;
mod recording;
mod report;
mod selection;
mod telling;
mod workspace;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use clap::FromArgMatches;

use crate::engine;
use crate::session::Flags;
use crate::source::DiskWorld;

use arguments::{Cli, Command};
use command as run;
pub use exit::Exit;
use exit::Failure;
use printer::Printer;

/// Runs the command that the arguments of the process ask for.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = flags::command().try_get_matches().and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // `--help` and `--version` come this way too; clap knows which stream each belongs to.
            let code = if error.use_stderr() { Exit::Usage } else { Exit::Success };
            let _ = error.print();
            return code.into();
        }
    };
    let started = std::time::Instant::now();
    let (flags, root, diagnostics) = flags::read(&matches);
    let printer = Printer::new(&flags, &DiskWorld, root.as_ref());
    printer.subscribe();
    keep_quiet_of_caught_panics();
    #[cfg(all(unix, feature = "datafusion"))]
    open_as_many_files_as_allowed();
    report::started(&flags, &printer);
    let result = match diagnostics.has_errors() {
        true => Err(Failure::usage(diagnostics, &Arc::default())),
        false => {
            printer.diagnostics(&diagnostics, &Arc::default());
            dispatch(&cli.command.settled(), &flags, &printer)
        }
    };
    let exit = match fail(&printer, result) {
        Exit::Success if printer.has_promoted() => Exit::Failed,
        exit => exit,
    };
    report::completed(&flags, exit, started.elapsed().as_secs_f64(), &printer);
    exit.into()
}

/// Writes to the log what panics on an engine's threads: it is told as an error, if it is one. All other panics are printed.
fn keep_quiet_of_caught_panics() {
    let printed = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| match std::thread::current().name() {
        Some(engine::WORKER) => tracing::debug!("{panic}"),
        _ => printed(panic),
    }));
}

/// Raises the limit of open files to the hard one: a query that spills has a file for each batch, and a lake has many files.
#[cfg(all(unix, feature = "datafusion"))]
fn open_as_many_files_as_allowed() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::debug!("the limit of open files stays as it is: {error}");
    }
}

fn dispatch(command: &Command, flags: &Flags, printer: &Printer) -> Result<Exit, Failure> {
    match command {
        Command::Init(args) => run::init::run(args, printer),
        Command::Debug(args) => run::debug::run(flags, args, printer),
        Command::Parse => run::parse::run(flags, printer),
        Command::Compile(args) => run::compile::run(flags, args, printer),
        Command::Ls(args) => run::ls::run(flags, args, printer),
        Command::Run(args) => run::build::run(run::build::Kind::Run, flags, args, printer),
        Command::Test(args) => run::build::run(run::build::Kind::Test, flags, args, printer),
        Command::Build(args) => run::build::run(run::build::Kind::Build, flags, args, printer),
        Command::Seed(args) => run::build::run(run::build::Kind::Seed, flags, args, printer),
        Command::Show(args) => run::show::run(flags, args, printer),
        Command::RunOperation(args) => run::run_operation::run(flags, args, printer),
        Command::Deps(args) => run::deps::run(flags, args, printer),
        Command::Retry => run::retry::run(flags, printer),
        Command::Docs(command) => run::docs::run(flags, command, printer),
        Command::Clean => run::clean::run(flags, printer),
        Command::Maintain(args) => run::maintain::run(flags, args, printer),
        Command::History(args) => run::history::run(flags, args, printer),
        Command::Runs(args) => run::runs::run(flags, args, printer),
        Command::Lineage(args) => run::lineage::run(flags, args, printer),
        Command::Rollback(args) => run::rollback::run(flags, args, printer),
        Command::Snapshot(args) => run::build::run(run::build::Kind::Snapshot, flags, args, printer),
        Command::Clone(args) => run::clone::run(flags, args, printer),
        Command::Source(command) => run::source::run(flags, command, printer),
        #[cfg(feature = "datafusion")]
        Command::Generate(command) => run::generate::run(command, printer),
        Command::Explain(args) => run::explain::run(args, printer),
    }
}

/// Prints what a command failed with.
fn fail(printer: &Printer, result: Result<Exit, Failure>) -> Exit {
    result.unwrap_or_else(|failure| {
        match failure.exit {
            Exit::Usage => {
                report::encountered(&failure.diagnostics, printer);
                printer.failure(&failure.diagnostics, &failure.sources);
            }
            _ => printer.diagnostics(&failure.diagnostics, &failure.sources),
        }
        failure.exit
    })
}
