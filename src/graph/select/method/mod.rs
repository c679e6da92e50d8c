//! The methods of a selection: what a value is compared with.

mod config;
mod name;
mod path;

use globset::GlobMatcher;

use super::Pattern;
use crate::base::quoted_list;
use crate::diagnostic::{Diagnostic, codes};
use crate::graph::member::Member;
use crate::graph::state::StateKind;
use crate::manifest::TestKind;

/// A method with its value.
#[derive(Clone, Debug)]
pub enum Method {
    /// The name, or the package and folders from the root.
    Fqn(Pattern),
    /// A tag.
    Tag(Pattern),
    /// A group of models.
    Group(Pattern),
    /// Who may refer to a model.
    Access(String),
    /// A file or folder, from the project.
    Path(Box<GlobMatcher>),
    /// A file by its name.
    File(Pattern),
    /// A layer.
    Layer(Pattern),
    /// A source, `source`, `source.table` or `package.source.table`.
    Source([Pattern; 3]),
    /// A resource of one kind by its name: the kind, the package, the name.
    Named(&'static str, [Pattern; 2]),
    /// A column of what another method chooses.
    Column(Box<Method>, String),
    /// A package; `this` is the project's own.
    Package(Pattern),
    /// `model`, `seed`, `test`, `source`, …
    ResourceType(String),
    /// A config by its dotted name.
    Config(Vec<String>, String),
    /// The macro of a generic test, or a unit test.
    TestName(Pattern),
    /// Which tests.
    TestType(TestType),
    /// Which versions of models.
    Version(VersionKind),
    /// How the resource compares with an earlier state.
    State(StateKind),
    /// How its last run ended.
    Result(String),
    /// The sources that have newer rows than in an earlier state.
    FresherSource,
    /// What a selector of `selectors.yml` chooses.
    Selector(String),
}

/// Which tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestType {
    /// A macro applied to a relation.
    Generic,
    /// A file of its own.
    Singular,
    /// Both.
    Data,
    /// A model on given rows.
    Unit,
}

/// Which versions of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionKind {
    /// The one that `ref` without a version means.
    Latest,
    /// Later ones.
    Prerelease,
    /// Earlier ones.
    Old,
    /// Models without versions.
    None,
}

const METHODS: &[&str] = &[
    "access",
    "column",
    "config",
    "exposure",
    "file",
    "fqn",
    "function",
    "group",
    "layer",
    "metric",
    "package",
    "path",
    "resource_type",
    "result",
    "saved_query",
    "selector",
    "semantic_model",
    "source",
    "source_status",
    "state",
    "tag",
    "test_name",
    "test_type",
    "unit_test",
    "version",
];

/// dbt's words for kinds of resource.
pub const RESOURCE_TYPES: &[&str] = &[
    "analysis",
    "exposure",
    "function",
    "metric",
    "model",
    "saved_query",
    "seed",
    "semantic_model",
    "snapshot",
    "source",
    "test",
    "unit_test",
];

impl Method {
    /// Parses `[method[.argument]:]value`.
    ///
    /// # Errors
    /// When the method does not exist or does not take the value.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        let (method, value) = Self::split(text);
        Self::of(method, value)
    }

    /// The name of the method and the value. Without a name something with a `/` is a path, something with a file ending a file,
    /// anything else a name.
    pub(super) fn split(text: &str) -> (&str, &str) {
        if let Some((method, value)) = text.split_once(':').filter(|(method, _)| is_word(method)) {
            return (method, value);
        }
        let lower = text.to_ascii_lowercase();
        let is_file = [".sql", ".csv", ".py"].iter().any(|ending| lower.ends_with(ending));
        match (text.contains(std::path::is_separator), is_file) {
            (true, _) => ("path", text),
            (_, true) => ("file", text),
            _ => ("fqn", text),
        }
    }

    /// A method by its name, which may have an argument behind a dot.
    ///
    /// # Errors
    /// When the method does not exist or does not take the value.
    pub fn of(method: &str, value: &str) -> Result<Self, Diagnostic> {
        let (method, argument) = method.split_once('.').map_or((method, ""), |(method, rest)| (method, rest));
        let pattern = || Pattern::new(value);
        Ok(match method {
            "access" => Method::Access(value.to_owned()),
            "config" => Method::Config(argument.split('.').map(str::to_owned).collect(), value.to_owned()),
            "column" => Self::column(value)?,
            "exposure" => Self::named("exposure", value)?,
            "file" => Method::File(pattern()),
            "fqn" => Method::Fqn(pattern()),
            "function" => Self::named("function", value)?,
            "group" => Method::Group(pattern()),
            "layer" => Method::Layer(pattern()),
            "metric" => Self::named("metric", value)?,
            "package" => Method::Package(pattern()),
            "path" => Method::Path(Box::new(path::glob(value)?)),
            "resource_type" => Method::ResourceType(one_of("resource_type", value, RESOURCE_TYPES)?.to_owned()),
            "result" => Method::Result(value.to_owned()),
            "saved_query" => Self::named("saved_query", value)?,
            "selector" => Method::Selector(value.to_owned()),
            "semantic_model" => Self::named("semantic_model", value)?,
            "source" => Self::source(value)?,
            "source_status" => {
                one_of("source_status", value, &["fresher"])?;
                Method::FresherSource
            }
            "state" => {
                Method::State(StateKind::parse(value).ok_or_else(|| not_one_of("state", value, StateKind::NAMES))?)
            }
            "tag" => Method::Tag(pattern()),
            "test_name" => Method::TestName(pattern()),
            "test_type" => Method::TestType(test_type(value)?),
            "unit_test" => Self::named("unit_test", value)?,
            "version" => Method::Version(version(value)?),
            unknown => {
                let message = format!("selections have no method `{unknown}`");
                return Err(Diagnostic::error(codes::SELECTOR_SYNTAX, message)
                    .help(format!("methods are {}", quoted_list(METHODS)))
                    .suggest_near(unknown, METHODS.iter().copied()));
            }
        })
    }

    /// `name` or `package.name`.
    fn named(kind: &'static str, value: &str) -> Result<Self, Diagnostic> {
        match value.split('.').collect::<Vec<_>>()[..] {
            [name] => Ok(Method::Named(kind, [Pattern::new("*"), Pattern::new(name)])),
            [package, name] => Ok(Method::Named(kind, [Pattern::new(package), Pattern::new(name)])),
            _ => Err(wrong_value(format!("`{kind}:{value}` names nothing")).help("write `name` or `package.name`")),
        }
    }

    /// `orders.amount`, `source:raw.orders.amount`: what stands before the last point is a selection of its own.
    fn column(value: &str) -> Result<Self, Diagnostic> {
        match value.rsplit_once('.') {
            Some((node, column)) if !node.is_empty() && !column.is_empty() => {
                Ok(Method::Column(Box::new(Method::parse(node)?), column.to_owned()))
            }
            _ => Err(wrong_value(format!("`column:{value}` names nothing"))
                .help("write `node.column`, or `source:source.table.column`")),
        }
    }

    fn source(value: &str) -> Result<Self, Diagnostic> {
        let parts = match value.split('.').collect::<Vec<_>>()[..] {
            [source] => ["*", source, "*"],
            [source, table] => ["*", source, table],
            [package, source, table] => [package, source, table],
            _ => {
                return Err(wrong_value(format!("`source:{value}` names nothing"))
                    .help("write `source`, `source.table` or `package.source.table`"));
            }
        };
        Ok(Method::Source(parts.map(Pattern::new)))
    }

    /// Whether a member is meant, for the methods that look at nothing but the member.
    pub(super) fn matches(&self, member: &Member<'_>, project: &str) -> bool {
        match self {
            // A source is only meant by its own method.
            Method::Fqn(pattern) => member.kind != "source" && name::matches(pattern, member),
            Method::Tag(pattern) => member.tags.iter().any(|tag| pattern.is_match(tag)),
            Method::Group(pattern) => {
                (member.node.is_some() || member.kind == "metric")
                    && member.text("group").is_some_and(|group| pattern.is_match(group))
            }
            Method::Access(access) => member.kind == "model" && member.access() == access,
            // A property file is meant by itself alone, not by the folders that it is in.
            Method::Path(glob) => {
                path::is_in(glob, member.path) || member.patch_path.is_some_and(|path| path::is(glob, path))
            }
            Method::File(pattern) => path::has_name(pattern, member.path),
            Method::Layer(pattern) => {
                member.node.and_then(|node| node.layer.as_deref()).is_some_and(|layer| pattern.is_match(layer))
            }
            Method::Source([package, source, table]) => member.source.is_some_and(|found| {
                package.is_match(&found.package) && source.is_match(&found.source) && table.is_match(&found.name)
            }),
            Method::Named(kind, [package, name]) => {
                member.kind == *kind && package.is_match(member.package) && name.is_match(member.name)
            }
            Method::Package(pattern) => {
                pattern.is_match(member.package) || (pattern.text() == "this" && member.package == project)
            }
            Method::ResourceType(kind) => member.kind == kind,
            Method::Config(keys, value) => {
                (member.node.is_some() || member.source.is_some()) && config::matches(keys, value, member.config)
            }
            Method::TestName(pattern) => match member.test() {
                Some(TestKind::Generic(test)) => pattern.is_match(&test.name),
                _ => member.kind == "unit_test" && pattern.is_match(member.name),
            },
            Method::TestType(kind) => kind.matches(member),
            Method::Version(kind) => member.kind == "model" && kind.matches(member),
            Method::Column(..) | Method::State(_) | Method::Result(_) | Method::FresherSource | Method::Selector(_) => {
                false
            }
        }
    }
}

impl TestType {
    fn matches(self, member: &Member<'_>) -> bool {
        match self {
            TestType::Generic => matches!(member.test(), Some(TestKind::Generic(_))),
            TestType::Singular => matches!(member.test(), Some(TestKind::Singular)),
            TestType::Data => member.test().is_some(),
            TestType::Unit => member.kind == "unit_test",
        }
    }
}

impl VersionKind {
    fn matches(self, member: &Member<'_>) -> bool {
        let (version, latest) = (member.version(), member.latest_version());
        let order = || Some(name::compare_versions(version.as_deref()?, latest.as_deref()?));
        match self {
            VersionKind::Latest => version.is_some() && version == latest,
            VersionKind::Prerelease => order() == Some(std::cmp::Ordering::Greater),
            VersionKind::Old => order() == Some(std::cmp::Ordering::Less),
            VersionKind::None => version.is_none(),
        }
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
}

fn test_type(value: &str) -> Result<TestType, Diagnostic> {
    Ok(match value {
        // `schema` is what dbt called generic tests first.
        "generic" | "schema" => TestType::Generic,
        "singular" => TestType::Singular,
        "data" => TestType::Data,
        "unit" => TestType::Unit,
        _ => return Err(not_one_of("test_type", value, &["generic", "singular", "data", "unit"])),
    })
}

fn version(value: &str) -> Result<VersionKind, Diagnostic> {
    Ok(match value {
        "latest" => VersionKind::Latest,
        "prerelease" => VersionKind::Prerelease,
        "old" => VersionKind::Old,
        "none" => VersionKind::None,
        _ => return Err(not_one_of("version", value, &["latest", "prerelease", "old", "none"])),
    })
}

fn one_of<'v>(method: &str, value: &'v str, allowed: &[&str]) -> Result<&'v str, Diagnostic> {
    if allowed.contains(&value) { Ok(value) } else { Err(not_one_of(method, value, allowed)) }
}

fn not_one_of(method: &str, value: &str, allowed: &[&str]) -> Diagnostic {
    wrong_value(format!("`{method}:{value}` selects nothing: there is no `{value}`"))
        .help(format!("`{method}:` takes {}", quoted_list(allowed)))
        .suggest_near(value, allowed.iter().copied())
}

fn wrong_value(message: String) -> Diagnostic {
    Diagnostic::error(codes::SELECTOR_SYNTAX, message)
}
