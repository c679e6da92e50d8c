//! Models, analyses and singular tests: resources that are one SQL file each.

use std::sync::Arc;

use super::config::{Merge, tree_of};
use super::draft::{Draft, described};
use super::partial::Reading;
use super::properties::Patched;
use super::{Context, Parse, in_parallel, python_model};
use crate::diagnostic::Diagnostics;
use crate::jinja::Environment;
use crate::load::{File, Package};
use crate::manifest::{Node, NodeConfig, ResourceType, Template};
use crate::source::Span;

/// Parses the SQL files of all packages, in parallel, in the order of packages and paths.
pub(super) fn parse(cx: &Context<'_>, diagnostics: &mut Diagnostics) -> Vec<Arc<Node>> {
    let files: Vec<(&Package, ResourceType, &File)> = cx
        .project
        .packages
        .iter()
        .flat_map(|package| {
            let of = |resource, files: &'static dyn Fn(&Package) -> &Vec<File>| {
                files(package).iter().map(move |file| (package, resource, file))
            };
            of(ResourceType::Model, &|package| &package.files.models)
                .chain(of(ResourceType::Analysis, &|package| &package.files.analyses))
                .chain(of(ResourceType::Test, &|package| &package.files.singular_tests))
        })
        .collect();
    in_parallel(&files, diagnostics, |(package, resource, file)| parse_file(cx, package, *resource, file))
}

fn parse_file(cx: &Context<'_>, package: &Package, resource: ResourceType, file: &File) -> Parse<Arc<Node>> {
    let mut diagnostics = Diagnostics::new();
    let node = parse_into(cx, (package, resource), file, &mut diagnostics);
    (node.map(Arc::new), diagnostics)
}

fn parse_into(
    cx: &Context<'_>,
    (package, resource): (&Package, ResourceType),
    file: &File,
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let template = Span::new(file.id, 0..cx.session.sources.get(file.id).text().len());
    let patched = cx.properties.of(resource, &package.config.name, file.stem());
    let draft = Draft::of_file(package, resource, (file, Template::File(template)), patched.as_ref());
    let node = node_of(cx, draft, (template, patched), diagnostics)?;
    Some(Node { layer: (resource == ResourceType::Model).then(|| layer(cx, &node.config, file)).flatten(), ..node })
}

/// The node of a template: rendered to find what it refers to and its configs, then described by its properties.
pub(super) fn node_of(
    cx: &Context<'_>,
    draft: Draft<'_>,
    (template, patched): (Span, Option<Patched<'_>>),
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let (package, resource) = (draft.package, draft.resource);
    let Some(Reading { captured, calls, .. }) = read(cx, &draft, template, diagnostics) else {
        cx.broken().insert(draft.name);
        return None;
    };
    let is_python_model = resource == ResourceType::Model && draft.path.ends_with(".py");
    let values = Merge::of(cx, &package.config.name, tree_of(resource), &draft.fqn)
        .python(is_python_model)
        .patch(patched.as_ref())
        .in_file(&captured.config)
        .root_tree(cx, package, tree_of(resource), &draft.fqn)
        .finish();
    let node = draft.finish(cx, values, captured, diagnostics)?;
    let mut macros = super::resolve::macros(cx, &package.config.name, &calls);
    macros.extend(node.macros.iter().filter(|id| !macros.contains(id)).cloned().collect::<Vec<_>>());
    let node = Node { macros, ..node };
    Some(described(cx, node, patched, diagnostics))
}

/// Reads a template for what it says of its node.
fn read(cx: &Context<'_>, draft: &Draft<'_>, template: Span, diagnostics: &mut Diagnostics) -> Option<Reading> {
    // What is not SQL is no template: its braces are its own.
    let is_python = draft.path.ends_with(".py");
    if is_python && draft.resource != ResourceType::Model {
        return Some(Reading::default());
    }
    let file = cx.session.sources.get(template.file);
    let text = file.text().get(template.range()).unwrap_or_default();
    let read = |environment: &Environment| {
        let (names, scope) = draft.names(cx);
        if is_python {
            python_model::read(environment, &scope, (template.file, text), diagnostics)?;
            return Some((Reading { captured: names.captured(), ..Reading::default() }, true));
        }
        let found = environment.read(template, &scope);
        let is_all = found.notes.is_empty();
        diagnostics.extend(found.notes);
        diagnostics.take(found.text)?;
        let calls = found.calls.iter().map(|called| format!("{}.{}", called.package, called.name)).collect();
        let reading = Reading { captured: names.captured(), calls, ..Reading::default() };
        Some((reading, is_all))
    };
    cx.partial.reading(&cx.surroundings.environment, || draft.key("template", text), read)
}

/// The config `layer`, else the top folder when it is called like a layer.
fn layer(cx: &Context<'_>, config: &NodeConfig, file: &File) -> Option<String> {
    let names = &cx.project.own().config.layers.names;
    config.layer.clone().or_else(|| {
        let folder = file.folders().next()?;
        names.iter().find(|name| name.as_str() == folder).cloned()
    })
}
