//! The DAG of nodes and sources: order, cycles, ancestors, and the selection of a part of it.

mod dag;
mod layers;
pub mod select;

pub use dag::{Dag, Reach};
pub use layers::check as check_layers;
