//! What templates can see: the names and functions of each phase.
//!
//! - [`DocumentNames`]: YAML files; variables and the environment only.
//! - [`ParseNames`]: a node while it is parsed; `ref`, `source` and `config` are recorded, nothing is executed.
//! - [`NodeNames`]: a node while it is compiled or run; references resolve to relations, queries go through the [`Door`].
//!
//! [`globals`] are the functions that are the same in all of them.

mod adapter;
mod api;
mod column;
mod deferral;
mod door;
mod event_window;
mod function;
pub mod globals;
mod json;
mod modules;
mod names;
mod relation;
mod table;
mod target;
mod test_arguments;
#[cfg(test)]
mod tests;

pub use column::columns_value;
pub use deferral::Deferral;
pub use door::Door;
pub use event_window::EventWindow;
pub use json::value_of;
pub use names::{Basis, Captured, DocumentNames, Given, Kept, NodeNames, ParseNames, RefCall, Subject, Surroundings};
pub use relation::RelationValue;
pub use table::load_agate_table;
pub use target::{database_value, flags_value, target_value};
pub use test_arguments::{argument_templates, as_template, test_arguments};
