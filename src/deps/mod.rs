//! `deps`: the packages that a project asks for, resolved, locked and put below its install path.
//!
//! `resolve` follows what packages ask for themselves until every one has a single version; `lock` writes that down; what the
//! lock says is installed. Packages come from a `hub`, `git` repositories, `tarball`s and folders.

mod add;
mod git;
mod hub;
mod install;
mod lock;
mod resolve;
mod tarball;
#[cfg(test)]
mod tests;
mod web;

use std::path::PathBuf;
use std::sync::Arc;

use crate::config::{DBT_VERSIONS, Version};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::{Outline, Renderer};
use crate::session::Vars;
use crate::source::{FileKind, SourceMap, World};

pub use add::{Addition, PackageSource};
pub use web::{HttpWeb, Web, WebError};

/// What the command asks for.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `--lock`: write the lock and install nothing.
    pub lock_only: bool,
    /// `--upgrade`: resolve anew, whatever the lock says.
    pub upgrade: bool,
    /// Whether packages must say that they work with the version of dbt whose language this is.
    pub version_check: bool,
    /// `--add-package`.
    pub add: Option<Addition>,
}

/// What all steps share.
struct Context<'a> {
    world: &'a dyn World,
    renderer: &'a Renderer,
    web: &'a dyn Web,
    /// The project's folder.
    root: PathBuf,
    /// The folder of installed packages.
    install: PathBuf,
    request: &'a Request,
    /// The values of secrets: addresses may hold them.
    secrets: Vec<String>,
    /// The versions of dbt that packages are to work with: one of them is enough.
    dbt_versions: Vec<Version>,
    /// Tells the user what happens.
    report: &'a dyn Fn(&str),
}

impl Context<'_> {
    /// Where downloads stay until they are installed: hidden, so that it is never taken for a package.
    fn downloads(&self) -> PathBuf {
        self.install.join(".downloads")
    }

    fn scrub(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "*****"))
    }
}

/// The error of a package that cannot be had.
fn unavailable(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(codes::PACKAGE_UNAVAILABLE, message)
}

/// Resolves, locks and installs the packages of the project in `root`.
pub fn run(
    world: &Arc<dyn World>,
    sources: &Arc<SourceMap>,
    (root, vars): (PathBuf, Vars),
    request: &Request,
    web: &dyn Web,
    report: &dyn Fn(&str),
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let (renderer, secrets) = Renderer::for_packages(world, sources, vars);
    let install = || -> Option<()> {
        if let Some(addition) = &request.add {
            let added = add::to_file(world.as_ref(), &root, addition);
            let file = diagnostics.take(added)?;
            report(&format!("added {} to {file}", addition.name));
        }
        let outline = Outline::read(&renderer, &root, &root, &mut diagnostics)?;
        if diagnostics.has_errors() {
            return None;
        }
        let cx = Context {
            world: world.as_ref(),
            renderer: &renderer,
            web,
            install: root.join(&outline.install_path),
            root: root.clone(),
            request,
            secrets,
            dbt_versions: DBT_VERSIONS.iter().filter_map(|text| Version::parse(text)).collect(),
            report,
        };
        let done = all(&cx, &outline, &mut diagnostics);
        // Nothing depends on it any more, whatever came of the rest.
        let _ = world.remove(&cx.downloads());
        done
    };
    install();
    diagnostics
}

fn all(cx: &Context<'_>, outline: &Outline, diagnostics: &mut Diagnostics) -> Option<()> {
    if outline.packages.is_empty() {
        (cx.report)("the project asks for no packages");
        return Some(());
    }
    let hash = lock::hash(&outline.packages);
    let path = cx.root.join(lock::FILE);
    let locked = if cx.world.kind(&path) == Some(FileKind::File) && !cx.request.upgrade {
        diagnostics.take(lock::read(cx, &path))?.filter(|lock| lock.hash == hash)
    } else {
        None
    };
    let pinned = match locked {
        Some(lock) => resolve::locked(cx, &lock.packages, diagnostics)?,
        None => {
            let pinned = resolve::all(cx, outline, diagnostics)?;
            let text = lock::text(&pinned, &hash);
            let written = cx.world.write(&path, text.as_bytes());
            diagnostics.take(written.map_err(|error| {
                Diagnostic::error(codes::FILE_UNWRITABLE, format!("`{}` cannot be written: {error}", lock::FILE))
            }))?;
            (cx.report)(&format!("wrote {}", lock::FILE));
            pinned
        }
    };
    if cx.request.lock_only {
        return Some(());
    }
    install::all(cx, &pinned, diagnostics)
}
