//! What is written for those who read about the project rather than in it.

mod layout;
pub mod lineage;
pub mod openlineage;
