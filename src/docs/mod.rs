//! What is written for those who read about the project rather than in it.

pub mod changes;
mod layout;
pub mod lineage;
pub mod openlineage;
pub mod site;
