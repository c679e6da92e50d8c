//! Features of dbt that are read over: each is said once, with the first place that uses it, so that nothing is left out silently.

use std::path::{Path, PathBuf};

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Manifest, Node, ResourceType};
use crate::source::Span;

/// Warns of what the project asks for and does not get.
pub(super) fn report(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let package = cx.project.own();
    let paths = &package.config.paths;
    let files = [(&paths.models, "py", "Python models are not run")];
    for (folders, ending, what) in files {
        if let Some(file) = folders.iter().find_map(|folder| file_ending(cx, folder, ending)) {
            let id = cx.session.sources.add(file, "");
            diagnostics.push(warning(what, Span::whole(id), 0));
        }
    }
}

/// Warns of resources of the project that are kept in the manifest and go no further.
pub(super) fn report_idle(manifest: &Manifest, diagnostics: &mut Diagnostics) {
    let is_own = |node: &Node| node.resource == ResourceType::Function && node.package == manifest.project;
    let mut functions = manifest.nodes.values().filter(|node| is_own(node)).map(|node| node.span);
    if let Some(first) = functions.next() {
        diagnostics.push(warning("functions are not created", first, functions.count()));
    }
}

/// The first file below a folder of the project that ends so.
fn file_ending(cx: &Context<'_>, folder: &str, ending: &str) -> Option<PathBuf> {
    let root = &cx.project.own().folder;
    let files = cx.session.world.files_below(&root.join(folder)).unwrap_or_default();
    let found = files.into_iter().find(|file| file.extension().is_some_and(|own| own == ending))?;
    Some(found.strip_prefix(root).map(Path::to_path_buf).unwrap_or(found))
}

fn warning(what: &str, first: Span, others: usize) -> Diagnostic {
    let diagnostic = Diagnostic::warning(codes::NOT_SUPPORTED_YET, format!("not supported yet: {what}")).at(first);
    match others {
        0 => diagnostic,
        1 => diagnostic.note("one more place uses it"),
        others => diagnostic.note(format!("{others} more places use it")),
    }
}
