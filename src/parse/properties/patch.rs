//! What one property file says of one resource.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::config::{ColumnProperties, Constraint, ResourceProperties, TestProperties, VersionProperties};
use crate::load::File;
use crate::manifest::{ResourceType, Version};
use crate::source::Span;
use crate::yaml::{Mapping, Value};

/// What one property file says of one resource.
pub(in crate::parse) struct Patch {
    /// The kind of resource that it speaks of.
    pub(in crate::parse) resource: ResourceType,
    /// The properties.
    pub(in crate::parse) properties: ResourceProperties,
    /// The file.
    pub(in crate::parse) file: File,
    /// The package of the file.
    pub(in crate::parse) package: String,
    used: AtomicBool,
}

/// The same for one version of a model, or for a resource without versions.
#[derive(Clone, Copy)]
pub(in crate::parse) struct Patched<'p> {
    /// What is said of the whole.
    pub(in crate::parse) patch: &'p Patch,
    /// What is said of the version.
    pub(in crate::parse) version: Option<&'p VersionProperties>,
}

impl Patch {
    pub(super) fn new(resource: ResourceType, properties: ResourceProperties, file: File, package: String) -> Self {
        Patch { resource, properties, file, package, used: AtomicBool::new(false) }
    }

    pub(super) fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// The version that `ref` without one means: the one that is named, else the highest.
    pub(in crate::parse) fn latest_version(&self) -> Option<Version> {
        let named = self.properties.latest_version.clone().and_then(Version::of);
        let all = self.properties.versions.iter().filter_map(|version| Version::of(version.v.clone()));
        named.or_else(|| all.max_by(Version::compare))
    }
}

impl<'p> Patched<'p> {
    /// The version, if it is one of several.
    pub(in crate::parse) fn v(&self) -> Option<Version> {
        Version::of(self.version?.v.clone())
    }

    /// Its configs: the version's over those of the whole.
    pub(in crate::parse) fn config(&self) -> Cow<'p, Mapping> {
        let whole = &self.patch.properties.config;
        match self.version {
            Some(version) if !version.config.entries.is_empty() => Cow::Owned(merged(whole, &version.config)),
            _ => Cow::Borrowed(whole),
        }
    }

    /// Its description as it is written, and the place of what it describes.
    pub(in crate::parse) fn description(&self) -> (&'p str, Span) {
        match self.version.filter(|version| !version.description.is_empty()) {
            Some(version) => (&version.description, version.span),
            None => (&self.patch.properties.description, self.patch.properties.span),
        }
    }

    /// Its columns.
    pub(in crate::parse) fn columns(&self) -> Vec<&'p ColumnProperties> {
        let all = self.patch.properties.columns.iter();
        let Some(version) = self.version else { return all.collect() };
        let inherited = all.filter(|column| version.inherited.has(&column.name));
        let mut columns: Vec<&ColumnProperties> = Vec::new();
        for column in inherited.chain(&version.columns) {
            columns.retain(|known| known.name != column.name);
            columns.push(column);
        }
        columns
    }

    /// The tests of the whole relation.
    pub(in crate::parse) fn tests(&self) -> &'p [TestProperties] {
        let own = self.version.and_then(|version| version.tests.as_deref());
        own.unwrap_or(&self.patch.properties.tests)
    }

    /// The constraints of the whole relation.
    pub(in crate::parse) fn constraints(&self) -> &'p [Constraint] {
        match self.version {
            Some(version) if !version.constraints.is_empty() => &version.constraints,
            _ => &self.patch.properties.constraints,
        }
    }

    /// When it is to go away.
    pub(in crate::parse) fn deprecation_date(&self) -> Option<&'p str> {
        match self.version {
            Some(version) => version.deprecation_date.as_deref(),
            None => self.patch.properties.deprecation_date.as_deref(),
        }
    }
}

/// `over` put over `base`: mappings inside are merged, everything else is replaced.
fn merged(base: &Mapping, over: &Mapping) -> Mapping {
    let mut result = base.clone();
    for entry in over.iter() {
        let Some(known) = result.entries.iter_mut().find(|known| known.key == entry.key) else {
            result.entries.push(entry.clone());
            continue;
        };
        match (&mut known.node.value, &entry.node.value) {
            (Value::Map(below), Value::Map(above)) => *below = merged(below, above),
            _ => *known = entry.clone(),
        }
    }
    result
}
