//! From the names that SQL uses to ids: `ref`, `source` and `function`.

use super::{Manifest, Node, ResourceType, UniqueId, Version};
use crate::base::HashMap;

/// What `ref`, `source` and `function` can name.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    /// The root project, which is asked first.
    root: String,
    refs: HashMap<String, Vec<Candidate>>,
    functions: HashMap<String, Vec<Candidate>>,
    sources: HashMap<(String, String), Vec<Candidate>>,
    disabled: HashMap<String, Vec<Candidate>>,
    disabled_sources: HashMap<(String, String), Vec<Candidate>>,
}

/// Something of a name.
#[derive(Clone, Debug)]
struct Candidate {
    package: String,
    id: UniqueId,
    version: Option<Version>,
    /// Whether `ref` without a version means it.
    is_latest: bool,
}

/// The answer to a lookup.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'l> {
    /// It is this one.
    Here(&'l UniqueId),
    /// It exists but is disabled.
    Disabled(&'l UniqueId),
    /// There is none of that name.
    Missing,
}

impl Candidate {
    fn of(node: &Node) -> Self {
        Candidate {
            package: node.package.clone(),
            id: node.id.clone(),
            version: node.version.clone(),
            is_latest: node.version == node.latest_version,
        }
    }

    fn is(&self, version: Option<&Version>) -> bool {
        match version {
            Some(version) => self.version.as_ref() == Some(version),
            None => self.is_latest,
        }
    }
}

impl Lookup {
    /// Indexes a manifest.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let mut lookup = Lookup { root: manifest.project.clone(), ..Lookup::default() };
        for node in manifest.nodes.values() {
            if node.resource.can_be_referenced() {
                lookup.refs.entry(node.name.clone()).or_default().push(Candidate::of(node));
            } else if node.resource == ResourceType::Function {
                lookup.functions.entry(node.name.clone()).or_default().push(Candidate::of(node));
            }
        }
        let can_be_named = |node: &Node| node.resource.can_be_referenced() || node.resource == ResourceType::Function;
        for node in manifest.disabled.iter().filter(|node| can_be_named(node)) {
            lookup.disabled.entry(node.name.clone()).or_default().push(Candidate::of(node));
        }
        let kinds = [
            (&mut lookup.sources, manifest.sources.values().collect::<Vec<_>>()),
            (&mut lookup.disabled_sources, manifest.disabled_others.sources.iter().collect()),
        ];
        for (map, sources) in kinds {
            for source in sources {
                let key = (source.source.clone(), source.name.clone());
                let (package, id) = (source.package.clone(), source.id.clone());
                map.entry(key).or_default().push(Candidate { package, id, version: None, is_latest: true });
            }
        }
        lookup
    }

    /// What `ref([package,] name, v=version)` means in a node of `from`: the root project first, then the own package, then any
    /// other.
    #[must_use]
    pub fn find_ref(&self, from: &str, package: Option<&str>, name: &str, version: Option<&Version>) -> Found<'_> {
        self.find(self.refs.get(name), self.disabled.get(name), (from, package, version))
    }

    /// What `function([package,] name)` means in a node of `from`.
    #[must_use]
    pub fn find_function(&self, from: &str, package: Option<&str>, name: &str) -> Found<'_> {
        self.find(self.functions.get(name), self.disabled.get(name), (from, package, None))
    }

    /// What `source(source, table)` means in a node of `from`.
    #[must_use]
    pub fn find_source(&self, from: &str, source: &str, table: &str) -> Found<'_> {
        let key = (source.to_owned(), table.to_owned());
        self.find(self.sources.get(&key), self.disabled_sources.get(&key), (from, None, None))
    }

    /// All names that `ref` knows.
    pub fn ref_names(&self) -> impl Iterator<Item = &str> {
        self.refs.keys().map(String::as_str)
    }

    /// The versions of the model of a name.
    pub fn versions(&self, name: &str) -> impl Iterator<Item = &Version> {
        self.refs.get(name).into_iter().flatten().filter_map(|candidate| candidate.version.as_ref())
    }

    /// All names that `function` knows.
    pub fn function_names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// All names that `source` knows: source, table.
    pub fn source_names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.keys().map(|(source, table)| (source.as_str(), table.as_str()))
    }

    fn find<'l>(
        &'l self,
        enabled: Option<&'l Vec<Candidate>>,
        disabled: Option<&'l Vec<Candidate>>,
        (from, package, version): (&str, Option<&str>, Option<&Version>),
    ) -> Found<'l> {
        let pick = |candidates: Option<&'l Vec<Candidate>>| {
            let candidates = candidates?;
            let matching = || candidates.iter().filter(|candidate| candidate.is(version));
            let in_package = |package: &str| matching().find(|candidate| candidate.package == package);
            let found = match package {
                Some(package) => in_package(package),
                None => in_package(&self.root).or_else(|| in_package(from)).or_else(|| matching().next()),
            };
            found.map(|candidate| &candidate.id)
        };
        match (pick(enabled), pick(disabled)) {
            (Some(id), _) => Found::Here(id),
            (None, Some(id)) => Found::Disabled(id),
            (None, None) => Found::Missing,
        }
    }
}
