//! Files on disk → [`Project`]: the project file, the target, and the text of everything the project and its packages hold.
//! Nothing is resolved yet.

mod document;
mod files;
mod package;
mod target;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::config::ProjectConfig;
use crate::context::{Flags, Session, Vars};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::engine::registry;
use crate::source::{FileKind, SourceMap, World};

pub use document::{Renderer, rendered_later};
pub use files::{File, Files};
pub use package::{BUILT_IN, Package};

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
    let cli_vars = Vars::new(options.vars.clone());
    let renderer = Renderer::new(world, sources, cli_vars);
    let config = project_config(&renderer, &root, &root, diagnostics)?;
    let target = target::resolve(&renderer, options, &root, &config, diagnostics)?;
    let mut vars = Vars::new(options.vars.clone()).with_root(config.vars.clone());
    let mut packages = vec![Package::read(world, sources, root.clone(), &root, config, diagnostics)];
    for folder in package::installed(world.as_ref(), &root, &packages[0].config) {
        let Some(config) = project_config(&renderer, &folder, &root, diagnostics) else { continue };
        vars.add_package(&config.name, config.vars.clone());
        packages.push(Package::read(world, sources, folder, &root, config, diagnostics));
    }
    packages.push(Package::built_in(sources));
    let target_path = options.target_path.as_ref().unwrap_or(&packages[0].config.target_path);
    let session = Session {
        world: Arc::clone(world),
        sources: Arc::clone(sources),
        project: packages[0].config.name.clone(),
        dialect: registry::dialect(&target.kind),
        target,
        vars,
        flags: options.flags.clone(),
        invocation_id: options.invocation_id.clone(),
        started_at: world.now(),
    };
    Some(Project { target_dir: root.join(target_path), root, session: Arc::new(session), packages })
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

/// Reads `dbt_project.yml` with the overlay beside it, or `transform.yml` alone.
fn project_config(
    renderer: &Renderer,
    folder: &Path,
    root: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<ProjectConfig> {
    let mut document = |name: &str| -> Option<Option<crate::yaml::Node>> {
        let path = folder.join(name);
        if renderer.world().kind(&path) != Some(FileKind::File) {
            return Some(None);
        }
        let mut node = diagnostics.take(renderer.read(&path, root))?;
        renderer.render(&mut node, &|key| !rendered_later(key), diagnostics);
        Some(Some(node))
    };
    let (dbt, own) = (document(DBT_PROJECT)?, document(TRANSFORM)?);
    match (dbt, own) {
        (Some(dbt), overlay) => ProjectConfig::read(&dbt, overlay.as_ref(), diagnostics),
        (None, Some(own)) => ProjectConfig::read(&own, None, diagnostics),
        (None, None) => None,
    }
}
