//! `transform compile`: the SQL of the selected nodes.

use indexmap::IndexSet;
use rayon::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::base::counted;
use crate::cli::arguments::CompileArgs;
use crate::cli::command::show::inline_node;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, runtime};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::ResourceType;
use crate::run::write_sql;
use crate::session::Flags;

/// Runs the command. An engine that cannot be reached is only missed by templates that query it.
pub(in crate::cli) fn run(flags: &Flags, args: &CompileArgs, printer: &Printer) -> Result<Exit, Failure> {
    let workspace = Workspace::open(flags, printer)?;
    let runtime = runtime()?;
    let engine = workspace.engine().ok();
    let compiler = workspace.compiler(engine.as_ref(), &runtime, &CancellationToken::new());
    if let Some(sql) = &args.inline {
        let compiler = compiler.deferring(workspace.deferral(&IndexSet::new())?);
        let node = inline_node(&workspace, sql)?;
        let compiled = compiler.compile(&node).map_err(|diagnostic| Failure::usage(diagnostic, &workspace.sources))?;
        printer.data(compiled.sql.trim());
        return Ok(Exit::Success);
    }
    let chosen = workspace.choose(&args.select, printer)?;
    let compiler = compiler.deferring(workspace.deferral(&chosen)?);
    let nodes: Vec<_> = chosen
        .iter()
        .filter_map(|id| workspace.manifest().node(id))
        .filter(|node| node.resource != ResourceType::Seed)
        .collect();
    let project = &workspace.project;
    let compiled: Vec<Result<String, Diagnostic>> = nodes
        .par_iter()
        .map(|node| {
            let compiled = compiler.compile(node)?;
            write_sql(project.session.world.as_ref(), &project.target_dir.join("compiled"), node, &compiled.sql)?;
            Ok(compiled.sql)
        })
        .collect();
    workspace.write_manifest()?;
    let mut diagnostics = Diagnostics::new();
    let compiled: Vec<String> = compiled.into_iter().filter_map(|result| diagnostics.take(result)).collect();
    if diagnostics.has_errors() {
        return Err(Failure::failed(diagnostics, &workspace.sources));
    }
    match compiled.as_slice() {
        [sql] if !args.select.select.is_empty() => printer.data(sql.trim()),
        all => printer.line(&format!(
            "compiled {} to {}",
            counted(all.len(), "node"),
            project.target_dir.join("compiled").display()
        )),
    }
    Ok(Exit::Success)
}
