//! YAML with a place for every node.
//!
//! [`parse()`] gives an untyped tree of [`Node`]s; [`Fields`] reads a mapping key by key, collecting a diagnostic for every wrong
//! type and unknown key. The dialect is PyYAML's, as dbt projects are written for it: `yes` is true, `<<` merges, of a
//! duplicate key the last value counts.

mod fields;
mod node;
mod parse;
mod scalar;
#[cfg(test)]
mod tests;

pub use fields::Fields;
pub use node::{Entry, Mapping, Node, Step, Value};
pub use parse::parse;
