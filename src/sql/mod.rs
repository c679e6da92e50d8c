//! SQL as text: dialects, names, and the little parsing that compiling needs.

mod counted;
mod cte;
mod dialect;
mod expressions;
mod named;
mod quoting;
mod relation;
mod script;
mod wildcard;

pub use counted::{Counted, CountedRows};
pub use cte::{cte_name, is_ephemeral_name, statement, with_ctes};
pub use dialect::Dialect;
pub use expressions::expressions;
pub use named::{Named, UnusedCte, folded, same};
pub use quoting::Quoting;
pub use relation::Relation;
pub use script::{is_query, statements};
pub use wildcard::has_wildcard;
