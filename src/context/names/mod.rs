//! The names of each phase, as objects that make a value when a template asks for it.

mod basis;
mod catalog;
mod document;
mod given;
mod kept;
mod node;
mod parse;
mod rest;
mod runtime_config;
mod shared;
mod var;

pub use basis::Basis;
pub use document::DocumentNames;
pub use given::Given;
pub use kept::Kept;
pub use node::NodeNames;
pub use parse::{Captured, ParseNames, RefCall};
pub use shared::{Subject, Surroundings};
