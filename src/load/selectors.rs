//! `selectors.yml`.

use std::path::Path;

use super::Renderer;
use crate::config::SelectorProperties;
use crate::diagnostic::Diagnostics;
use crate::source::FileKind;
use crate::yaml::Step;

/// Reads the selectors of a project; there are none without the file.
pub(super) fn read(renderer: &Renderer, root: &Path, diagnostics: &mut Diagnostics) -> Vec<SelectorProperties> {
    let path = root.join("selectors.yml");
    if renderer.world().kind(&path) != Some(FileKind::File) {
        return Vec::new();
    }
    let Some(mut document) = renderer.read(&path, root, diagnostics) else { return Vec::new() };
    if document.is_null() {
        return Vec::new();
    }
    renderer.render(&mut document, &|way| way.last() != Some(&Step::Key("description")), diagnostics);
    SelectorProperties::read_all(&document, diagnostics)
}
