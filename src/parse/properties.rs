//! The property files of all packages, by the resource that they speak of.

mod describe;
mod patch;
mod templates;

use std::sync::Arc;

use rayon::prelude::*;

use super::Context;
use super::config::Folders;
use super::docs::Docs;
use super::partial::PartialParse;
use crate::base::{HashMap, HashSet};
use crate::config::{
    ExposureProperties, GroupProperties, MacroProperties, Properties, ResourceProperties, SemanticProperties,
    SourceProperties, TreeName, UnitTestProperties,
};
use crate::context::globals::Secrets;
use crate::context::{DocumentNames, target_value};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::{File, Package, Project, Renderer};
use crate::manifest::{Node, ResourceType, SemanticKind, Version};
use crate::session::Session;
use crate::source::Span;
use crate::yaml;

pub(super) use patch::{Patch, Patched};

/// What property files say.
#[derive(Default)]
pub(super) struct PropertyIndex {
    resources: HashMap<(ResourceType, String, String), Patch>,
    /// The packages that speak of a name: one may speak of another's resource.
    speakers: HashMap<(ResourceType, String), Vec<String>>,
    /// The models whose files are versions of another name: package and file, to name and place in the list.
    versions: HashMap<(String, String), (String, usize)>,
    /// Packages and names of the files that `ref` can name.
    files: HashSet<(String, String)>,
    /// Those of packages that the project files leave out: what is said of one is said of another package's of its name.
    disabled: HashSet<(String, String)>,
    sources: Vec<Placed<SourceProperties>>,
    macros: Vec<Placed<MacroProperties>>,
    exposures: Vec<Placed<ExposureProperties>>,
    groups: Vec<Placed<GroupProperties>>,
    semantic: Vec<(SemanticKind, Placed<SemanticProperties>)>,
    unit_tests: Vec<Placed<UnitTestProperties>>,
}

/// What a property file says, with the package and the file.
pub(super) struct Placed<T> {
    /// The package's name.
    pub(super) package: String,
    /// The file.
    pub(super) file: File,
    /// What it says.
    pub(super) properties: T,
}

impl<T> Placed<T> {
    /// `[package, folder, …, name]`.
    pub(super) fn fqn(&self, names: &[&str]) -> Vec<String> {
        let parts = [self.package.as_str()].into_iter().chain(self.file.folders()).chain(names.iter().copied());
        parts.map(str::to_owned).collect()
    }
}

impl PropertyIndex {
    /// Reads the property files of all packages.
    pub(super) fn read(
        project: &Project,
        (docs, partial, folders): (&Docs, &PartialParse, &Folders),
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut index = PropertyIndex::default();
        for package in &project.packages {
            let name = &package.config.name;
            for (tree, files) in [(TreeName::Models, &package.files.models), (TreeName::Seeds, &package.files.seeds)] {
                index.files.extend(files.iter().map(|file| (name.clone(), file.stem().to_owned())));
                for file in files.iter().filter(|_| *name != project.own().config.name) {
                    let parts = [name.as_str()].into_iter().chain(file.folders()).chain([file.stem()]);
                    let fqn: Vec<String> = parts.map(str::to_owned).collect();
                    if folders.disable(project, name, tree, &fqn) {
                        index.disabled.insert((name.clone(), file.stem().to_owned()));
                    }
                }
            }
            let renderer = renderer(&project.session, &package.config.name);
            let read: Vec<Read> = package
                .files
                .properties
                .par_iter()
                .map(|file| read_file((project, partial), file, &renderer, (docs, &package.config.name)))
                .collect();
            for (file, read) in package.files.properties.iter().zip(read) {
                diagnostics.extend(read.diagnostics);
                index.add(package, file, read.properties, diagnostics);
            }
        }
        index.find_versions(diagnostics);
        index
    }

    fn add(&mut self, package: &Package, file: &File, properties: Properties, diagnostics: &mut Diagnostics) {
        let kinds = [
            (ResourceType::Model, properties.models),
            (ResourceType::Seed, properties.seeds),
            (ResourceType::Snapshot, properties.snapshots),
            (ResourceType::Analysis, properties.analyses),
            (ResourceType::Test, properties.tests),
            (ResourceType::Function, properties.functions),
        ];
        for (resource, list) in kinds {
            for properties in list {
                self.add_resource(package, file, (resource, properties), diagnostics);
            }
        }
        let name = &package.config.name;
        self.sources.extend(placed(name, file, properties.sources));
        self.macros.extend(placed(name, file, properties.macros));
        self.exposures.extend(placed(name, file, properties.exposures));
        self.groups.extend(placed(name, file, properties.groups));
        self.unit_tests.extend(placed(name, file, properties.unit_tests));
        let semantic = [
            (SemanticKind::Metric, properties.metrics),
            (SemanticKind::SemanticModel, properties.semantic_models),
            (SemanticKind::SavedQuery, properties.saved_queries),
        ];
        for (kind, list) in semantic {
            self.semantic.extend(placed(name, file, list).map(|found| (kind, found)));
        }
    }

    fn add_resource(
        &mut self,
        package: &Package,
        file: &File,
        (resource, properties): (ResourceType, ResourceProperties),
        diagnostics: &mut Diagnostics,
    ) {
        let name = &package.config.name;
        let key = (resource, name.clone(), properties.name.clone());
        if let Some(known) = self.resources.get(&key) {
            let message = format!("{resource} `{}` is described twice", properties.name);
            diagnostics.push(
                Diagnostic::error(codes::DUPLICATE_NAME, message)
                    .label(properties.span, "")
                    .label(known.properties.span, "is described here already"),
            );
            return;
        }
        self.speakers.entry((resource, properties.name.clone())).or_default().push(name.clone());
        self.resources.insert(key, Patch::new(properties, file.clone(), name.clone()));
    }

    /// Finds the files of the versions that models have.
    fn find_versions(&mut self, diagnostics: &mut Diagnostics) {
        let versioned = self.resources.iter().filter(|(_, patch)| !patch.properties.versions.is_empty());
        let mut versioned: Vec<_> = versioned.collect();
        versioned.sort_by_key(|(_, patch)| patch.properties.span);
        let mut found = HashMap::default();
        for ((_, package, name), patch) in versioned {
            patch.mark_used();
            let latest = patch.latest_version();
            for (at, version) in patch.properties.versions.iter().enumerate() {
                let Some(v) = Version::of(version.v.clone()) else { continue };
                let own = version.defined_in.clone().unwrap_or_else(|| format!("{name}_v{v}"));
                let exists = |stem: &str| self.files.contains(&(package.clone(), stem.to_owned()));
                let stem = if !exists(&own) && Some(&v) == latest.as_ref() { name.clone() } else { own.clone() };
                if exists(&stem) {
                    found.insert((package.clone(), stem), (name.clone(), at));
                    continue;
                }
                let message =
                    format!("version `{v}` of model `{name}` is described here, but there is no file `{own}.sql`");
                let names = self.files.iter().filter(|(known, _)| known == package).map(|(_, name)| name.as_str());
                diagnostics.push(
                    Diagnostic::warning(codes::NOT_DESCRIBED, message).at(version.span).suggest_near(&own, names),
                );
            }
        }
        self.versions = found;
    }

    /// What is said of a resource; of a model, `name` is the name of its file.
    pub(super) fn of(&self, resource: ResourceType, package: &str, name: &str) -> Option<Patched<'_>> {
        let get = |package: &str, name: &str| self.resources.get(&(resource, package.to_owned(), name.to_owned()));
        if resource == ResourceType::Model
            && let Some((model, at)) = self.versions.get(&(package.to_owned(), name.to_owned()))
        {
            let patch = get(package, model)?;
            return Some(Patched { patch, version: patch.properties.versions.get(*at) });
        }
        let patch = get(package, name).or_else(|| self.foreign(resource, name))?;
        if !patch.properties.versions.is_empty() {
            return None;
        }
        patch.mark_used();
        Some(Patched { patch, version: None })
    }

    /// What a package says of another's model or seed, when it has none of that name itself.
    fn foreign(&self, resource: ResourceType, name: &str) -> Option<&Patch> {
        let speakers = self.speakers.get(&(resource, name.to_owned())).filter(|_| resource.can_be_referenced())?;
        let speaker = speakers.iter().find(|package| {
            let own = ((*package).clone(), name.to_owned());
            !self.files.contains(&own) || self.disabled.contains(&own)
        })?;
        self.resources.get(&(resource, speaker.clone(), name.to_owned()))
    }

    /// What is said of a resource in the list of another kind that `ref` can name: dbt takes its tests from there, and nothing else.
    pub(super) fn misplaced(
        &self,
        resource: ResourceType,
        package: &str,
        name: &str,
    ) -> impl Iterator<Item = (ResourceType, Patched<'_>)> {
        let kinds = [ResourceType::Model, ResourceType::Seed, ResourceType::Snapshot];
        let others = kinds.into_iter().filter(move |kind| resource.can_be_referenced() && *kind != resource);
        let key = (package.to_owned(), name.to_owned());
        others.filter_map(move |kind| {
            let patch = self.resources.get(&(kind, key.0.clone(), key.1.clone()))?;
            patch.properties.versions.is_empty().then_some((kind, Patched { patch, version: None }))
        })
    }

    /// The snapshots that have no file but a relation: package and properties.
    pub(super) fn snapshots_of_relations(&self) -> Vec<(&str, &Patch)> {
        let snapshots = self.resources.iter().filter(|((resource, ..), patch)| {
            *resource == ResourceType::Snapshot && patch.properties.relation.is_some()
        });
        let mut found: Vec<_> = snapshots.map(|((_, package, _), patch)| (package.as_str(), patch)).collect();
        found.sort_by_key(|(_, patch)| patch.properties.span);
        found
    }

    /// The sources.
    pub(super) fn sources(&self) -> &[Placed<SourceProperties>] {
        &self.sources
    }

    /// The macros.
    pub(super) fn macros(&self) -> &[Placed<MacroProperties>] {
        &self.macros
    }

    /// The exposures.
    pub(super) fn exposures(&self) -> &[Placed<ExposureProperties>] {
        &self.exposures
    }

    /// The groups.
    pub(super) fn groups(&self) -> &[Placed<GroupProperties>] {
        &self.groups
    }

    /// Metrics, semantic models and saved queries.
    pub(super) fn semantic(&self) -> &[(SemanticKind, Placed<SemanticProperties>)] {
        &self.semantic
    }

    /// The unit tests.
    pub(super) fn unit_tests(&self) -> &[Placed<UnitTestProperties>] {
        &self.unit_tests
    }

    /// The properties that no resource has taken, in their order.
    pub(super) fn unused(&self, cx: &Context<'_>) -> Vec<(ResourceType, &Patch)> {
        let unused =
            self.resources.iter().filter(|((_, _, name), patch)| !patch.is_used() && !cx.broken().contains(name));
        let mut unused: Vec<_> = unused.map(|((resource, ..), patch)| (*resource, patch)).collect();
        unused.sort_by_key(|(_, patch)| patch.properties.span);
        unused
    }

    /// Warns of properties of resources that do not exist.
    pub(super) fn report_unused(&self, cx: &Context<'_>, nodes: &[Arc<Node>], diagnostics: &mut Diagnostics) {
        let unused = self.unused(cx).into_iter().filter(|(_, patch)| patch.package == cx.session.project);
        for (resource, patch) in unused {
            let (package, name, at) = (&patch.package, &patch.properties.name, patch.properties.span);
            if let Some(other) = nodes
                .iter()
                .find(|node| node.package == *package && node.name == *name && node.resource.can_be_referenced())
            {
                let message =
                    format!("`{name}` is described among the {}, but it is a {}", resource.plural(), other.resource);
                let help = format!("move it below `{}:`; there only its tests count", other.resource.plural());
                diagnostics.push(Diagnostic::warning(codes::NOT_DESCRIBED, message).at(at).help(help));
                continue;
            }
            let message = format!("{resource} `{name}` is described here, but no file defines it");
            let names = nodes.iter().filter(|node| node.resource == resource && node.package == *package);
            diagnostics.push(
                Diagnostic::warning(codes::NOT_DESCRIBED, message)
                    .at(at)
                    .suggest_near(name, names.map(|node| node.name.as_str())),
            );
        }
    }
}

fn placed<T>(package: &str, file: &File, list: Vec<T>) -> impl Iterator<Item = Placed<T>> {
    list.into_iter().map(move |properties| Placed { package: package.to_owned(), file: file.clone(), properties })
}

fn renderer(session: &Session, package: &str) -> Renderer {
    Renderer::with_names(&session.sources, names(session, package))
}

/// The names that the property files of a package see.
pub(super) fn names(session: &Session, package: &str) -> DocumentNames {
    DocumentNames {
        world: session.world.clone(),
        secrets: Secrets::Forbidden,
        vars: session.vars.clone(),
        package: package.to_owned(),
        target: Some(target_value(&session.target, &session.secrets)),
    }
}

/// A property file, read.
#[derive(Default)]
struct Read {
    properties: Properties,
    diagnostics: Diagnostics,
}

fn read_file(
    (project, partial): (&Project, &PartialParse),
    file: &File,
    renderer: &Renderer,
    (docs, package): (&Docs, &str),
) -> Read {
    let mut read = Read::default();
    let text = project.session.sources.get(file.id);
    let document = partial.document(file.id, text.text(), &mut read.diagnostics);
    let Some(mut root) = read.diagnostics.take(document) else { return read };
    // dbt reads a file without the white space at its end: a block of text there has none, either.
    let is_block = !text.text().trim_end().ends_with(['"', '\'', '}', ']']);
    if let Some(last) = root.last_text_mut().filter(|_| is_block) {
        last.truncate(last.trim_end().len());
    }
    let written = written_places(&root);
    renderer.render(&mut root, &templates::is_rendered, &mut read.diagnostics);
    read.properties = Properties::read(&root, &mut read.diagnostics);
    for source in &mut read.properties.sources {
        if let Some((database, schema)) = written.get(&source.span) {
            source.unrendered_database.clone_from(database);
            source.unrendered_schema.clone_from(schema);
        }
    }
    describe::describe(&mut read.properties, (docs, package), &mut read.diagnostics);
    read
}

/// Database and schema of each source as they are written, by the place of the source's name.
fn written_places(root: &yaml::Node) -> HashMap<Span, (Option<String>, Option<String>)> {
    let sources = root.as_map().and_then(|map| map.get("sources")).and_then(yaml::Node::as_list).unwrap_or_default();
    let place = |source: &yaml::Node| {
        let map = source.as_map()?;
        let text = |key: &str| map.get(key).and_then(yaml::Node::scalar);
        Some((map.get("name")?.span, (text("database"), text("schema"))))
    };
    sources.iter().filter_map(place).collect()
}

/// Where a name of the manifest may stand: no spaces.
pub(super) fn check_name(what: &str, name: &str, at: Span, diagnostics: &mut Diagnostics) {
    if name.contains(' ') {
        let message = format!("the name of {what} `{name}` has a space in it");
        diagnostics.push(Diagnostic::error(codes::CONFIG_VALUE, message).at(at).help("put `_` in its place"));
    }
}
