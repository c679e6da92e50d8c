//! The YAML documents of a project, typed: one file per document.
//!
//! Each reader takes the untyped tree of a rendered document and gives a struct plus diagnostics; nothing here opens files or
//! resolves names.

mod packages;
mod profile;
mod project;
mod properties;
mod selectors;
mod tree;
mod version;

pub use packages::{PackageEntry, PackageSpec};
pub use profile::{Profile, Target};
pub use project::{History, LayerDirection, Layers, Paths, ProjectConfig, QueryComment};
pub use properties::{
    Age, ColumnProperties, Constraint, ConstraintType, ExposureProperties, External, FixtureProperties, Freshness,
    FunctionArgument, FunctionProperties, FunctionReturns, GroupProperties, Inherited, MacroProperties, Properties,
    ResourceProperties, SemanticProperties, SourceLevel, SourceProperties, SourceTable, TestProperties,
    UnitTestProperties, VersionProperties,
};
pub use selectors::{Criterion, Definition, Parts, SelectorProperties};
pub use tree::{ConfigTree, TreeName};
pub use version::{Requirement, Version};

/// The versions of dbt whose language this is, the last one of each.
pub const DBT_VERSIONS: [&str; 2] = ["1.11.16", "1.12.7"];
