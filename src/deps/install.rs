//! Putting packages below the install path.

use std::path::{Path, PathBuf};

use super::resolve::{Pinned, PinnedSource};
use super::{Context, tarball, unavailable};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::FileKind;

/// Installs the packages: all of them are fetched first, so that what was installed stays when one cannot be had.
pub(super) fn all(cx: &Context<'_>, packages: &[Pinned], diagnostics: &mut Diagnostics) -> Option<()> {
    let fetched: Vec<Option<PathBuf>> = packages.iter().map(|package| diagnostics.take(fetch(cx, package))).collect();
    if diagnostics.has_errors() {
        return None;
    }
    diagnostics.take(empty(cx))?;
    for (package, folder) in packages.iter().zip(fetched) {
        let Some(folder) = folder else { continue };
        diagnostics.take(put(cx, package, &folder))?;
        (cx.report)(&described(package));
    }
    Some(())
}

/// Where the files of a package are.
fn fetch(cx: &Context<'_>, package: &Pinned) -> Result<PathBuf, Diagnostic> {
    match &package.source {
        PinnedSource::Hub { tarball, .. } => tarball::unpack(cx, tarball),
        PinnedSource::Git { folder, .. } | PinnedSource::Tarball { folder, .. } => Ok(folder.clone()),
        PinnedSource::Local(path) => Ok(cx.root.join(path)),
    }
}

/// Removes what was installed before.
fn empty(cx: &Context<'_>) -> Result<(), Diagnostic> {
    let fail = |error: std::io::Error| unavailable(format!("`{}` cannot be emptied: {error}", cx.install.display()));
    if cx.world.kind(&cx.install) != Some(FileKind::Directory) {
        return Ok(());
    }
    let downloads = cx.downloads();
    for entry in cx.world.entries(&cx.install).map_err(fail)? {
        if entry != downloads {
            cx.world.remove(&entry).map_err(fail)?;
        }
    }
    Ok(())
}

fn put(cx: &Context<'_>, package: &Pinned, folder: &Path) -> Result<(), Diagnostic> {
    let target = cx.install.join(&package.name);
    let done = match &package.source {
        PinnedSource::Local(_) => cx.world.link(&cx.world.absolute(folder), &target),
        // Several packages may come from one repository.
        PinnedSource::Git { .. } => cx.world.copy(folder, &target),
        PinnedSource::Hub { .. } | PinnedSource::Tarball { .. } => cx.world.rename(folder, &target),
    };
    done.map_err(|error| unavailable(format!("package `{}` cannot be installed: {error}", package.name)))
}

fn described(package: &Pinned) -> String {
    let name = &package.name;
    match &package.source {
        PinnedSource::Hub { package, version, latest, .. } if version == latest => {
            format!("installed {name} {version} ({package})")
        }
        PinnedSource::Hub { package, version, latest, .. } => {
            format!("installed {name} {version} ({package}); {latest} is out")
        }
        PinnedSource::Git { unrendered, commit, subdirectory, .. } => {
            let inside = subdirectory.as_ref().map(|folder| format!(", folder {folder}")).unwrap_or_default();
            let short = commit.get(..10).unwrap_or(commit);
            format!("installed {name} at {short} ({unrendered}{inside})")
        }
        PinnedSource::Local(path) => format!("installed {name} ({path})"),
        PinnedSource::Tarball { unrendered, .. } => format!("installed {name} ({unrendered})"),
    }
}
