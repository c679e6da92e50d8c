//! SQL as text: dialects, names, and the little parsing that compiling needs.

mod dialect;
mod relation;

pub use dialect::Dialect;
pub use relation::Relation;
