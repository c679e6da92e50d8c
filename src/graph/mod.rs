//! The DAG of nodes and sources: order, cycles, ancestors, and the selection of a part of it.

mod dag;
mod layers;
mod member;
pub mod select;
pub mod state;

pub use dag::{Dag, Reach};
pub use layers::check as check_layers;
pub use member::{Member, members};
