//! The methods of a selection: what a value is compared with.

use globset::{Glob, GlobBuilder, GlobMatcher};

use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::manifest::{Exposure, Manifest, Node, NodeConfig, Source, TestKind, UniqueId};

/// A method with its value.
#[derive(Clone, Debug)]
pub enum Method {
    /// The name, or the package and folders from the root.
    Fqn(Pattern),
    /// A tag.
    Tag(Pattern),
    /// A file or folder, from the project.
    Path(Box<GlobMatcher>),
    /// A file by its name.
    File(Pattern),
    /// A layer.
    Layer(Pattern),
    /// A source, `source`, `source.table` or `package.source.table`.
    Source(Pattern),
    /// An exposure.
    Exposure(Pattern),
    /// A package; `this` is the project's own.
    Package(Pattern),
    /// `model`, `seed`, `test`, `source`, …
    ResourceType(Pattern),
    /// A config by its dotted name.
    Config(String, Pattern),
    /// The macro of a generic test.
    TestName(Pattern),
    /// `generic` or `singular`; `data` is both.
    TestType(Pattern),
}

const METHODS: &[&str] = &[
    "config",
    "exposure",
    "file",
    "fqn",
    "layer",
    "package",
    "path",
    "resource_type",
    "source",
    "tag",
    "test_name",
    "test_type",
];

/// A value with `*`, `?` and `[…]`.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    glob: Option<GlobMatcher>,
}

impl Pattern {
    fn new(text: &str) -> Result<Self, Diagnostic> {
        let glob = text
            .contains(['*', '?', '['])
            .then(|| Glob::new(text))
            .transpose()
            .map_err(|error| bad_glob(text, &error))?;
        Ok(Pattern { text: text.to_owned(), glob: glob.map(|glob| glob.compile_matcher()) })
    }

    fn is_match(&self, value: &str) -> bool {
        match &self.glob {
            Some(glob) => glob.is_match(value),
            None => self.text == value,
        }
    }
}

fn bad_glob(text: &str, error: &globset::Error) -> Diagnostic {
    Diagnostic::error(codes::SELECTOR_SYNTAX, format!("`{text}` is not a pattern: {}", error.kind()))
}

impl Method {
    /// Parses `[method[.argument]:]value`.
    ///
    /// # Errors
    /// When the method does not exist or the value is no pattern.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let Some((method, value)) = text.split_once(':') else { return Self::default_for(text) };
        let (method, argument) = method.split_once('.').map_or((method, None), |(method, rest)| (method, Some(rest)));
        let pattern = Pattern::new(value)?;
        Ok(match method {
            "config" => Method::Config(argument.unwrap_or_default().to_owned(), pattern),
            "exposure" => Method::Exposure(pattern),
            "file" => Method::File(pattern),
            "fqn" => Method::Fqn(pattern),
            "layer" => Method::Layer(pattern),
            "package" => Method::Package(pattern),
            "path" => Method::Path(Box::new(path_glob(value)?)),
            "resource_type" => Method::ResourceType(pattern),
            "source" => Method::Source(pattern),
            "tag" => Method::Tag(pattern),
            "test_name" => Method::TestName(pattern),
            "test_type" => Method::TestType(pattern),
            unknown => {
                let message = format!("selections have no method `{unknown}`");
                return Err(Diagnostic::error(codes::SELECTOR_SYNTAX, message)
                    .help(format!("methods are {}", quoted_list(METHODS)))
                    .suggest_near(unknown, METHODS.iter().copied()));
            }
        })
    }

    /// Without a method: something with a `/` is a path, something with a file ending a file, anything else a name.
    fn default_for(value: &str) -> Result<Self, Diagnostic> {
        if value.contains(['/', '\\']) {
            return path_glob(value).map(|glob| Method::Path(Box::new(glob)));
        }
        let pattern = Pattern::new(value)?;
        let is_file = [".sql", ".csv", ".py", ".yml"].iter().any(|ending| value.ends_with(ending));
        Ok(if is_file { Method::File(pattern) } else { Method::Fqn(pattern) })
    }

    /// Whether the node, source or exposure of this id is meant.
    #[must_use]
    pub fn matches(&self, manifest: &Manifest, id: &UniqueId) -> bool {
        if let Some(node) = manifest.nodes.get(id) {
            self.matches_item(&Item::node(node), manifest)
        } else if let Some(source) = manifest.sources.get(id) {
            self.matches_item(&Item::source(source), manifest)
        } else {
            manifest.exposures.get(id).is_some_and(|exposure| self.matches_item(&Item::exposure(exposure), manifest))
        }
    }

    fn matches_item(&self, item: &Item<'_>, manifest: &Manifest) -> bool {
        match self {
            // A source or an exposure is only meant by its own method.
            Method::Fqn(pattern) => item.node.is_some() && matches_fqn(pattern, item.fqn),
            Method::Tag(pattern) => item.config.tags.iter().any(|tag| pattern.is_match(tag)),
            Method::Path(glob) => item.paths.iter().flatten().any(|path| is_in(glob, path)),
            Method::File(pattern) => item.paths[0].is_some_and(|path| matches_file(pattern, path)),
            Method::Layer(pattern) => {
                item.node.and_then(|node| node.layer.as_deref()).is_some_and(|layer| pattern.is_match(layer))
            }
            Method::Source(pattern) => item.source.is_some_and(|source| matches_source(pattern, source)),
            Method::Exposure(pattern) => {
                item.kind == "exposure" && item.fqn.last().is_some_and(|name| pattern.is_match(name))
            }
            Method::Package(pattern) => {
                pattern.is_match(item.package) || (pattern.text == "this" && item.package == manifest.project)
            }
            Method::ResourceType(pattern) => pattern.is_match(item.kind),
            Method::Config(key, pattern) => matches_config(key, pattern, item.config),
            Method::TestName(pattern) => match item.test() {
                Some(TestKind::Generic(test)) => pattern.is_match(&test.name),
                _ => false,
            },
            Method::TestType(pattern) => match item.test() {
                Some(TestKind::Generic(_)) => pattern.is_match("generic") || pattern.is_match("data"),
                Some(TestKind::Singular) => pattern.is_match("singular") || pattern.is_match("data"),
                None => false,
            },
        }
    }
}

/// What the methods look at, of a node, a source or an exposure.
struct Item<'a> {
    kind: &'a str,
    package: &'a str,
    fqn: &'a [String],
    /// The own file first, then the property file.
    paths: [Option<&'a str>; 2],
    config: &'a NodeConfig,
    node: Option<&'a Node>,
    source: Option<&'a Source>,
}

impl<'a> Item<'a> {
    fn node(node: &'a Node) -> Self {
        Item {
            kind: node.resource.as_str(),
            package: &node.package,
            fqn: &node.fqn,
            paths: [Some(&node.original_path), node.patch_path.as_deref()],
            config: &node.config,
            node: Some(node),
            source: None,
        }
    }

    fn source(source: &'a Source) -> Self {
        Item {
            kind: "source",
            package: &source.package,
            fqn: &source.fqn,
            paths: [Some(&source.path), None],
            config: &source.config,
            node: None,
            source: Some(source),
        }
    }

    fn exposure(exposure: &'a Exposure) -> Self {
        Item {
            kind: "exposure",
            package: &exposure.package,
            fqn: &exposure.fqn,
            paths: [Some(&exposure.path), None],
            config: &exposure.config,
            node: None,
            source: None,
        }
    }

    fn test(&self) -> Option<&'a TestKind> {
        self.node.and_then(|node| node.test.as_ref())
    }
}

/// The name alone, or the parts from the root on, with or without the package in front.
fn matches_fqn(pattern: &Pattern, fqn: &[String]) -> bool {
    fqn.last().is_some_and(|name| pattern.is_match(name))
        || is_prefix(pattern, fqn)
        || fqn.get(1..).is_some_and(|unscoped| is_prefix(pattern, unscoped))
}

fn is_prefix(pattern: &Pattern, fqn: &[String]) -> bool {
    if pattern.glob.is_some() {
        return pattern.is_match(&fqn.join("."));
    }
    let mut parts = fqn.iter();
    pattern.text.split('.').all(|wanted| parts.next().is_some_and(|part| part == wanted))
}

fn matches_file(pattern: &Pattern, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    pattern.is_match(name) || pattern.is_match(stem)
}

fn matches_source(pattern: &Pattern, source: &Source) -> bool {
    let table = format!("{}.{}", source.source, source.name);
    pattern.is_match(&source.source)
        || pattern.is_match(&table)
        || pattern.is_match(&format!("{}.{table}", source.package))
        || pattern.text.strip_suffix(".*").is_some_and(|name| name == source.source)
}

fn matches_config(key: &str, pattern: &Pattern, config: &NodeConfig) -> bool {
    let mut parts = key.split('.');
    let first = parts.next().and_then(|part| config.values.get(part));
    let Some(value) = parts.fold(first, |value, part| value.and_then(|value| value.get(part))) else { return false };
    match value {
        serde_json::Value::String(text) => pattern.is_match(text),
        serde_json::Value::Bool(flag) => pattern.text.eq_ignore_ascii_case(&flag.to_string()),
        serde_json::Value::Array(items) => {
            items.iter().filter_map(serde_json::Value::as_str).any(|item| pattern.is_match(item))
        }
        serde_json::Value::Object(map) => map.keys().any(|key| pattern.is_match(key)),
        other => pattern.is_match(&other.to_string()),
    }
}

fn path_glob(value: &str) -> Result<GlobMatcher, Diagnostic> {
    let clean = value.trim_start_matches("./").trim_end_matches('/');
    let glob = GlobBuilder::new(clean).literal_separator(true).build().map_err(|error| bad_glob(value, &error))?;
    Ok(glob.compile_matcher())
}

/// Whether the file itself or one of the folders it is in is meant.
fn is_in(glob: &GlobMatcher, path: &str) -> bool {
    std::path::Path::new(path).ancestors().any(|part| glob.is_match(part))
}
