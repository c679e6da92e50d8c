//! SQL as text: dialects, names, and the little parsing that compiling needs.

mod cte;
mod dialect;
mod relation;

pub use cte::{statement, with_ctes};
pub use dialect::Dialect;
pub use relation::Relation;
