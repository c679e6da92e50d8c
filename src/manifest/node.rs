//! What is built, tested or compiled: models, seeds, tests, analyses.

use std::fmt;
use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use super::{NodeConfig, UniqueId};
use crate::source::Span;
use crate::sql::Relation;

/// The kind of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceType {
    /// A query that becomes a relation.
    Model,
    /// A CSV file that becomes a table.
    Seed,
    /// A query that returns what is wrong.
    Test,
    /// A query that is only compiled.
    Analysis,
    /// A macro that a command or a hook runs; never in the manifest's order.
    Operation,
}

impl ResourceType {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ResourceType::Model => "model",
            ResourceType::Seed => "seed",
            ResourceType::Test => "test",
            ResourceType::Analysis => "analysis",
            ResourceType::Operation => "operation",
        }
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A model, seed, test or analysis.
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
    /// Where errors about the node as a whole are shown.
    pub span: Span,
    /// What is compiled.
    pub template: Template,
    /// SHA-256 of the file, for nodes that have one of their own.
    pub checksum: Option<String>,
    /// The name in the database.
    pub alias: String,
    /// Database and schema, also for nodes that are no relation.
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
    /// `ref` calls: package (if given), name.
    pub refs: Vec<(Option<String>, String)>,
    /// `source` calls: source, table.
    pub source_calls: Vec<(String, String)>,
    /// The nodes and sources that it reads, in the order of the calls.
    pub depends_on: Vec<UniqueId>,
    /// The macros that it calls.
    pub macros: Vec<UniqueId>,
    /// What it tests, if it is a test.
    pub test: Option<TestKind>,
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
    Generic(GenericTest),
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
}

/// A column as properties describe it.
#[derive(Clone, Debug, Default)]
pub struct Column {
    /// Its name.
    pub name: String,
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
}

impl Node {
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

    /// Whether it is a model that lives only inside its readers.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.resource == ResourceType::Model && self.config.materialized == super::Materialized::Ephemeral
    }
}
