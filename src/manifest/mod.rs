//! The resolved project: nodes, their configs and dependencies. Data only; stages fill it and read it.

mod config;
mod config_values;
mod export;
mod hook;
mod id;
mod layout;
mod lookup;
mod microbatch;
mod node;
mod schema_change;
mod semantic;
mod unit_test;
mod version;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::base::IndexMap;
use crate::config::{ExposureProperties, External};
use crate::source::Span;
use crate::sql::Relation;

pub use config::{Materialized, NodeConfig, StoreFailures, TestConfig, TestSeverity};
pub use config_values::ConfigValues;
pub use export::read_export;
pub use hook::Hook;
pub use id::UniqueId;
pub use layout::read_layout;
pub use lookup::{Found, Lookup};
pub use microbatch::{BatchSize, Microbatch};
pub use node::{Access, Column, Contract, GenericTest, Node, RefArgs, ResourceType, Template, TestKind};
pub use schema_change::OnSchemaChange;
pub use semantic::{Group, SemanticKind, SemanticResource};
pub use unit_test::{Fixture, FixtureRows, UnitTest};
pub use version::Version;

/// Everything the project holds. Maps are in a fixed order: by kind of resource, then by path.
#[derive(Clone, Debug, Default)]
pub struct Manifest {
    /// The root project's name.
    pub project: String,
    /// Models, seeds, snapshots, tests, analyses and functions that are enabled.
    pub nodes: IndexMap<UniqueId, Arc<Node>>,
    /// Source tables that are enabled.
    pub sources: IndexMap<UniqueId, Arc<Source>>,
    /// Exposures that are enabled.
    pub exposures: IndexMap<UniqueId, Exposure>,
    /// Macros of the project, its packages and the built-ins.
    pub macros: IndexMap<UniqueId, Macro>,
    /// `{% docs %}` blocks.
    pub docs: IndexMap<UniqueId, Doc>,
    /// The statements before and after a run, in their order: those of packages by name, the project's own last.
    pub run_hooks: Vec<RunHook>,
    /// Metrics, semantic models and saved queries that are enabled.
    pub semantic: IndexMap<UniqueId, SemanticResource>,
    /// Unit tests that are enabled.
    pub unit_tests: IndexMap<UniqueId, Arc<UnitTest>>,
    /// Groups.
    pub groups: IndexMap<UniqueId, Group>,
    /// Nodes whose config says `enabled: false`.
    pub disabled: Vec<Arc<Node>>,
    /// Tests that cannot run because what they refer to is disabled or missing.
    pub orphans: Vec<Arc<Node>>,
    /// Other resources whose config says so.
    pub disabled_others: Disabled,
    /// The layers from the raw side to the served side; empty when the project uses none.
    pub layers: Vec<String>,
}

/// A statement of a project before or after all nodes of a run.
#[derive(Clone, Debug)]
pub struct RunHook {
    /// The operation `operation.package.package-on-run-start-0`, with its statement as the template.
    pub node: Arc<Node>,
    /// Before or after.
    pub phase: Phase,
    /// Its place among those of its package and phase, from 0.
    pub index: usize,
}

/// When a hook of a run comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Before all nodes.
    Start,
    /// After all nodes.
    End,
}

impl Phase {
    /// dbt's word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Start => "on-run-start",
            Phase::End => "on-run-end",
        }
    }
}

/// Resources that are no nodes and whose config says `enabled: false`.
#[derive(Clone, Debug, Default)]
pub struct Disabled {
    /// Source tables.
    pub sources: Vec<Arc<Source>>,
    /// Exposures.
    pub exposures: Vec<Exposure>,
    /// Metrics, semantic models and saved queries.
    pub semantic: Vec<SemanticResource>,
    /// Unit tests.
    pub unit_tests: Vec<Arc<UnitTest>>,
}

/// A table of a source.
#[derive(Clone, Debug)]
pub struct Source {
    /// `source.package.source.table`.
    pub id: UniqueId,
    /// The package that declares it.
    pub package: String,
    /// The source's name.
    pub source: String,
    /// The table's name in `source()`.
    pub name: String,
    /// Where it is declared.
    pub span: Span,
    /// The declaring file, relative to the project.
    pub path: String,
    /// Package, folders, source and table.
    pub fqn: Vec<String>,
    /// What SQL calls it.
    pub relation: Relation,
    /// Markdown.
    pub description: String,
    /// Markdown, of the source.
    pub source_description: String,
    /// Who loads it.
    pub loader: String,
    /// Columns by name.
    pub columns: IndexMap<String, Column>,
    /// Its configs.
    pub config: NodeConfig,
    /// The files, for a table that is files.
    pub external: Option<External>,
    /// `external:` as written, with keys that others read.
    pub external_json: Option<Json>,
    /// `quoting:` of the table over the source's.
    pub quoting: Map<String, Json>,
    /// Free facts of the whole source.
    pub source_meta: Map<String, Json>,
    /// `{% docs %}` blocks in the description.
    pub doc_blocks: Vec<UniqueId>,
    /// Its configs as they were written.
    pub unrendered_config: ConfigValues,
    /// The database as written, where Jinja is in it or not.
    pub unrendered_database: Option<String>,
    /// The schema as written.
    pub unrendered_schema: Option<String>,
}

/// Something outside the project that reads it.
#[derive(Clone, Debug)]
pub struct Exposure {
    /// `exposure.package.name`.
    pub id: UniqueId,
    /// The package that declares it.
    pub package: String,
    /// The declaring file, relative to the project.
    pub path: String,
    /// Package, folders, name.
    pub fqn: Vec<String>,
    /// What it says.
    pub properties: ExposureProperties,
    /// Its configs.
    pub config: NodeConfig,
    /// The file relative to the folder of its kind.
    pub short_path: String,
    /// Tags, of the project and its own.
    pub unrendered_config: ConfigValues,
    /// `ref` calls.
    pub refs: Vec<RefArgs>,
    /// `source` calls: source, table.
    pub source_calls: Vec<(String, String)>,
    /// `metric` calls: package (if given), name.
    pub metric_calls: Vec<(Option<String>, String)>,
    /// What it reads.
    pub depends_on: Vec<UniqueId>,
}

/// A macro.
#[derive(Clone, Debug)]
pub struct Macro {
    /// `macro.package.name`.
    pub id: UniqueId,
    /// Its package.
    pub package: String,
    /// Its name; of a test with the prefix `test_`.
    pub name: String,
    /// Its file, relative to the package.
    pub path: String,
    /// The whole block.
    pub span: Span,
    /// Markdown.
    pub description: String,
    /// Arguments that are described: name, type, description.
    pub arguments: Vec<(String, Option<String>, String)>,
    /// Free facts.
    pub meta: Map<String, Json>,
    /// Whether and how the documentation shows it.
    pub docs: Option<Json>,
    /// The property file, as `package://path`.
    pub patch_path: Option<String>,
    /// The macros that it calls.
    pub macros: Vec<UniqueId>,
    /// The languages of a materialization.
    pub languages: Option<Vec<String>>,
}

/// A `{% docs %}` block.
#[derive(Clone, Debug)]
pub struct Doc {
    /// `doc.package.name`.
    pub id: UniqueId,
    /// Its package.
    pub package: String,
    /// Its name.
    pub name: String,
    /// Its file below the folder of its kind.
    pub path: String,
    /// Its file, relative to the package.
    pub original_path: String,
    /// The Markdown between the tags.
    pub contents: String,
}

impl Manifest {
    /// The node of an id.
    #[must_use]
    pub fn node(&self, id: &UniqueId) -> Option<&Arc<Node>> {
        self.nodes.get(id)
    }

    /// What a command runs under an id: a node, a hook of a run, or the node that a unit test makes of its model.
    #[must_use]
    pub fn to_run(&self, id: &UniqueId) -> Option<Arc<Node>> {
        let hooks = self.run_hooks.iter().map(|hook| &hook.node);
        if let Some(node) = self.nodes.get(id).or_else(|| hooks.into_iter().find(|node| node.id == *id)) {
            return Some(Arc::clone(node));
        }
        let test = self.unit_tests.get(id)?;
        Some(Arc::new(test.node(self.nodes.get(test.tested()?)?)))
    }

    /// What SQL calls a node or a source; `None` for what is no relation.
    #[must_use]
    pub fn relation(&self, id: &UniqueId) -> Option<&Relation> {
        match self.nodes.get(id) {
            Some(node) => node.relation.as_ref(),
            None => self.sources.get(id).map(|source| &source.relation),
        }
    }

    /// The layer of a node or source; sources are before the first layer and have none.
    #[must_use]
    pub fn layer(&self, id: &UniqueId) -> Option<&str> {
        self.nodes.get(id).and_then(|node| node.layer.as_deref())
    }
}
