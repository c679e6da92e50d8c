//! [`Project`] → [`Manifest`]: every resource read, its configs resolved, its references followed. A file per kind of resource.
//!
//! Files are parsed in parallel and merged in their order, so that the manifest is the same whatever the number of cores. A
//! resource that cannot be parsed is reported and left out; all others go on.

mod check;
mod config;
mod docs;
mod draft;
mod exposure;
mod function;
mod generic_test;
mod governance;
mod hook;
pub mod inline;
mod macro_arguments;
mod macros;
mod naming;
pub mod operation;
mod partial;
mod primary_key;
mod properties;
mod python_model;
mod reference;
mod resolve;
mod seed;
mod semantic;
mod snapshot;
mod source;
mod sql_file;
#[cfg(test)]
mod tests;
mod unit_test;
mod unused_paths;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use crate::base::{HashSet, IndexMap};
use crate::context::Surroundings;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::{File, Files, Package, Project};
use crate::manifest::{Lookup, Manifest, Node, Version};
use crate::session::Session;

pub use partial::PARTIAL_PARSE;
use partial::PartialParse;
use properties::PropertyIndex;

/// A parsed project: what later stages need.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The resolved project.
    pub manifest: Arc<Manifest>,
    /// From names to ids.
    pub lookup: Arc<Lookup>,
    /// Macros and session, for compiling.
    pub surroundings: Surroundings,
}

pub use macros::is_overridden;

/// What the parsers of all kinds share.
struct Context<'p> {
    project: &'p Project,
    session: &'p Arc<Session>,
    surroundings: Surroundings,
    partial: PartialParse,
    docs: docs::Docs,
    properties: PropertyIndex,
    naming: naming::Naming,
    folders: config::Folders,
    /// Resources that could not be parsed: what refers to them is not wrong because of that.
    broken: Mutex<HashSet<String>>,
}

impl Context<'_> {
    fn broken(&self) -> MutexGuard<'_, HashSet<String>> {
        self.broken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A node as its parser gives it, with what it found.
type Parse<T> = (Option<T>, Diagnostics);

/// The files of a kind of all packages, in the order of packages and paths.
fn files_of<'p>(cx: &Context<'p>, of_package: fn(&Files) -> &[File]) -> Vec<(&'p Package, &'p File)> {
    let packages = cx.project.packages.iter();
    packages.flat_map(|package| of_package(&package.files).iter().map(move |file| (package, file))).collect()
}

/// Parses items in parallel; what comes of them is in their order.
fn in_parallel<I: Sync, T: Send>(
    items: &[I],
    diagnostics: &mut Diagnostics,
    parse: impl Fn(&I) -> Parse<T> + Sync + Send,
) -> Vec<T> {
    let parsed: Vec<Parse<T>> = items.par_iter().map(parse).collect();
    let mut found = Vec::with_capacity(parsed.len());
    for (item, problems) in parsed {
        diagnostics.extend(problems);
        found.extend(item);
    }
    found
}

/// Parses a project. The manifest holds what could be parsed.
#[must_use]
pub fn parse(project: &Project) -> (Parsed, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut manifest = Manifest { project: project.session.project.clone(), ..Manifest::default() };
    let environment = macros::read(project, &mut manifest, &mut diagnostics);
    let docs = docs::read(project, &mut manifest, &mut diagnostics);
    let surroundings = Surroundings {
        session: Arc::clone(&project.session),
        environment,
        kept: crate::context::Kept::default(),
        dispatch: project.own().config.dispatch.clone().into(),
    };
    let partial = PartialParse::open(project, &surroundings);
    let folders = config::Folders::new(project);
    let properties = PropertyIndex::read(project, (&partial, &folders), &mut diagnostics);
    let naming = naming::Naming::new(&surroundings.environment, &project.session.project);
    let cx = Context {
        project,
        session: &project.session,
        surroundings,
        partial,
        docs,
        properties,
        naming,
        folders,
        broken: Mutex::default(),
    };

    source::parse(&cx, &mut manifest, &mut diagnostics);
    let mut nodes = sql_file::parse(&cx, &mut diagnostics);
    nodes.extend(seed::parse(&cx, &mut diagnostics));
    nodes.extend(snapshot::parse(&cx, &mut diagnostics));
    nodes.extend(function::parse(&cx, &mut diagnostics));
    governance::undescribed(&nodes, &mut diagnostics);
    nodes.extend(generic_test::parse(&cx, &nodes, &manifest, &mut diagnostics));
    macros::describe(&cx, &mut manifest, &mut diagnostics);
    macros::follow(&cx, &mut manifest);
    exposure::groups(&cx, &mut manifest, &mut diagnostics);
    cx.properties.report_unused(&cx, &nodes, &mut diagnostics);

    let lookup = insert_and_resolve(&cx, nodes, &mut manifest, &mut diagnostics);
    hook::of_runs(&cx, &lookup, &mut manifest, &mut diagnostics);
    semantic::parse(&cx, &lookup, &mut manifest, &mut diagnostics);
    exposure::parse(&cx, &lookup, &mut manifest, &mut diagnostics);
    unit_test::parse(&cx, &lookup, &mut manifest, &mut diagnostics);
    governance::check_groups(&manifest, &mut diagnostics);
    primary_key::infer(&mut manifest);
    manifest.layers = layers_in_use(&cx, &manifest);
    // What could not be read is missing from the manifest, and its folder is in use for all that.
    if !diagnostics.has_errors() {
        unused_paths::report(&project.own().config, &manifest, &mut diagnostics);
    }
    let parsed =
        Parsed { manifest: Arc::new(manifest), lookup: Arc::new(lookup), surroundings: cx.surroundings.clone() };
    cx.partial.close();
    (parsed, diagnostics)
}

/// Puts the nodes into the manifest, duplicates reported, and follows their references.
fn insert_and_resolve(
    cx: &Context<'_>,
    nodes: Vec<Arc<Node>>,
    manifest: &mut Manifest,
    diagnostics: &mut Diagnostics,
) -> Lookup {
    let mut enabled: IndexMap<_, Arc<Node>> = IndexMap::default();
    enabled.reserve(nodes.len());
    for node in nodes {
        if !node.config.enabled {
            manifest.disabled.push(node);
        } else if let Some(known) = enabled.get(&node.id) {
            diagnostics.push(duplicate(known, &node));
        } else {
            enabled.insert(node.id.clone(), node);
        }
    }
    // What is said of a resource is said of the one that takes part.
    for node in manifest.disabled.iter_mut().filter(|node| enabled.contains_key(&node.id)) {
        let node = Arc::make_mut(node);
        node.description.clear();
        node.doc_blocks.clear();
        node.columns.clear();
        node.patch_path = None;
    }
    manifest.nodes = enabled;
    report_shared_names(manifest, diagnostics);
    check_files(manifest, diagnostics);
    let lookup = Lookup::new(manifest);
    resolve::references(cx, &lookup, manifest, diagnostics);
    lookup
}

fn duplicate(known: &Node, node: &Node) -> Diagnostic {
    let message = match known.resource == node.resource {
        true => format!("two {}s are called `{}`", node.resource, node.name),
        false => format!("a {} and a {} are called `{}`", known.resource, node.resource, node.name),
    };
    Diagnostic::error(codes::DUPLICATE_NAME, message)
        .label(node.span, format!("`{}`", node.original_path))
        .label(known.span, format!("`{}` has the name already", known.original_path))
        .help("rename one of the files; `alias` sets the name in the database")
}

/// A model and a seed of one name cannot be told apart by `ref`, nor two nodes that write one relation by their readers.
fn report_shared_names(manifest: &Manifest, diagnostics: &mut Diagnostics) {
    let mut names: IndexMap<(&str, &str, Option<&Version>), &Node> = IndexMap::default();
    let mut versioned: IndexMap<(&str, &str), &Node> = IndexMap::default();
    let mut relations = IndexMap::default();
    for node in manifest.nodes.values().filter(|node| node.resource.can_be_referenced()) {
        let name = (node.package.as_str(), node.name.as_str());
        if let Some(known) = names.insert((name.0, name.1, node.version.as_ref()), node) {
            diagnostics.push(duplicate(known, node));
            continue;
        }
        if let Some(known) = versioned.insert(name, node)
            && known.version.is_some() != node.version.is_some()
        {
            let message = format!("`{}` has versions, and a file without one has its name", node.name);
            diagnostics.push(
                Diagnostic::error(codes::DUPLICATE_NAME, message)
                    .label(node.span, format!("`{}`", node.original_path))
                    .label(known.span, format!("`{}`", known.original_path)),
            );
            continue;
        }
        let Some(relation) = &node.relation else { continue };
        if let Some(known) = relations.insert(relation, node) {
            let known: &Arc<Node> = known;
            diagnostics.push(
                Diagnostic::error(
                    codes::DUPLICATE_RELATION,
                    format!("`{}` and `{}` both make `{relation}`", known.name, node.name),
                )
                .label(node.span, "")
                .label(known.span, "makes it already")
                .help("give one of them another `alias` or `schema`"),
            );
        }
    }
}

/// Files that two models are written to, or of which one would be in the folder of the other.
fn check_files(manifest: &Manifest, diagnostics: &mut Diagnostics) {
    let place = |node: &Arc<Node>| {
        let export = node.config.export.as_deref()?;
        let is_folder = node.config.layout.as_ref().is_some_and(|layout| !layout.partition_by.is_empty());
        let path = match (&export.location, is_folder) {
            (Some(location), _) => location.clone(),
            (None, true) => format!("\0/{}", node.alias),
            (None, false) => format!("\0/{}.{}", node.alias, export.ending()),
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/').filter(|part| !matches!(*part, "." | "")) {
            match (part, parts.last()) {
                ("..", Some(known)) if *known != ".." => drop(parts.pop()),
                _ => parts.push(part),
            }
        }
        let start = if path.starts_with('/') { "/" } else { "" };
        Some((format!("{start}{}/", parts.join("/")), Arc::clone(node)))
    };
    let mut places: Vec<_> = manifest.nodes.values().filter_map(place).collect();
    places.sort_by(|a, b| a.0.cmp(&b.0));
    for pair in places.windows(2) {
        let [(outer, known), (inner, node)] = pair else { continue };
        if inner.starts_with(outer.as_str()) {
            let message = format!("`{}` and `{}` would be written to the same files", known.name, node.name);
            diagnostics.push(
                Diagnostic::error(codes::DUPLICATE_RELATION, message)
                    .label(node.span, "")
                    .label(known.span, "is written there already")
                    .help("give one of them another `location`"),
            );
        }
    }
}

/// The project's layers, when at least one model is in one.
fn layers_in_use(cx: &Context<'_>, manifest: &Manifest) -> Vec<String> {
    let in_use = manifest.nodes.values().any(|node| node.layer.is_some());
    if in_use { cx.project.own().config.layers.names.clone() } else { Vec::new() }
}
