//! `vars.yml`: variables in a file of their own, which the project file can use already.

use std::path::Path;

use serde_json::{Map, Value as Json};

use super::Renderer;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::{FileKind, Span};
use crate::yaml::{Fields, Mapping, Node};

/// The name of the file.
const FILE: &str = "vars.yml";

/// Reads the variables of the package in `folder`; `None` without the file. Variables have one place: in the project file, where
/// `elsewhere` stands, they cannot be as well.
pub(super) fn read(
    renderer: &Renderer,
    (folder, root): (&Path, &Path),
    elsewhere: Option<Span>,
    diagnostics: &mut Diagnostics,
) -> Option<Map<String, Json>> {
    let path = folder.join(FILE);
    if renderer.world().kind(&path) != Some(FileKind::File) {
        return None;
    }
    let mut document = renderer.read(&path, root, diagnostics)?;
    if document.is_null() {
        return None;
    }
    renderer.render(&mut document, &|_| true, diagnostics);
    if let Some(elsewhere) = elsewhere {
        let message = format!("variables are defined in `{FILE}` and under `vars` of the project file");
        diagnostics.push(
            Diagnostic::error(codes::CONFIG_VALUE, message)
                .at(elsewhere)
                .label(document.span, "and here")
                .help("keep them in one of the two"),
        );
    }
    let mut fields = Fields::of(&document, "`vars.yml`", diagnostics)?;
    fields.accept(&["version"]);
    let vars = fields.mapping("vars").map(Mapping::to_json);
    fields.finish("`vars.yml`");
    vars
}

/// Where the project file defines variables.
pub(super) fn place(document: &Node) -> Option<Span> {
    let vars = document.as_map()?.get("vars")?;
    (!vars.is_null()).then_some(vars.span)
}
