//! Features of dbt that are read over: each is said once, with the first place that uses it, so that nothing is left out silently.

use std::path::{Path, PathBuf};

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{self, Node as Yaml};

/// Lists of property files for which nothing is built: key, what is left out.
const LISTS: &[(&str, &str)] = &[
    ("snapshots", "snapshots are not built"),
    ("unit_tests", "unit tests are not run"),
    ("functions", "functions are not created"),
    ("metrics", "metrics are not kept"),
    ("semantic_models", "semantic models are not kept"),
    ("saved_queries", "saved queries are not kept"),
    ("groups", "groups are not kept, nor is access checked"),
    ("versions", "versions of a model are not told apart"),
];

/// Warns of what the project asks for and does not get.
pub(super) fn report(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    for (key, what) in LISTS {
        let mut places = cx.properties.lists_of(key);
        if let Some(first) = places.next() {
            diagnostics.push(warning(what, first, places.count()));
        }
    }
    report_project(cx, diagnostics);
}

fn report_project(cx: &Context<'_>, diagnostics: &mut Diagnostics) {
    let package = cx.project.own();
    let paths = &package.config.paths;
    let files =
        [(&paths.snapshots, "sql", "snapshots are not built"), (&paths.models, "py", "Python models are not run")];
    for (folders, ending, what) in files {
        if let Some(file) = folders.iter().find_map(|folder| file_ending(cx, folder, ending)) {
            let id = cx.session.sources.add(file, "");
            diagnostics.push(warning(what, Span::whole(id), 0));
        }
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

/// The places of the non-empty lists of [`LISTS`] in a property file, and of versions in its models.
pub(super) fn lists_in(root: &Yaml) -> Vec<(&'static str, Span)> {
    let Some(mapping) = root.as_map() else { return Vec::new() };
    let known = |entry: &yaml::Entry| {
        let (key, _) = LISTS.iter().find(|(key, _)| *key == entry.key)?;
        entry.node.as_list().is_some_and(|items| !items.is_empty()).then_some((*key, entry.key_span))
    };
    let models = mapping.get("models").and_then(Yaml::as_list).unwrap_or_default();
    let versions = models.iter().filter_map(|model| Some(("versions", model.as_map()?.get("versions")?.span)));
    mapping.iter().filter_map(known).chain(versions).collect()
}
