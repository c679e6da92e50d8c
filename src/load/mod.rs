//! Files on disk → [`Project`]: the project file, the target, and the text of everything the project and its packages hold.
//! Nothing is resolved yet.

mod built_in;
mod document;
mod files;
mod outline;
mod package;
mod selectors;
mod target;
mod vars;
mod version;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::config::{ProjectConfig, SelectorProperties};
use crate::context::globals::SECRET_PREFIX;
use crate::context::target_value;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::registry;
use crate::session::{Flags, Session, Vars};
use crate::source::{FileKind, SourceMap, Span, World};
use crate::yaml::{Node, Step};

pub use document::Renderer;
pub use files::{File, Files};
pub use outline::Outline;
pub use package::Package;

/// What the command line says about the project.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `--project-dir`.
    pub project_dir: Option<PathBuf>,
    /// `--profiles-dir`.
    pub profiles_dir: Option<PathBuf>,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--target`.
    pub target: Option<String>,
    /// `--target-path`.
    pub target_path: Option<String>,
    /// `--vars`.
    pub vars: Map<String, Json>,
    /// `--threads`.
    pub threads: Option<usize>,
    /// Flags that templates can read.
    pub flags: Flags,
    /// This invocation's id.
    pub invocation_id: String,
}

/// A project as it was read.
#[derive(Debug)]
pub struct Project {
    /// The project's folder.
    pub root: PathBuf,
    /// The folder of generated files.
    pub target_dir: PathBuf,
    /// What the command runs with.
    pub session: Arc<Session>,
    /// The project itself first, then its installed packages, then the built-in one.
    pub packages: Vec<Package>,
    /// The selectors of `selectors.yml`.
    pub selectors: Vec<SelectorProperties>,
}

impl Project {
    /// The project's own package.
    #[must_use]
    pub fn own(&self) -> &Package {
        &self.packages[0]
    }
}

/// The names of project files.
const DBT_PROJECT: &str = "dbt_project.yml";
const TRANSFORM: &str = "transform.yml";

/// Reads the project that the options name. The project is absent when it cannot be understood at all; otherwise it holds what
/// could be read, and the diagnostics say what could not.
pub fn load(world: &Arc<dyn World>, sources: &Arc<SourceMap>, options: &Options) -> (Option<Project>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let project = load_into(world, sources, options, &mut diagnostics);
    (project, diagnostics)
}

fn load_into(
    world: &Arc<dyn World>,
    sources: &Arc<SourceMap>,
    options: &Options,
    diagnostics: &mut Diagnostics,
) -> Option<Project> {
    let root = diagnostics.take(find_root(world.as_ref(), options))?;
    let mut known = Vars::new(options.vars.clone());
    let before_vars = Renderer::new(world, sources, known.clone(), None);
    let document = ProjectDocument::read(&before_vars, &root, &root, diagnostics)?;
    let own_vars = vars::read(&before_vars, (&root, &root), vars::place(&document.root), diagnostics);
    known = known.with_root(own_vars.clone().unwrap_or_default());
    let before_target = Renderer::new(world, sources, known.clone(), None);
    let profile = document.profile(&before_target, diagnostics);
    let target = target::resolve(&before_target, options, &root, profile, diagnostics)?;
    let secrets = secrets(world.as_ref());
    let target_value = target_value(&target, &secrets);
    let renderer = Renderer::new(world, sources, known, Some(target_value));
    let config = document.config(&renderer, diagnostics)?;
    version::check(&config, options.flags.is("version_check"), diagnostics);
    let mut vars = Vars::new(options.vars.clone()).with_root(own_vars.unwrap_or_else(|| config.vars.clone()));
    let mut packages = vec![Package::read(world, sources, root.clone(), &root, config, diagnostics)];
    for folder in package::installed(world.as_ref(), &root, &packages[0].config) {
        let document = ProjectDocument::read(&renderer, &folder, &root, diagnostics);
        let elsewhere = document.as_ref().and_then(|document| vars::place(&document.root));
        let own_vars = vars::read(&renderer, (&folder, &root), elsewhere, diagnostics);
        let Some(config) = document.and_then(|document| document.config(&renderer, diagnostics)) else { continue };
        version::check(&config, options.flags.is("version_check"), diagnostics);
        if let Some(known) = packages.iter().find(|known: &&Package| known.config.name == config.name) {
            diagnostics.push(package::same_name(known, &config.name, &folder, &root));
            continue;
        }
        vars.add_package(&config.name, own_vars.unwrap_or_else(|| config.vars.clone()));
        packages.push(Package::read(world, sources, folder, &root, config, diagnostics));
    }
    diagnostics.extend(package::not_installed(&renderer, &packages, &root));
    packages.push(built_in::package(sources));
    let selectors = selectors::read(&renderer, &root, diagnostics);
    let target_path = options.target_path.as_ref().unwrap_or(&packages[0].config.target_path);
    let session = Session {
        world: Arc::clone(world),
        sources: Arc::clone(sources),
        root: root.clone(),
        project: packages[0].config.name.clone(),
        packages: packages
            .iter()
            .map(|package| (package.config.name.clone(), package.config.version.clone()))
            .collect(),
        dialect: registry::dialect(&target.kind),
        query_comment: packages[0].config.query_comment.clone(),
        quoting: registry::quoting(&target.kind).with(&packages[0].config.quoting),
        target,
        secrets,
        vars,
        flags: options.flags.clone(),
        invocation_id: options.invocation_id.clone(),
        started_at: world.now(),
    };
    Some(Project { target_dir: root.join(target_path), root, session: Arc::new(session), packages, selectors })
}

/// The folder of the project, if there is one: the one that is named, else the working folder or the nearest one above.
#[must_use]
pub fn found_root(world: &dyn World, project_dir: Option<&str>) -> Option<PathBuf> {
    find_root(world, &Options { project_dir: project_dir.map(PathBuf::from), ..Options::default() }).ok()
}

/// `target-path` of the project file as it is written.
#[must_use]
pub fn target_path(world: &dyn World, root: &Path) -> String {
    let said = project_document(world, root).and_then(|document| document.as_map()?.get("target-path")?.scalar());
    said.unwrap_or_else(|| "target".to_owned())
}

fn project_document(world: &dyn World, root: &Path) -> Option<Node> {
    let text = [DBT_PROJECT, TRANSFORM].iter().find_map(|name| world.read(&root.join(name)).ok())?;
    let text = String::from_utf8(text).ok()?;
    crate::yaml::parse(SourceMap::default().add("", ""), &text, &mut Diagnostics::new()).ok()
}

/// `flags:` of the project file as it is written; none where it cannot be read, which [`load`] reports.
#[must_use]
pub fn project_flags(world: &dyn World, root: &Path) -> Map<String, Json> {
    let document = project_document(world, root);
    let flags = document.and_then(|root| root.as_map()?.get("flags")?.as_map().map(crate::yaml::Mapping::to_json));
    flags.unwrap_or_default()
}

/// The flags of the user's own settings, `~/.dbt/user_settings.yml`, below `flags` or by themselves; none where there is no such
/// file or it cannot be read.
#[must_use]
pub fn user_flags(world: &dyn World) -> Map<String, Json> {
    let home = world.env("HOME").or_else(|| world.env("USERPROFILE"));
    let bytes = home.and_then(|home| world.read(&Path::new(&home).join(".dbt/user_settings.yml")).ok());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let Ok(root) = crate::yaml::parse(SourceMap::default().add("", ""), &text, &mut Diagnostics::new()) else {
        return Map::new();
    };
    let Some(settings) = root.as_map() else { return Map::new() };
    settings.get("flags").and_then(Node::as_map).unwrap_or(settings).to_json()
}

/// The folder of the project that the options name.
///
/// # Errors
/// When there is no project.
pub fn project_root(world: &dyn World, options: &Options) -> Result<PathBuf, Diagnostic> {
    find_root(world, options)
}

/// The folder of the project: the one that is named, else the working folder or the nearest one above with a project file.
fn find_root(world: &dyn World, options: &Options) -> Result<PathBuf, Diagnostic> {
    let is_project = |folder: &Path| {
        [DBT_PROJECT, TRANSFORM].iter().any(|name| world.kind(&folder.join(name)) == Some(FileKind::File))
    };
    let named = options.project_dir.clone().or_else(|| world.env("DBT_PROJECT_DIR").map(PathBuf::from));
    if let Some(folder) = named {
        let folder = world.absolute(&folder);
        return if is_project(&folder) { Ok(folder) } else { Err(no_project(world, &folder)) };
    }
    let start = world.absolute(Path::new("."));
    match start.ancestors().find(|folder| is_project(folder)) {
        Some(folder) => Ok(folder.to_path_buf()),
        None => Err(no_project(world, &start)),
    }
}

fn no_project(world: &dyn World, folder: &Path) -> Diagnostic {
    let message = match world.kind(folder) {
        Some(FileKind::Directory) if world.kind(&folder.join(DBT_PROJECT)) == Some(FileKind::Directory) => {
            format!("`{DBT_PROJECT}` in `{}` should be a file and is a folder", folder.display())
        }
        Some(FileKind::Directory) => format!("no `{DBT_PROJECT}` or `{TRANSFORM}` in `{}`", folder.display()),
        Some(FileKind::File) => format!("`{}` is a file, not a project folder", folder.display()),
        None => format!("there is no folder `{}`", folder.display()),
    };
    Diagnostic::error(codes::NO_PROJECT, message)
        .help("`transform init <name>` makes a new project; `--project-dir` names the folder of one")
}

/// `dbt_project.yml` with the overlay beside it, or `transform.yml` alone; not rendered, since that needs the target, which needs
/// the profile that is named here.
struct ProjectDocument {
    root: Node,
    overlay: Option<Node>,
}

impl ProjectDocument {
    fn read(renderer: &Renderer, folder: &Path, root: &Path, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut document = |name: &str| -> Option<Option<Node>> {
            let path = folder.join(name);
            if renderer.world().kind(&path) != Some(FileKind::File) {
                return Some(None);
            }
            Some(Some(renderer.read(&path, root, diagnostics)?))
        };
        match (document(DBT_PROJECT)?, document(TRANSFORM)?) {
            (Some(root), overlay) => Some(ProjectDocument { root, overlay }),
            (None, Some(root)) => Some(ProjectDocument { root, overlay: None }),
            (None, None) => None,
        }
    }

    /// The profile that the project names, and where.
    fn profile(&self, renderer: &Renderer, diagnostics: &mut Diagnostics) -> Option<(String, Span)> {
        let mut node = self.root.as_map()?.get("profile")?.clone();
        renderer.render(&mut node, &|_| true, diagnostics);
        Some((node.scalar()?, node.span))
    }

    fn config(mut self, renderer: &Renderer, diagnostics: &mut Diagnostics) -> Option<ProjectConfig> {
        let unrendered = self.root.clone();
        for node in std::iter::once(&mut self.root).chain(&mut self.overlay) {
            renderer.render(node, &is_rendered, diagnostics);
        }
        let mut config = ProjectConfig::read(&self.root, self.overlay.as_ref(), diagnostics)?;
        config.set_unrendered(&unrendered);
        Some(config)
    }
}

/// Whether a text of the project file is rendered with it: variables are where they are used, and what runs with a node is then.
fn is_rendered(way: &[Step<'_>]) -> bool {
    way.first() != Some(&Step::Key("vars"))
        && !way.iter().any(|step| matches!(step, Step::Key(key) if is_of_running(key)))
}

/// Whether a key of the project file holds what is rendered when it runs.
fn is_of_running(key: &str) -> bool {
    let key = key.trim_start_matches('+').replace('_', "-");
    matches!(key.as_str(), "on-run-start" | "on-run-end" | "pre-hook" | "post-hook" | "query-comment" | "sql-header")
}

/// The values of the variables that hold secrets.
#[must_use]
pub fn secrets(world: &dyn World) -> Vec<String> {
    let names = world.env_names().into_iter().filter(|name| name.starts_with(SECRET_PREFIX));
    names.filter_map(|name| world.env(&name)).filter(|value| !value.is_empty()).collect()
}
