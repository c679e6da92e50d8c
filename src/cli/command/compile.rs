//! `transform compile`: the SQL of the selected nodes.

use std::sync::Arc;

use rayon::prelude::*;
use serde_json::json;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::analyze::Others;
use crate::base::{IndexSet, counted};
use crate::cli::analysis::{Analysis, StaticAnalysis};
use crate::cli::arguments::{CompileArgs, ShowOutput};
use crate::cli::command::show::inline_node;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::{Event, LogFormat, LogLevel, Printer};
use crate::cli::workspace::{Workspace, runtime};
use crate::compile::Compiler;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::engine::Engine;
use crate::manifest::{Node, ResourceType, UniqueId};
use crate::run::{NodeResult, has_compiled_file, write_sql};
use crate::session::Flags;

/// Runs the command.
pub(in crate::cli) fn run(flags: &Flags, args: &CompileArgs, printer: &Printer) -> Result<Exit, Failure> {
    let mut compilation = Compilation::of(flags, args, printer)?;
    let found = compilation.check()?;
    compilation.write(args)?;
    let Compilation { workspace, results, mut failed, .. } = compilation;
    if failed.has_errors() {
        // What else is found may be for want of what cannot be compiled.
        failed.extend(found.into_iter().filter(|found| found.severity == Severity::Error));
        return Err(Failure::usage(failed, &workspace.sources));
    }
    let is_shown = args.inline.is_some() || !args.select.select.is_empty();
    match results.as_slice() {
        [result] if is_shown => print(args, result, printer),
        all => printer.line(&format!(
            "compiled {} to {}",
            counted(all.iter().filter(|result| result.compiled.is_some()).count(), "node"),
            workspace.project.target_dir.join("compiled").display()
        )),
    }
    match found.has_errors() {
        true => Err(Failure::failed(found, &workspace.sources)),
        false => {
            printer.diagnostics(&found, &workspace.sources);
            Ok(Exit::Success)
        }
    }
}

/// What is compiled, and with what.
pub(in crate::cli) struct Compilation {
    pub(in crate::cli) workspace: Workspace,
    pub(in crate::cli) results: Vec<NodeResult>,
    /// Why the others cannot be compiled.
    failed: Diagnostics,
    compiler: Compiler,
    engine: Option<Arc<dyn Engine>>,
    runtime: Runtime,
}

impl Compilation {
    /// Compiles what is selected. An engine that cannot be reached is only missed by templates that query it.
    pub(in crate::cli) fn of(flags: &Flags, args: &CompileArgs, printer: &Printer) -> Result<Self, Failure> {
        let workspace = Workspace::open(flags, printer)?;
        let runtime = runtime()?;
        let engine = match flags.is("introspect") {
            // What is to be checked without exception needs it in any case.
            true if StaticAnalysis::of(&workspace) == StaticAnalysis::Strict => Some(workspace.engine()?),
            true => workspace.engine().ok(),
            false => None,
        };
        let compiler = workspace.compiler(engine.as_ref(), &runtime, &CancellationToken::new());
        let chosen = match &args.inline {
            Some(_) => IndexSet::default(),
            None => workspace.choose_with_hooks(&args.select, printer)?,
        };
        let compiler = compiler.deferring(workspace.deferral(&chosen)?);
        let nodes: Vec<Arc<Node>> = match &args.inline {
            Some(sql) => vec![inline_node(&workspace, sql)?],
            None => {
                let nodes = chosen.iter().filter_map(|id| workspace.manifest().to_run(id));
                let sources = &workspace.project.session.sources;
                nodes.filter(|node| node.resource != ResourceType::UnitTest && !node.is_empty(sources)).collect()
            }
        };
        let compiled: Vec<Result<NodeResult, Diagnostic>> =
            nodes.par_iter().map(|node| compile(&workspace, &compiler, node)).collect();
        let mut failed = Diagnostics::new();
        let results: Vec<NodeResult> = compiled.into_iter().filter_map(|result| failed.take(result)).collect();
        Ok(Compilation { workspace, results, failed, compiler, engine, runtime })
    }

    /// Writes the artifacts: the results of commands in which all could be compiled.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(in crate::cli) fn write(&self, args: &CompileArgs) -> Result<(), Failure> {
        let Compilation { workspace, results, failed, compiler, .. } = self;
        workspace.write_manifest_behind(compiler, results)?;
        if failed.has_errors() {
            return Ok(());
        }
        // As in dbt, of ephemeral models there are results where something is asked for.
        let is_asked = args.inline.is_some() || !args.select.select.is_empty();
        let is_ephemeral = |id: &UniqueId| workspace.manifest().node(id).is_some_and(|node| node.is_ephemeral());
        let told = results.iter().filter(|result| is_asked || !is_ephemeral(&result.id));
        workspace.write_results(told, workspace.arguments(&args.select))
    }

    /// Ends the command where something could not be compiled.
    ///
    /// # Errors
    /// What that was.
    pub(in crate::cli) fn whole(self) -> Result<Self, Failure> {
        if self.failed.has_errors() { Err(Failure::usage(self.failed, &self.workspace.sources)) } else { Ok(self) }
    }

    /// What is wrong in the SQL that is compiled, as far as that is asked for; the results of those nodes tell it.
    fn check(&mut self) -> Result<Diagnostics, Failure> {
        let asked = StaticAnalysis::of(&self.workspace);
        let engine = match &self.engine {
            _ if asked == StaticAnalysis::Off => return Ok(Diagnostics::new()),
            Some(engine) => engine,
            None if asked == StaticAnalysis::Strict => {
                let message = "with `--no-introspect` nothing is known of what the SQL reads, so it cannot be checked";
                let error = Diagnostic::error(codes::SQL_UNCHECKED, message);
                return Err(error.help("leave out `--no-introspect` or `--static-analysis strict`").into());
            }
            None => return Ok(Diagnostics::new()),
        };
        let compiler = self.compiler.read_only();
        let mut analysis = Analysis::new(&self.workspace, (&compiler, engine.as_ref()), &self.runtime);
        let compiled = self.results.iter().filter_map(|result| Some((&result.id, result.compiled.as_ref()?)));
        analysis.compiled = compiled.collect();
        let chosen = self.results.iter().map(|result| result.id.clone()).collect();
        let analyses = analysis.of_least(&chosen, Others::Analyzed, Severity::Note)?;
        let found = analysis.found(&analyses, &chosen, asked);
        let wrong: Vec<Option<NodeResult>> =
            self.results.iter().map(|result| analysis.failed(&analyses, &result.id)).collect();
        for (result, wrong) in self.results.iter_mut().zip(wrong) {
            if let Some(wrong) = wrong {
                *result = NodeResult { compile: result.compile, compiled: result.compiled.take(), ..wrong };
            }
        }
        Ok(found)
    }
}

fn compile(workspace: &Workspace, compiler: &Compiler, node: &Arc<Node>) -> Result<NodeResult, Diagnostic> {
    let project = &workspace.project;
    let world = project.session.world.as_ref();
    // A seed is in the results, and there is nothing to compile.
    if node.resource == ResourceType::Seed {
        return Ok(NodeResult::done(node, ""));
    }
    let start = world.now();
    let compiled = compiler.compile(node)?;
    if !node.is_inline() && has_compiled_file(node, &compiled.sql) {
        write_sql(world, &project.target_dir.join("compiled"), node, &compiled.sql)?;
    }
    Ok(NodeResult { compile: Some((start, world.now())), compiled: Some(compiled), ..NodeResult::done(node, "") })
}

fn print(args: &CompileArgs, result: &NodeResult, printer: &Printer) {
    let sql = result.compiled.as_ref().map_or("", |compiled| &compiled.sql);
    let data = json!({
        "node_name": result.name,
        "compiled": sql,
        "is_inline": args.inline.is_some(),
        "unique_id": result.id,
        "output_format": args.output.as_str(),
    });
    printer.event(&Event::new("CompiledNode", "Q042", LogLevel::Info, sql).with(data));
    match (printer.format, args.output) {
        (LogFormat::Json, _) => {}
        (_, ShowOutput::Text) => printer.data(sql.trim()),
        (_, ShowOutput::Json) => printer.data(&format!("{:#}", json!({ "node": result.name, "compiled": sql }))),
    }
}
