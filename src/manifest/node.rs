//! What is built, tested or compiled: models, seeds, snapshots, tests, analyses, functions.

use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value as Json};

use super::{ConfigValues, NodeConfig, UniqueId, Version};
use crate::base::IndexMap;
use crate::config::{Constraint, FunctionProperties};
use crate::source::{SourceMap, Span};
use crate::sql::{Relation, cte_name};

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceType {
    /// A query that becomes a relation.
    Model,
    /// A CSV file that becomes a table.
    Seed,
    /// A query whose rows are kept with the times between which they held.
    Snapshot,
    /// A query that returns what is wrong.
    Test,
    /// A query that is only compiled.
    Analysis,
    /// A macro that a command or a hook runs; never in the manifest's order.
    Operation,
    /// A function that SQL can call.
    Function,
    /// A model on given rows; made of a unit test to run it, never in the manifest's order.
    UnitTest,
}

impl ResourceType {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ResourceType::Model => "model",
            ResourceType::Seed => "seed",
            ResourceType::Snapshot => "snapshot",
            ResourceType::Test => "test",
            ResourceType::Analysis => "analysis",
            ResourceType::Operation => "operation",
            ResourceType::Function => "function",
            ResourceType::UnitTest => "unit_test",
        }
    }

    /// What it is called in a sentence.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            ResourceType::UnitTest => "unit test",
            other => other.as_str(),
        }
    }

    /// The key of its list in property files.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            ResourceType::Model => "models",
            ResourceType::Seed => "seeds",
            ResourceType::Snapshot => "snapshots",
            ResourceType::Test => "data_tests",
            ResourceType::Analysis => "analyses",
            ResourceType::Operation => "operations",
            ResourceType::Function => "functions",
            ResourceType::UnitTest => "unit_tests",
        }
    }

    /// Whether `ref` can name it.
    #[must_use]
    pub fn can_be_referenced(self) -> bool {
        matches!(self, ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot)
    }
}

/// Who may refer to a model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Access {
    /// Only nodes of its group.
    Private,
    /// Nodes of its package, and of packages that its package does not keep out.
    #[default]
    Protected,
    /// Every node.
    Public,
}

impl Access {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Private => "private",
            Access::Protected => "protected",
            Access::Public => "public",
        }
    }

    /// The access of this word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        [Access::Private, Access::Protected, Access::Public].into_iter().find(|access| access.as_str() == word)
    }
}

/// A call of `ref`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RefArgs {
    /// The package, when it is named.
    pub package: Option<String>,
    /// The node.
    pub name: String,
    /// The version, when one is named.
    pub version: Option<Version>,
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A model, seed, snapshot, test, analysis or function.
#[derive(Clone, Debug)]
pub struct Node {
    /// `model.package.name`.
    pub id: UniqueId,
    /// Its kind.
    pub resource: ResourceType,
    /// Its package.
    pub package: String,
    /// Its name, as `ref` uses it.
    pub name: String,
    /// Package, folders, name.
    pub fqn: Vec<String>,
    /// Its file relative to the folder of its kind (`silver/orders.sql`).
    pub path: String,
    /// Its file relative to the project (`models/silver/orders.sql`).
    pub original_path: String,
    /// The batch of time that it is while one is built; never in the manifest.
    pub batch: Option<String>,
    /// Where errors about the node as a whole are shown.
    pub span: Span,
    /// What is compiled.
    pub template: Template,
    /// SHA-256 of the file, for nodes that have one of their own.
    pub checksum: Option<String>,
    /// The name in the database.
    pub alias: String,
    /// Database and schema, also for nodes that are no relation; the database is empty where the engine's names have none.
    pub database: String,
    /// See `database`.
    pub schema: String,
    /// What SQL calls it; `None` for what is no relation.
    pub relation: Option<Relation>,
    /// Its configs, resolved.
    pub config: NodeConfig,
    /// Its configs as the file's own `config()` calls gave them.
    pub in_file_config: Map<String, Json>,
    /// The layer, where layers are in use.
    pub layer: Option<String>,
    /// Markdown.
    pub description: String,
    /// The property file, relative to the project.
    pub patch_path: Option<String>,
    /// Columns by name.
    pub columns: IndexMap<String, Column>,
    /// `{% docs %}` blocks in the description.
    pub doc_blocks: Vec<UniqueId>,
    /// The configs of all places as they were written, Jinja not rendered: what `state:modified` compares.
    pub unrendered_config: ConfigValues,
    /// The group that owns it.
    pub group: Option<String>,
    /// Who may refer to it, if it is a model.
    pub access: Access,
    /// Which version of its model it is.
    pub version: Option<Version>,
    /// The version that `ref` without one means.
    pub latest_version: Option<Version>,
    /// When it is to go away, as dbt writes it.
    pub deprecation_date: Option<String>,
    /// The promise that it keeps to its readers.
    pub contract: Contract,
    /// Constraints of the whole relation.
    pub constraints: Vec<Constraint>,
    /// The columns that tell rows apart, as constraints and tests show.
    pub primary_key: Vec<String>,
    /// What makes it a time spine.
    pub time_spine: Option<Box<Json>>,
    /// Arguments and result, if it is a function.
    pub function: Option<Box<FunctionProperties>>,
    /// `ref` calls.
    pub refs: Vec<RefArgs>,
    /// `source` calls: source, table.
    pub source_calls: Vec<(String, String)>,
    /// `metric` calls: package (if given), name.
    pub metric_calls: Vec<(Option<String>, String)>,
    /// `function` calls: package (if given), name.
    pub function_calls: Vec<(Option<String>, String)>,
    /// The nodes and sources that it reads, in the order of the calls.
    pub depends_on: Vec<UniqueId>,
    /// The macros that it calls.
    pub macros: Vec<UniqueId>,
    /// What it tests, if it is a test.
    pub test: Option<TestKind>,
}

/// The promise of a model to its readers: its columns and their types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Whether it is held.
    pub enforced: bool,
    /// Whether type names are translated to the engine's.
    pub alias_types: bool,
    /// A digest of what is promised.
    pub checksum: Option<String>,
}

impl Default for Contract {
    fn default() -> Self {
        Contract { enforced: false, alias_types: true, checksum: None }
    }
}

/// What is compiled to SQL.
#[derive(Clone, Debug)]
pub enum Template {
    /// A stretch of a file.
    File(Span),
    /// A text of ours: the call of a generic test.
    Text(String),
    /// Nothing: the rows are in this CSV file.
    Seed(PathBuf),
}

/// The two kinds of test.
#[derive(Clone, Debug)]
pub enum TestKind {
    /// A file of its own.
    Singular,
    /// A test macro applied to a relation.
    Generic(Box<GenericTest>),
}

/// A test macro applied to a relation.
#[derive(Clone, Debug)]
pub struct GenericTest {
    /// The macro's name without `test_`.
    pub name: String,
    /// The macro's package, if the property file names one.
    pub namespace: Option<String>,
    /// What the macro is called with, texts of Jinja not rendered.
    pub arguments: Map<String, Json>,
    /// The column, for a column's test.
    pub column: Option<String>,
    /// The node or source under test.
    pub attached: Option<UniqueId>,
    /// Where the property file says it: `models.orders`, `sources.raw`.
    pub file_key: String,
}

/// A column as properties describe it.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Where it is described.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// The SQL type.
    pub data_type: Option<String>,
    /// Whether SQL quotes the name.
    pub quote: Option<bool>,
    /// Free facts.
    pub meta: Map<String, Json>,
    /// Tags.
    pub tags: Vec<String>,
    /// Its constraints.
    pub constraints: Vec<Constraint>,
    /// Of a time spine's column: `day`, `month`, …
    pub granularity: Option<String>,
    /// `{% docs %}` blocks in the description.
    pub doc_blocks: Vec<UniqueId>,
    /// Keys that are not dbt's.
    pub extra: Map<String, Json>,
}

impl Column {
    /// Whether it describes the column of this name. In properties a name may have its quotes.
    #[must_use]
    pub fn is(&self, column: &str) -> bool {
        self.own_name().eq_ignore_ascii_case(column)
    }

    /// Whether it describes a field of this column, which is a struct: `address.city`.
    #[must_use]
    pub fn is_within(&self, column: &str) -> bool {
        self.own_name().split_once('.').is_some_and(|(first, _)| first.eq_ignore_ascii_case(column))
    }

    /// Its name without the quotes that it may have in properties.
    #[must_use]
    pub fn own_name(&self) -> &str {
        self.name.trim_matches(['"', '`'])
    }
}

impl Node {
    /// Whether the project asks not to analyze its SQL.
    #[must_use]
    pub fn is_exempt(&self) -> bool {
        self.config.values.get("static_analysis").is_some_and(|mode| mode == "off")
    }

    /// Whether it is a query of the command line: the analyses of files lie in a folder.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        self.resource == ResourceType::Analysis && !self.original_path.contains('/')
    }

    /// Whether it is an operation: it runs outside of the graph, and may refer to anything.
    #[must_use]
    pub fn is_operation(&self) -> bool {
        self.resource == ResourceType::Operation
    }

    /// What its checksum is: of the file's content, the mere path of a seed that is too large for that, or nothing.
    #[must_use]
    pub fn checksum_name(&self) -> &'static str {
        match &self.checksum {
            None => "none",
            Some(path) if self.resource == ResourceType::Seed && *path == self.original_path => "path",
            Some(_) => "sha256",
        }
    }

    /// The language of its file: dbt's word for it.
    #[must_use]
    pub fn language(&self) -> &'static str {
        if self.original_path.ends_with(".py") { "python" } else { "sql" }
    }

    /// Whether it is a model that lives only inside its readers.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.resource == ResourceType::Model && self.config.materialized == super::Materialized::Ephemeral
    }

    /// Where its template stands, if that is in a file: as in dbt without the white space round it, which counts in a block alone.
    #[must_use]
    pub fn template_span(&self, sources: &SourceMap) -> Option<Span> {
        let Template::File(span) = &self.template else { return None };
        if self.resource == ResourceType::Snapshot {
            return Some(*span);
        }
        let file = sources.get(span.file);
        let text = file.text().get(span.range()).unwrap_or_default();
        let start = span.range().start + text.len() - text.trim_start().len();
        Some(Span::new(span.file, start..start + text.trim().len()))
    }

    /// Whether its file is empty: a node that somebody has not written yet. It can be referred to, and never runs.
    #[must_use]
    pub fn is_empty(&self, sources: &SourceMap) -> bool {
        let text =
            |span: Span| sources.get(span.file).text().get(span.range()).is_none_or(|text| text.trim().is_empty());
        self.template_span(sources).is_some_and(text)
    }

    /// What readers of an ephemeral model call its expression: after its alias, which tells versions apart.
    #[must_use]
    pub fn cte_name(&self) -> String {
        cte_name(&self.alias)
    }
}
