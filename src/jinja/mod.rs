//! The template language: dbt's dialect of Jinja on a stock [`minijinja`].
//!
//! Three things make dbt's Jinja more than a template engine:
//!
//! - **Macros form a program.** [`scan()`] finds the blocks of a file, an [`Environment`] holds the macros of all packages and
//!   resolves names as dbt does, `callable` runs one macro in its own frame, so that `return()` gives a value of any type.
//! - **Values are Python's.** `collection` has lists and dicts that templates change in place, `method` the methods that
//!   Python's types have, `native` the typed rendering of YAML values.
//! - **Errors have a place.** Every failure is a [`Diagnostic`](crate::diagnostic::Diagnostic) that points at the user's text.
//!
//! How a text becomes something that runs: `tag` splits it into tags, `prepare` changes what minijinja's tokenizer does not take
//! without moving a byte, `grammar` makes minijinja's syntax tree of the tokens, minijinja generates instructions, and `lower`
//! rewrites those where dbt's semantics differ. Offsets are those of the file throughout, so no error has to be mapped back.
//!
//! An undefined value is false, empty and prints as nothing, as in Jinja; an attribute or a call of it is an error. As in dbt
//! neither is one while a model is only read for what it refers to ([`Environment::read`]); names that nothing defines are then
//! noted, so that a typing error does not go unseen.
//!
//! Deliberately absent: any name that means something to dbt (`ref`, `var`, `adapter`…), but for `return`, which is part of how
//! macros run. Those are values in a [`Scope`] or globals, made by the floors above; a function of theirs learns from a
//! [`CallSite`] who calls it, and fails with [`raise`].

mod arguments;
mod block;
mod call_site;
mod callable;
mod code;
mod collection;
mod engine;
mod environment;
mod failure;
mod filter;
mod frame;
mod function;
mod grammar;
mod header;
mod intern;
mod lower;
mod method;
mod names;
mod native;
mod operation;
mod prepare;
mod python;
mod reads;
mod replaced;
mod scan;
mod shared;
mod sort;
mod tag;
#[cfg(test)]
mod tests;
mod trace;

pub use arguments::{Arguments, fail};
pub use block::{Block, BlockKind, Parameter};
pub use call_site::CallSite;
pub use collection::{Dict, List, Set, mutable};
pub use environment::{Builder, Environment, MacroInfo, Meaning, Rendering, Scope, is_template};
pub use failure::raise;
pub use minijinja::value::{
    DynObject, Enumerator, Kwargs, Object, ObjectExt, ObjectRepr, Rest, Serde, Tuple, Value, ValueKind, from_args,
};
pub use minijinja::{Error, ErrorKind, State};
pub use names::calls_in;
pub use native::literal;
pub use python::{Decimal, add, json, repr, text};
pub use reads::{Read, Reads};
pub use replaced::Replaced;
pub use scan::scan;
pub use shared::BUILT_IN;
pub use trace::{Trace, unmarked};
