//! Features of dbt that are read over: each is said once, with the first place that uses it, so that nothing is left out silently.

use std::path::{Path, PathBuf};

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;

/// Warns of what the project asks for and does not get.
pub(super) fn report(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let folders = &cx.project.own().config.paths.models;
    if let Some(file) = folders.iter().find_map(|folder| file_ending(cx, folder, "py")) {
        let id = cx.session.sources.add(file, "");
        let message = "Python models are left out: this engine does not run Python";
        diagnostics.push(Diagnostic::warning(codes::NOT_SUPPORTED_YET, message).at(Span::whole(id)));
    }
}

/// The first file below a folder of the project that ends so.
fn file_ending(cx: &Context<'_>, folder: &str, ending: &str) -> Option<PathBuf> {
    let root = &cx.project.own().folder;
    let files = cx.session.world.files_below(&root.join(folder)).unwrap_or_default();
    let found = files.into_iter().find(|file| file.extension().is_some_and(|own| own == ending))?;
    Some(found.strip_prefix(root).map(Path::to_path_buf).unwrap_or(found))
}
