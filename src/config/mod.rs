//! The YAML documents of a project, typed: one file per document.
//!
//! Each reader takes the untyped tree of a rendered document and gives a struct plus diagnostics; nothing here opens files or
//! resolves names.

mod profile;
mod project;
mod properties;
mod selectors;
mod tree;

pub use profile::{Profile, Target};
pub use project::{LayerDirection, Layers, Paths, ProjectConfig};
pub use properties::{
    ColumnProperties, ExposureProperties, External, MacroProperties, Properties, ResourceProperties, SourceProperties,
    SourceTable, TestProperties,
};
pub use selectors::{Criterion, Definition, Parts, SelectorProperties};
pub use tree::{ConfigTree, TreeName};
