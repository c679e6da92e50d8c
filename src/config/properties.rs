//! Property files: what YAML says about resources. A file per kind.

mod column;
mod constraint;
mod exposure;
mod external;
mod freshness;
mod function;
mod macro_;
mod resource;
mod semantic;
mod source;
mod test;
mod unit_test;
mod version;

pub use column::ColumnProperties;
pub use constraint::{Constraint, ConstraintType};
pub use exposure::{ExposureProperties, GroupProperties};
pub use external::External;
pub use freshness::{Age, Freshness};
pub use function::{FunctionArgument, FunctionProperties, FunctionReturns};
pub use macro_::MacroProperties;
pub use resource::ResourceProperties;
pub use semantic::SemanticProperties;
pub use source::{SourceLevel, SourceProperties, SourceTable};
pub use test::TestProperties;
pub use unit_test::{FixtureProperties, UnitTestProperties};
pub use version::{Inherited, VersionProperties};

use crate::diagnostic::Diagnostics;
use crate::yaml::{Fields, Node};

/// A property file.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    /// `models:`.
    pub models: Vec<ResourceProperties>,
    /// `seeds:`.
    pub seeds: Vec<ResourceProperties>,
    /// `snapshots:`.
    pub snapshots: Vec<ResourceProperties>,
    /// `analyses:`.
    pub analyses: Vec<ResourceProperties>,
    /// `data_tests:` (singular tests).
    pub tests: Vec<ResourceProperties>,
    /// `functions:`.
    pub functions: Vec<ResourceProperties>,
    /// `sources:`.
    pub sources: Vec<SourceProperties>,
    /// `macros:`.
    pub macros: Vec<MacroProperties>,
    /// `exposures:`.
    pub exposures: Vec<ExposureProperties>,
    /// `groups:`.
    pub groups: Vec<GroupProperties>,
    /// `metrics:`.
    pub metrics: Vec<SemanticProperties>,
    /// `semantic_models:`.
    pub semantic_models: Vec<SemanticProperties>,
    /// `saved_queries:`.
    pub saved_queries: Vec<SemanticProperties>,
    /// `unit_tests:`.
    pub unit_tests: Vec<UnitTestProperties>,
}

/// Keys that are no lists of resources.
const OTHER: &[&str] = &["version", "anchors"];

impl Properties {
    /// Reads a rendered property file.
    pub fn read(root: &Node, diagnostics: &mut Diagnostics) -> Self {
        if root.is_null() {
            return Properties::default();
        }
        let Some(mut fields) = Fields::of(root, "a property file", diagnostics) else { return Properties::default() };
        fields.accept(OTHER);
        let models = resources(&mut fields, "models", "model");
        let seeds = resources(&mut fields, "seeds", "seed");
        let snapshots = resources(&mut fields, "snapshots", "snapshot");
        let analyses = resources(&mut fields, "analyses", "analysis");
        let tests = resources(&mut fields, "data_tests", "data test");
        let functions = resources(&mut fields, "functions", "function");
        let properties = Properties {
            models,
            seeds,
            snapshots,
            analyses,
            tests,
            functions,
            sources: items(&mut fields, "sources", SourceProperties::read),
            macros: items(&mut fields, "macros", MacroProperties::read),
            exposures: items(&mut fields, "exposures", ExposureProperties::read),
            groups: items(&mut fields, "groups", GroupProperties::read),
            metrics: items(&mut fields, "metrics", SemanticProperties::metric),
            semantic_models: items(&mut fields, "semantic_models", SemanticProperties::semantic_model),
            saved_queries: items(&mut fields, "saved_queries", SemanticProperties::saved_query),
            unit_tests: items(&mut fields, "unit_tests", UnitTestProperties::read),
        };
        fields.finish("a property file");
        properties
    }
}

fn items<T>(fields: &mut Fields<'_, '_>, key: &'static str, read: fn(&Node, &mut Diagnostics) -> Option<T>) -> Vec<T> {
    fields.list(key).iter().filter_map(|node| read(node, fields.diagnostics())).collect()
}

fn resources(fields: &mut Fields<'_, '_>, key: &'static str, kind: &'static str) -> Vec<ResourceProperties> {
    fields.list(key).iter().filter_map(|node| ResourceProperties::read(kind, node, fields.diagnostics())).collect()
}
