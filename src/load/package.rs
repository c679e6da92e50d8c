//! A package: the project itself, one that is installed, or the built-in one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{File, Files, Renderer};
use crate::base::sha256_hex;
use crate::config::ProjectConfig;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileKind, SourceMap, World};

/// The name of the built-in package, which is dbt's.
pub const BUILT_IN: &str = "dbt";

/// A file of built-in macros, below `templates/macros`.
macro_rules! built_in {
    ($path:literal) => {
        (concat!("macros/", $path), include_str!(concat!("../../templates/macros/", $path)))
    };
}

/// The macros of the built-in package.
const BUILT_IN_MACROS: &[(&str, &str)] = &[
    built_in!("flow/configs.sql"),
    built_in!("flow/dates.sql"),
    built_in!("flow/hooks.sql"),
    built_in!("flow/statement.sql"),
    built_in!("functions/aggregates.sql"),
    built_in!("functions/arrays.sql"),
    built_in!("functions/cast.sql"),
    built_in!("functions/dateadd.sql"),
    built_in!("functions/datediff.sql"),
    built_in!("functions/dates.sql"),
    built_in!("functions/series.sql"),
    built_in!("functions/sets.sql"),
    built_in!("functions/split_part.sql"),
    built_in!("functions/text.sql"),
    built_in!("functions/timestamps.sql"),
    built_in!("functions/types.sql"),
    built_in!("governance/contracts.sql"),
    built_in!("governance/grants.sql"),
    built_in!("governance/indexes.sql"),
    built_in!("governance/persist_docs.sql"),
    built_in!("incremental/columns.sql"),
    built_in!("incremental/merge.sql"),
    built_in!("incremental/schema_changes.sql"),
    built_in!("incremental/strategies.sql"),
    built_in!("metadata/columns.sql"),
    built_in!("metadata/queries.sql"),
    built_in!("metadata/relations.sql"),
    built_in!("metadata/schemas.sql"),
    built_in!("naming/naming.sql"),
    built_in!("relations/create.sql"),
    built_in!("relations/drop.sql"),
    built_in!("relations/names.sql"),
    built_in!("relations/rename.sql"),
    built_in!("relations/replace.sql"),
    built_in!("seed/seed.sql"),
    built_in!("snapshot/statements.sql"),
    built_in!("snapshot/strategies.sql"),
    built_in!("tests/fixtures.sql"),
    built_in!("tests/generic_tests.sql"),
    built_in!("tests/queries.sql"),
];

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

    /// The macros that every project has.
    pub(super) fn built_in(sources: &SourceMap) -> Self {
        let file = |(path, text): &(&str, &str)| File {
            id: sources.add(format!("built-in {path}"), *text),
            absolute: PathBuf::new(),
            path: (*path).to_owned(),
            original_path: (*path).to_owned(),
            checksum: sha256_hex(text.as_bytes()),
        };
        let files = Files { macros: BUILT_IN_MACROS.iter().map(file).collect(), ..Files::default() };
        Package { config: ProjectConfig::named(BUILT_IN), folder: PathBuf::new(), files }
    }
}

/// The folders of installed packages, sorted.
pub(super) fn installed(world: &dyn World, root: &Path, config: &ProjectConfig) -> Vec<PathBuf> {
    let folder = root.join(&config.paths.packages);
    let files = world.files_below(&folder).unwrap_or_default();
    let mut packages: Vec<PathBuf> = files
        .iter()
        .filter_map(|file| Some(folder.join(file.strip_prefix(&folder).ok()?.components().next()?)))
        .filter(|package| world.kind(&package.join("dbt_project.yml")) == Some(FileKind::File))
        .collect();
    packages.dedup();
    packages
}

/// Warns when the project asks for packages and none is installed: their macros would only be missed one by one.
pub(super) fn not_installed(renderer: &Renderer, own: &Package, root: &Path) -> Diagnostics {
    let lists = ["packages.yml", "dependencies.yml"].map(|name| root.join(name));
    let asked = lists.iter().filter(|path| renderer.world().kind(path) == Some(FileKind::File)).find_map(|path| {
        let node = renderer.read(path, root).ok()?;
        let packages = node.as_map()?.get("packages")?.clone();
        packages.as_list().is_some_and(|items| !items.is_empty()).then_some(packages.span)
    });
    let Some(span) = asked else { return Diagnostics::new() };
    let message = format!("the project needs packages, and `{}` holds none", own.config.paths.packages);
    Diagnostic::warning(codes::PACKAGES_MISSING, message).at(span).help("`dbt deps` installs them").into()
}
