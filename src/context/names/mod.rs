//! The names of each phase, as objects that make a value when a template asks for it.

mod document;
mod node;
mod parse;
mod shared;

pub use document::DocumentNames;
pub use node::NodeNames;
pub use parse::{Captured, ParseNames, RefCall};
pub use shared::{Subject, Surroundings};
