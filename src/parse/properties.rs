//! The property files of all packages, by the resource that they speak of.

mod patch;
mod templates;

use std::sync::Arc;

use rayon::prelude::*;

use super::Context;
use super::config::Folders;
use super::partial::PartialParse;
use crate::base::HashMap;
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
    /// By the name of the resource, whatever its kind and whichever package says it: one may speak of another's resource.
    resources: HashMap<String, Vec<Patch>>,
    /// The models whose files are versions of another name, by the name of the file.
    versions: HashMap<String, Vec<FileOfVersion>>,
    /// The files that `ref` can name, by their names.
    files: HashMap<String, Vec<Referable>>,
    sources: Vec<Placed<SourceProperties>>,
    macros: Vec<Placed<MacroProperties>>,
    exposures: Vec<Placed<ExposureProperties>>,
    groups: Vec<Placed<GroupProperties>>,
    semantic: Vec<(SemanticKind, Placed<SemanticProperties>)>,
    unit_tests: Vec<Placed<UnitTestProperties>>,
}

/// A file that is a version of a model.
struct FileOfVersion {
    package: String,
    model: String,
    /// The place of the version in the model's list.
    at: usize,
}

/// A file of a model or a seed.
struct Referable {
    package: String,
    /// Whether it is of a package and the project files leave it out: what is said of it is said of another package's of its name.
    is_disabled: bool,
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
        (partial, folders): (&PartialParse, &Folders),
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut index = PropertyIndex::default();
        for package in &project.packages {
            let name = &package.config.name;
            for (tree, files) in [(TreeName::Models, &package.files.models), (TreeName::Seeds, &package.files.seeds)] {
                for file in files {
                    let is_disabled = || {
                        let parts = [name.as_str()].into_iter().chain(file.folders()).chain([file.stem()]);
                        folders.disable(project, name, tree, &parts.map(str::to_owned).collect::<Vec<_>>())
                    };
                    let is_disabled = *name != project.own().config.name && is_disabled();
                    let of_name = index.files.entry(file.stem().to_owned()).or_default();
                    of_name.push(Referable { package: name.clone(), is_disabled });
                }
            }
            let renderer = renderer(&project.session, &package.config.name);
            let read: Vec<Read> = package
                .files
                .properties
                .par_iter()
                .map(|file| read_file((project, partial), file, &renderer))
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
        let of_name = self.resources.entry(properties.name.clone()).or_default();
        if let Some(known) = of_name.iter().find(|patch| patch.resource == resource && patch.package == *name) {
            let message = format!("{resource} `{}` is described twice", properties.name);
            diagnostics.push(
                Diagnostic::error(codes::DUPLICATE_NAME, message)
                    .label(properties.span, "")
                    .label(known.properties.span, "is described here already"),
            );
            return;
        }
        of_name.push(Patch::new(resource, properties, file.clone(), name.clone()));
    }

    /// Finds the files of the versions that models have.
    fn find_versions(&mut self, diagnostics: &mut Diagnostics) {
        let mut found: HashMap<String, Vec<FileOfVersion>> = HashMap::default();
        for patch in self.patches(|patch| !patch.properties.versions.is_empty()) {
            let (package, name) = (&patch.package, &patch.properties.name);
            patch.mark_used();
            let latest = patch.latest_version();
            for (at, version) in patch.properties.versions.iter().enumerate() {
                let Some(v) = Version::of(version.v.clone()) else { continue };
                let own = version.defined_in.clone().unwrap_or_else(|| format!("{name}_v{v}"));
                let exists = |stem: &str| self.files_named(stem).any(|file| file.package == *package);
                let stem = if !exists(&own) && Some(&v) == latest.as_ref() { name.clone() } else { own.clone() };
                if exists(&stem) {
                    let file = FileOfVersion { package: package.clone(), model: name.clone(), at };
                    found.entry(stem).or_default().push(file);
                    continue;
                }
                let message =
                    format!("version `{v}` of model `{name}` is described here, but there is no file `{own}.sql`");
                let is_own = |files: &[Referable]| files.iter().any(|file| file.package == *package);
                let names = self.files.iter().filter(|(_, files)| is_own(files)).map(|(name, _)| name.as_str());
                diagnostics.push(
                    Diagnostic::warning(codes::NOT_DESCRIBED, message).at(version.span).suggest_near(&own, names),
                );
            }
        }
        self.versions = found;
    }

    /// What is said of a resource; of a model, `name` is the name of its file.
    pub(super) fn of(&self, resource: ResourceType, package: &str, name: &str) -> Option<Patched<'_>> {
        if resource.can_be_referenced() && self.is_outdone(package, name) {
            return None;
        }
        let versions = self.versions.get(name).filter(|_| resource == ResourceType::Model);
        // Where two versions name one file, the last has it.
        if let Some(file) = versions.and_then(|files| files.iter().rfind(|file| file.package == package)) {
            let patch = self.patch(resource, package, &file.model)?;
            return Some(Patched { patch, version: patch.properties.versions.get(file.at) });
        }
        let patch = self.patch(resource, package, name).or_else(|| self.foreign(resource, name))?;
        if !patch.properties.versions.is_empty() {
            return None;
        }
        patch.mark_used();
        Some(Patched { patch, version: None })
    }

    /// Whether a file of a package is left out and another package has one of its name that is not: what is said of the one is said of
    /// the other.
    fn is_outdone(&self, package: &str, name: &str) -> bool {
        let (own, others): (Vec<&Referable>, Vec<_>) = self.files_named(name).partition(|file| file.package == package);
        others.iter().any(|file| !file.is_disabled) && own.iter().any(|file| file.is_disabled)
    }

    /// What a package says of another's model or seed, when it has none of that name itself.
    fn foreign(&self, resource: ResourceType, name: &str) -> Option<&Patch> {
        let said = self.resources.get(name).filter(|_| resource.can_be_referenced())?;
        let of_kind = said.iter().filter(|patch| patch.resource == resource);
        let has_none = |package: &str| {
            let mut own = self.files_named(name).filter(|file| file.package == package).peekable();
            own.peek().is_none() || own.any(|file| file.is_disabled)
        };
        of_kind.into_iter().find(|patch| has_none(&patch.package))
    }

    /// What a package says of a resource.
    fn patch(&self, resource: ResourceType, package: &str, name: &str) -> Option<&Patch> {
        let said = self.resources.get(name)?;
        said.iter().find(|patch| patch.resource == resource && patch.package == package)
    }

    /// Patches in the order of their files.
    fn patches(&self, is_wanted: impl Fn(&Patch) -> bool) -> Vec<&Patch> {
        let mut found: Vec<&Patch> = self.resources.values().flatten().filter(|patch| is_wanted(patch)).collect();
        found.sort_by_key(|patch| patch.properties.span);
        found
    }

    fn files_named(&self, name: &str) -> impl Iterator<Item = &Referable> {
        self.files.get(name).into_iter().flatten()
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
        others.filter_map(move |kind| {
            let patch = self.patch(kind, package, name)?;
            patch.properties.versions.is_empty().then_some((kind, Patched { patch, version: None }))
        })
    }

    /// The snapshots that have no file but a relation.
    pub(super) fn snapshots_of_relations(&self) -> Vec<&Patch> {
        self.patches(|patch| patch.resource == ResourceType::Snapshot && patch.properties.relation.is_some())
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
    pub(super) fn unused(&self, cx: &Context<'_>) -> Vec<&Patch> {
        self.patches(|patch| !patch.is_used() && !cx.broken().contains(&patch.properties.name))
    }

    /// Warns of properties of resources that do not exist.
    pub(super) fn report_unused(&self, cx: &Context<'_>, nodes: &[Arc<Node>], diagnostics: &mut Diagnostics) {
        for patch in self.unused(cx).into_iter().filter(|patch| patch.package == cx.session.project) {
            let resource = patch.resource;
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

fn read_file((project, partial): (&Project, &PartialParse), file: &File, renderer: &Renderer) -> Read {
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
