//! `transform deps`: the packages that the project asks for.

use std::sync::Arc;

use crate::cli::arguments::{DepsArgs, DepsSource};
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::options;
use crate::cli::world::world;
use crate::deps::{self, Addition, HttpWeb, PackageSource, Request};
use crate::load::project_root;
use crate::session::{Flags, Vars};
use crate::source::SourceMap;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &DepsArgs, printer: &Printer) -> Result<Exit, Failure> {
    let world = world()?;
    let sources: Arc<SourceMap> = Arc::default();
    let options = options(flags, &sources, printer)?;
    let root = project_root(world.as_ref(), &options)?;
    let source = match args.source {
        DepsSource::Hub => PackageSource::Hub,
        DepsSource::Git => PackageSource::Git,
        DepsSource::Local => PackageSource::Local,
    };
    let request = Request {
        lock_only: args.lock,
        upgrade: args.upgrade,
        version_check: flags.is("version_check"),
        add: args.add_package.as_ref().map(|text| Addition::parse(text, source)).transpose()?,
    };
    let place = (root, Vars::new(options.vars));
    let diagnostics = deps::run(&world, &sources, place, &request, &HttpWeb, &|line| printer.line(line));
    if diagnostics.has_errors() {
        return Err(Failure::usage(diagnostics, &sources));
    }
    printer.diagnostics(&diagnostics, &sources);
    Ok(Exit::Success)
}
