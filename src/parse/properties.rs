//! The property files of all packages, by the resource that they speak of.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::docs::Docs;
use super::{Context, unsupported};
use crate::config::{ExposureProperties, MacroProperties, Properties, ResourceProperties, SourceProperties};
use crate::context::globals::Secrets;
use crate::context::{DocumentNames, target_value};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::load::{File, Package, Project, Renderer, rendered_later};
use crate::manifest::{Node, ResourceType};
use crate::session::Session;
use crate::source::Span;
use crate::yaml;

/// What property files say.
#[derive(Default)]
pub(super) struct PropertyIndex {
    resources: HashMap<(ResourceType, String, String), Patch>,
    sources: Vec<(String, File, SourceProperties)>,
    macros: Vec<(String, MacroProperties)>,
    exposures: Vec<(String, File, ExposureProperties)>,
    unsupported: Vec<(&'static str, Span)>,
}

/// What one property file says of one resource.
pub(super) struct Patch {
    /// The properties.
    pub(super) properties: ResourceProperties,
    /// The file.
    pub(super) file: File,
    used: AtomicBool,
}

impl PropertyIndex {
    /// Reads the property files of all packages.
    pub(super) fn read(project: &Project, docs: &Docs, diagnostics: &mut Diagnostics) -> Self {
        let mut index = PropertyIndex::default();
        for package in &project.packages {
            let renderer = renderer(&project.session, &package.config.name);
            let read: Vec<Read> =
                package.files.properties.par_iter().map(|file| read_file(project, file, &renderer, docs)).collect();
            for (file, read) in package.files.properties.iter().zip(read) {
                diagnostics.extend(read.diagnostics);
                index.unsupported.extend(read.unsupported);
                index.add(package, file, read.properties, diagnostics);
            }
        }
        index
    }

    fn add(&mut self, package: &Package, file: &File, properties: Properties, diagnostics: &mut Diagnostics) {
        let name = &package.config.name;
        let kinds = [
            (ResourceType::Model, properties.models),
            (ResourceType::Seed, properties.seeds),
            (ResourceType::Analysis, properties.analyses),
            (ResourceType::Test, properties.tests),
        ];
        for (resource, list) in kinds {
            for properties in list {
                let key = (resource, name.clone(), properties.name.clone());
                if let Some(known) = self.resources.get(&key) {
                    diagnostics.push(described_twice(
                        resource,
                        &properties.name,
                        properties.span,
                        known.properties.span,
                    ));
                    continue;
                }
                self.resources.insert(key, Patch { properties, file: file.clone(), used: AtomicBool::new(false) });
            }
        }
        self.sources.extend(properties.sources.into_iter().map(|source| (name.clone(), file.clone(), source)));
        self.macros.extend(properties.macros.into_iter().map(|found| (name.clone(), found)));
        self.exposures.extend(properties.exposures.into_iter().map(|found| (name.clone(), file.clone(), found)));
    }

    /// What is said of a resource.
    pub(super) fn of(&self, resource: ResourceType, package: &str, name: &str) -> Option<&Patch> {
        let patch = self.resources.get(&(resource, package.to_owned(), name.to_owned()))?;
        patch.used.store(true, Ordering::Relaxed);
        Some(patch)
    }

    /// The sources: package, file, properties.
    pub(super) fn sources(&self) -> &[(String, File, SourceProperties)] {
        &self.sources
    }

    /// The macros: package, properties.
    pub(super) fn macros(&self) -> &[(String, MacroProperties)] {
        &self.macros
    }

    /// The exposures: package, file, properties.
    pub(super) fn exposures(&self) -> &[(String, File, ExposureProperties)] {
        &self.exposures
    }

    /// Where a list stands that nothing is built for.
    pub(super) fn lists_of(&self, key: &str) -> impl Iterator<Item = Span> {
        self.unsupported.iter().filter(move |(known, _)| *known == key).map(|(_, span)| *span)
    }

    /// Warns of properties of resources that do not exist.
    pub(super) fn report_unused(&self, cx: &Context<'_>, nodes: &[Node], diagnostics: &mut Diagnostics) {
        let mut unused: Vec<_> = self
            .resources
            .iter()
            .filter(|((_, package, _), patch)| !patch.used.load(Ordering::Relaxed) && *package == cx.session.project)
            .collect();
        unused.sort_by_key(|(_, patch)| patch.properties.span);
        for ((resource, package, name), patch) in unused {
            let message = format!("{resource} `{name}` is described here, but no file defines it");
            let names = nodes.iter().filter(|node| node.resource == *resource && node.package == *package);
            diagnostics.push(
                Diagnostic::warning(codes::NOT_DESCRIBED, message)
                    .at(patch.properties.span)
                    .suggest_near(name, names.map(|node| node.name.as_str())),
            );
        }
    }
}

fn described_twice(resource: ResourceType, name: &str, span: Span, known: Span) -> Diagnostic {
    Diagnostic::error(codes::DUPLICATE_NAME, format!("{resource} `{name}` is described twice"))
        .label(span, "")
        .label(known, "is described here already")
}

fn renderer(session: &Session, package: &str) -> Renderer {
    let names = DocumentNames {
        world: session.world.clone(),
        secrets: Secrets::Forbidden,
        vars: session.vars.clone(),
        package: package.to_owned(),
        target: Some(target_value(&session.target, &session.secrets)),
    };
    Renderer::with_names(&session.sources, names)
}

/// A property file, read.
#[derive(Default)]
struct Read {
    properties: Properties,
    unsupported: Vec<(&'static str, Span)>,
    diagnostics: Diagnostics,
}

fn read_file(project: &Project, file: &File, renderer: &Renderer, docs: &Docs) -> Read {
    let mut read = Read::default();
    let text = project.session.sources.get(file.id);
    let Some(mut root) = read.diagnostics.take(yaml::parse(file.id, text.text())) else { return read };
    renderer.render(&mut root, &|key| !rendered_later(key), &mut read.diagnostics);
    read.unsupported = unsupported::lists_in(&root);
    read.properties = Properties::read(&root, &mut read.diagnostics);
    describe(&mut read.properties, docs, &mut read.diagnostics);
    read
}

/// Puts `doc()` into all descriptions.
fn describe(properties: &mut Properties, docs: &Docs, diagnostics: &mut Diagnostics) {
    let mut render = |description: &mut String, at: Span| {
        if let Some(rendered) = docs.render(description, at, diagnostics) {
            *description = rendered;
        }
    };
    let resources = [&mut properties.models, &mut properties.seeds, &mut properties.analyses, &mut properties.tests];
    for resource in resources.into_iter().flatten() {
        describe_resource(resource, &mut render);
    }
    for source in &mut properties.sources {
        render(&mut source.description, source.span);
        for table in &mut source.tables {
            describe_resource(&mut table.resource, &mut render);
        }
    }
    for found in &mut properties.macros {
        render(&mut found.description, found.span);
    }
    for exposure in &mut properties.exposures {
        render(&mut exposure.description, exposure.span);
    }
}

fn describe_resource(resource: &mut ResourceProperties, render: &mut impl FnMut(&mut String, Span)) {
    render(&mut resource.description, resource.span);
    for column in &mut resource.columns {
        render(&mut column.description, resource.span);
    }
}
