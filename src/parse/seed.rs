//! Seeds: CSV files.

use std::sync::Arc;

use super::config::Merge;
use super::draft::{Draft, described};
use super::{Context, Parse, files_of, in_parallel};
use crate::config::TreeName;
use crate::context::Captured;
use crate::diagnostic::Diagnostics;
use crate::load::{File, Package};
use crate::manifest::{Node, ResourceType, Template};

/// Parses the seeds of all packages.
pub(super) fn parse(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> Vec<Arc<Node>> {
    let files = files_of(cx, |files| &files.seeds);
    in_parallel(&files, diagnostics, |(package, file)| parse_file(cx, package, file))
}

fn parse_file(cx: &Context<'_>, package: &Package, file: &File) -> Parse<Arc<Node>> {
    let mut diagnostics = Diagnostics::new();
    let draft = Draft::of_file(package, ResourceType::Seed, (file, Template::Seed(file.absolute.clone())), None);
    let patched = cx.properties.of(ResourceType::Seed, &package.config.name, &draft.name);
    let values = Merge::of(cx, &package.config.name, TreeName::Seeds, &draft.fqn)
        .patch(patched.as_ref())
        .root_tree(cx, package, TreeName::Seeds, &draft.fqn)
        .finish();
    let node = draft.finish(cx, values, Captured::default(), &mut diagnostics);
    let node = node.map(|node| described(cx, node, patched, &mut diagnostics));
    (node.map(Arc::new), diagnostics)
}
