//! A package: the project itself, one that is installed, or the built-in one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Files, Renderer, files};
use crate::base::quoted_list;
use crate::config::ProjectConfig;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileKind, SourceMap, World};

/// A package with its files.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its project file.
    pub config: ProjectConfig,
    /// Its folder.
    pub folder: PathBuf,
    /// Its files.
    pub files: Files,
}

impl Package {
    /// Reads the files of a package; messages show paths relative to `root`.
    pub(super) fn read(
        world: &Arc<dyn World>,
        sources: &Arc<SourceMap>,
        folder: PathBuf,
        root: &Path,
        config: ProjectConfig,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let files = Files::read(world.as_ref(), sources, &folder, root, &config.paths, diagnostics);
        Package { config, folder, files }
    }
}

/// The folders of installed packages, sorted; links to folders are among them.
pub(super) fn installed(world: &dyn World, root: &Path, config: &ProjectConfig) -> Vec<PathBuf> {
    let folder = root.join(&config.paths.packages);
    let mut packages = world.entries(&folder).unwrap_or_default();
    packages.retain(|package| {
        let is_hidden = package.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !is_hidden && world.kind(&package.join("dbt_project.yml")) == Some(FileKind::File)
    });
    packages
}

/// The error about a package that is called like one that is known already.
pub(super) fn same_name(known: &Package, name: &str, folder: &Path, root: &Path) -> Diagnostic {
    let shown = |folder: &Path| match files::shown(folder, root) {
        own if own.is_empty() || folder == root => "the project itself".to_owned(),
        path => format!("`{path}`"),
    };
    let message = format!("{} and {} are both called `{name}`", shown(&known.folder), shown(folder));
    Diagnostic::error(codes::DUPLICATE_NAME, message)
        .help("remove one of them: a package goes by the name in its project file")
}

/// Warns when the project asks for packages that are not installed: their macros would only be missed one by one. The lock says
/// their names; without it only their number is known.
pub(super) fn not_installed(renderer: &Renderer, packages: &[Package], root: &Path) -> Option<Diagnostic> {
    let (own, installed) = packages.split_first()?;
    let asked = |name: &str| {
        let path = root.join(name);
        let exists = renderer.world().kind(&path) == Some(FileKind::File);
        let node = exists.then(|| renderer.read(&path, root, &mut Diagnostics::new())).flatten()?;
        node.as_map()?.get("packages").cloned()
    };
    let list = asked("packages.yml").or_else(|| asked("dependencies.yml"))?;
    let count = list.as_list().map_or(0, <[_]>::len);
    let locked = asked("package-lock.yml");
    let names = locked.as_ref().and_then(|list| list.as_list()).unwrap_or_default();
    let names = names.iter().filter_map(|entry| entry.as_map()?.get("name")?.scalar());
    let missing: Vec<String> =
        names.filter(|name| !installed.iter().any(|package| package.config.name == *name)).collect();
    let folder = &own.config.paths.packages;
    let message = if installed.is_empty() && count > 0 {
        format!("the project needs packages, and `{folder}` holds none")
    } else if !missing.is_empty() && count > 0 {
        format!("`{folder}` lacks {}", quoted_list(&missing))
    } else if installed.len() < count {
        format!("the project asks for {count} packages, and `{folder}` holds {}", installed.len())
    } else {
        return None;
    };
    Some(Diagnostic::warning(codes::PACKAGES_MISSING, message).at(list.span).help("`transform deps` installs them"))
}
