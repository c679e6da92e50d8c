//! `transform debug`: check the project, the profile and the connection, step by step.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::arguments::DebugArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::printer::Printer;
use crate::cli::workspace::{Workspace, options, runtime};
use crate::cli::world::world;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, codes};
use crate::engine::registry;
use crate::load::{self, Project, found_root};
use crate::session::Flags;
use crate::source::{FileKind, SourceMap, World};

/// Runs the command. What is wrong is printed where it is found, and all of it is.
pub(in crate::cli) fn run(flags: &Flags, args: &DebugArgs, printer: &Printer) -> Result<Exit, Failure> {
    let world = world()?;
    if let Some(folder) = flags.text("project_dir").filter(|folder| world.kind(Path::new(folder)).is_none()) {
        let message = format!("there is no folder `{folder}`");
        return Err(Diagnostic::error(codes::ARGUMENT, message).into());
    }
    let root = found_root(world.as_ref(), flags.text("project_dir").as_deref());
    let profiles = profiles_dir(flags, world.as_ref(), root.as_deref());
    if args.config_dir {
        printer.data(&profiles.display().to_string());
        return Ok(Exit::Success);
    }
    let sources: Arc<SourceMap> = Arc::default();
    let (project, diagnostics) = load::load(&world, &sources, &options(flags, &sources, printer)?);
    let mut checks = Checks { printer, failed: Vec::new() };
    checks.row("transform", env!("CARGO_PKG_VERSION"));
    checks.row("engines", &registry::available().join(", "));
    let (of_profile, of_project): (Vec<&Diagnostic>, Vec<&Diagnostic>) = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .partition(|diagnostic| is_of_profile(diagnostic));
    if args.connection {
        printer.data("Skipping steps before connection verification");
    } else {
        if let Some(root) = &root {
            checks.row("project", &root.display().to_string());
        }
        let file = root.as_deref().map_or("dbt_project.yml", |root| project_file(world.as_ref(), root));
        checks.file(file, root.is_some(), &of_project);
    }
    checks.profile(&profiles, project.as_ref(), &of_profile, world.as_ref());
    if let Some(project) = project.filter(|_| of_profile.is_empty()) {
        connection(&project, flags, &printer.silent(), &mut checks);
    }
    Ok(checks.end(&diagnostics, &sources))
}

/// What has been checked so far.
struct Checks<'a> {
    printer: &'a Printer,
    failed: Vec<String>,
}

impl Checks<'_> {
    fn row(&self, name: &str, value: &str) {
        self.printer.data(&format!("{name:<14}{value}"));
    }

    fn file(&mut self, name: &str, exists: bool, errors: &[&Diagnostic]) {
        let state = match (exists, errors.is_empty()) {
            (false, _) => "ERROR not found",
            (true, false) => "ERROR invalid",
            (true, true) => "OK found and valid",
        };
        self.printer.data(&format!("  {name} file [{state}]"));
        if !exists || !errors.is_empty() {
            self.failed.push(format!("Project loading failed for the following reason:\n{}", sentences(errors)));
        }
    }

    fn profile(&mut self, folder: &Path, project: Option<&Project>, errors: &[&Diagnostic], world: &dyn World) {
        let exists = world.kind(&folder.join("profiles.yml")) == Some(FileKind::File);
        if errors.is_empty() {
            let state = if exists { "OK found and valid" } else { "OK none needed" };
            self.printer.data(&format!("  profiles.yml file [{state}]"));
            if let Some(project) = project {
                let target = &project.session.target;
                self.row("profile", &format!("{}, target {}", target.profile, target.name));
                self.row("engine", &target.kind);
                self.row("default", &format!("{}.{}, {} threads", target.database, target.schema, target.threads));
            }
            return;
        }
        let state = if exists { "ERROR invalid" } else { "ERROR not found" };
        self.printer.data(&format!("  profiles.yml file [{state}]"));
        let place = match exists {
            true => String::new(),
            false => format!("\n(as dbt looked for a profiles.yml file in {}, so did this)", folder.display()),
        };
        self.failed.push(format!("Profile loading failed for the following reason:\n{}{place}", sentences(errors)));
    }

    /// The count of what failed, and each with its reason.
    fn end(self, diagnostics: &Diagnostics, sources: &SourceMap) -> Exit {
        if self.failed.is_empty() {
            self.printer.data("All checks passed!");
            return Exit::Success;
        }
        let checks = if self.failed.len() == 1 { "check" } else { "checks" };
        self.printer.data(&format!("{} {checks} failed:", self.failed.len()));
        for failed in &self.failed {
            self.printer.data(failed);
        }
        self.printer.diagnostics(diagnostics, sources);
        Exit::Failed
    }
}

fn connection(project: &Project, flags: &Flags, printer: &Printer, checks: &mut Checks<'_>) {
    let checked = || -> Result<Vec<(String, String)>, String> {
        let said = |failure: Failure| sentences(&failure.diagnostics.iter().collect::<Vec<_>>());
        let workspace = Workspace::open(flags, printer).map_err(said)?;
        let engine = workspace.engine().map_err(said)?;
        let facts = runtime().map_err(said)?.block_on(engine.check());
        facts.map_err(|error| project.session.scrub(&error.message))
    };
    match checked() {
        Ok(facts) => {
            for (name, value) in facts {
                checks.row(&name, &value);
            }
            checks.printer.data("  Connection test: [OK connection ok]");
        }
        Err(reason) => {
            checks.printer.data("  Connection test: [ERROR]");
            checks.failed.push(format!("Connection test failed for the following reason:\n{reason}"));
        }
    }
}

fn is_of_profile(diagnostic: &Diagnostic) -> bool {
    [codes::PROFILE_NOT_FOUND, codes::PROFILE_INVALID, codes::ENGINE_UNAVAILABLE].contains(&diagnostic.code)
}

/// The messages as sentences: a report is read as text, and names in it are quoted as dbt quotes them.
fn sentences(errors: &[&Diagnostic]) -> String {
    let sentence = |error: &&Diagnostic| {
        let message = error.message.replace('`', "'");
        let mut letters = message.chars();
        let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        format!("  {first}{}.", letters.as_str())
    };
    errors.iter().map(sentence).collect::<Vec<_>>().join("\n")
}

fn project_file(world: &dyn World, root: &Path) -> &'static str {
    let names = ["dbt_project.yml", "transform.yml"];
    names.into_iter().find(|name| world.kind(&root.join(name)) == Some(FileKind::File)).unwrap_or("dbt_project.yml")
}

/// The folder in which `profiles.yml` is, or would be looked for first.
fn profiles_dir(flags: &Flags, world: &dyn World, root: Option<&Path>) -> PathBuf {
    if let Some(folder) = flags.text("profiles_dir") {
        return PathBuf::from(folder);
    }
    let home = world.env("HOME").or_else(|| world.env("USERPROFILE")).map(|home| Path::new(&home).join(".dbt"));
    let folders = [root.map(Path::to_path_buf), Some(world.absolute(Path::new("."))), home.clone()];
    let found =
        folders.into_iter().flatten().find(|folder| world.kind(&folder.join("profiles.yml")) == Some(FileKind::File));
    found.or(home).unwrap_or_default()
}
