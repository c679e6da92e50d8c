//! `transform docs generate`: the site, and the artifacts that other tools make one of.

use std::path::{Path, PathBuf};

use super::catalog;
use super::site::Content;
use crate::base::counted;
use crate::cli::arguments::{CompileArgs, DocsGenerateArgs};
use crate::cli::command::compile::Compilation;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::Workspace;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::docs::site::{self, SiteFile};
use crate::session::Flags;

/// The size of a single file past which browsers take long to open it, in bytes.
const LARGE: usize = 20 << 20;

/// Runs the command.
pub(super) fn run(flags: &Flags, args: &DocsGenerateArgs, printer: &Printer) -> Result<Exit, Failure> {
    let (workspace, results) = if args.no_compile {
        let workspace = Workspace::open(flags, printer)?;
        workspace.write_manifest()?;
        (workspace, Vec::new())
    } else {
        let compiled = CompileArgs { select: args.select.clone(), ..CompileArgs::default() };
        let compilation = Compilation::of(flags, &compiled, printer)?;
        compilation.write(&compiled)?;
        let Compilation { workspace, results, .. } = compilation.whole()?;
        (workspace, results)
    };
    let mut catalog = catalog::empty(&workspace);
    if !args.empty_catalog {
        let chosen = workspace.choose(&args.select, &printer.silent())?;
        catalog::fill(&workspace, &chosen, &mut catalog)?;
    }
    workspace.write_artifact("catalog.json", &catalog)?;
    let (nodes, sources) = (counted(catalog.nodes.len(), "node"), counted(catalog.sources.len(), "source"));
    let path = workspace.project.target_dir.join("catalog.json");
    printer.line(&format!("wrote {nodes} and {sources} to {}", path.display()));
    write_site(&workspace, &Content::of(&workspace, results, printer)?, args, printer)?;
    let errors = catalog.errors.into_iter().flatten();
    let errors: Diagnostics = errors.map(|error| Diagnostic::error(codes::EXECUTION, error)).collect();
    printer.diagnostics(&errors, &workspace.sources);
    Ok(if errors.has_errors() { Exit::Failed } else { Exit::Success })
}

fn write_site(
    workspace: &Workspace,
    content: &Content,
    args: &DocsGenerateArgs,
    printer: &Printer,
) -> Result<(), Failure> {
    let target = &workspace.project.target_dir;
    let shown = content.site(workspace, &args.site);
    if args.single_file {
        let path = args.output.clone().unwrap_or_else(|| target.join("docs.html"));
        let file = site::single_file(&shown).map_err(|error| unrendered(&error))?;
        let written = workspace.project.session.world.write(&path, &file.bytes);
        written.map_err(|error| unwritten(workspace, &path, &error))?;
        if file.bytes.len() > LARGE {
            let megabytes = file.bytes.len() >> 20;
            printer.message(&format!(
                "the file has {megabytes} MB, which browsers take long to open: see `--no-sql`, or leave out `--single-file`"
            ));
        }
        printer.line(&format!("wrote the site to {}", path.display()));
        return Ok(());
    }
    let folder = args.output.clone().unwrap_or_else(|| target.join("docs"));
    let world = workspace.project.session.world.as_ref();
    must_be_ours(workspace, &folder)?;
    // What an earlier command wrote for nodes that are no more does not stay.
    world.remove(&folder.join("data")).map_err(|error| unwritten(workspace, &folder, &error))?;
    let written = site::folder(&shown, &|file: SiteFile| {
        let path = folder.join(&file.path);
        world.write(&path, &file.bytes).map_err(|error| NotWritten::File(path, error))
    });
    written.map_err(|error| match error {
        NotWritten::File(path, error) => unwritten(workspace, &path, &error),
        NotWritten::Page(error) => unrendered(&error),
    })?;
    printer.line(&format!("wrote the site to {}", folder.join("index.html").display()));
    Ok(())
}

/// Refuses a folder that holds something else than an earlier site: its files would be written over.
fn must_be_ours(workspace: &Workspace, folder: &Path) -> Result<(), Failure> {
    let world = workspace.project.session.world.as_ref();
    let entries = world.entries(folder).unwrap_or_default();
    let is_site = || world.read(&folder.join(site::MARK)).is_ok_and(|bytes| bytes.starts_with(site::MARKED));
    if entries.is_empty() || is_site() {
        return Ok(());
    }
    let message = format!("`{}` is not empty, and no site of an earlier command", folder.display());
    let error = Diagnostic::error(codes::ARGUMENT, message);
    Err(Failure::usage(error.help("`--output` names a folder for the site alone"), &workspace.sources))
}

/// Why a file of a site is not there.
enum NotWritten {
    File(PathBuf, std::io::Error),
    Page(minijinja::Error),
}

impl From<minijinja::Error> for NotWritten {
    fn from(error: minijinja::Error) -> Self {
        NotWritten::Page(error)
    }
}

fn unwritten(workspace: &Workspace, path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("`{}` cannot be written: {error}", path.display());
    Failure::usage(Diagnostic::error(codes::FILE_UNWRITABLE, message), &workspace.sources)
}

fn unrendered(error: &minijinja::Error) -> Failure {
    Diagnostic::error(codes::INTERNAL, format!("the page cannot be rendered: {error}")).into()
}
