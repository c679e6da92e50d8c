//! Unit tests: rows in, rows out.

use serde_json::{Map, Value as Json};

use super::{ConfigValues, Materialized, Node, NodeConfig, ResourceType, UniqueId, Version};
use crate::source::Span;

/// A test of a model's logic on given rows.
#[derive(Clone, Debug)]
pub struct UnitTest {
    /// `unit_test.package.model.name`, and the version behind it where the model has versions.
    pub id: UniqueId,
    /// The package that declares it.
    pub package: String,
    /// Its name.
    pub name: String,
    /// The model's name as written.
    pub model: String,
    /// The declaring file below the folder of its kind.
    pub path: String,
    /// The declaring file, relative to the project.
    pub original_path: String,
    /// Where it is declared.
    pub span: Span,
    /// Package, folders, model, name.
    pub fqn: Vec<String>,
    /// Markdown.
    pub description: String,
    /// The rows of what the model reads.
    pub given: Vec<Fixture>,
    /// The rows that it must give; the input is empty.
    pub expect: Fixture,
    /// What stands in for macros: a value, or `is_incremental`'s answer.
    pub macros: Map<String, Json>,
    /// What stands in for variables.
    pub vars: Map<String, Json>,
    /// What stands in for environment variables.
    pub env_vars: Map<String, Json>,
    /// Whether `overrides` were given at all.
    pub has_overrides: bool,
    /// The model.
    pub depends_on: Vec<UniqueId>,
    /// The model's schema.
    pub schema: Option<String>,
    /// The version of the model that this is for.
    pub version: Option<Version>,
    /// The versions to test: `include` and `exclude`, as written.
    pub versions: Option<Json>,
    /// A digest of what is tested.
    pub checksum: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Free facts.
    pub meta: Map<String, Json>,
    /// All configs.
    pub config: ConfigValues,
}

impl UnitTest {
    /// Its model, as the test runs it: under the test's name, and no relation.
    #[must_use]
    pub fn node(&self, model: &Node) -> Node {
        let suffix = self.version.as_ref().map(|version| format!("_v{version}")).unwrap_or_default();
        let name = format!("{}{suffix}", self.name);
        Node {
            id: self.id.clone(),
            resource: ResourceType::UnitTest,
            path: format!("models/{name}.sql"),
            original_path: self.original_path.clone(),
            batch: None,
            span: self.span,
            fqn: self.fqn.clone(),
            alias: name.clone(),
            name,
            relation: None,
            config: NodeConfig { materialized: Materialized::Other("unit".to_owned()), ..model.config.clone() },
            ..model.clone()
        }
    }

    /// The model that it tests.
    #[must_use]
    pub fn tested(&self) -> Option<&UniqueId> {
        self.depends_on.first()
    }
}

/// Rows of a relation.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// What they stand for: `ref('orders')`, `source('raw', 'orders')`, `this`; empty for what is expected.
    pub input: String,
    /// The node or source that this is, the model itself for `this`; `None` for what is expected, and for what is disabled.
    pub target: Option<UniqueId>,
    /// The rows.
    pub rows: FixtureRows,
    /// `dict`, `csv` or `sql`.
    pub format: &'static str,
    /// The file that they are in, by its name without ending.
    pub fixture: Option<String>,
    /// Where they stand.
    pub span: Span,
}

impl Fixture {
    /// Whether it stands for what the model itself holds.
    #[must_use]
    pub fn is_this(&self) -> bool {
        self.input.trim() == "this"
    }
}

/// The rows of a fixture.
#[derive(Clone, Debug)]
pub enum FixtureRows {
    /// Columns by name, row by row.
    Rows(Vec<Map<String, Json>>),
    /// A query that gives them.
    Sql(String),
}
