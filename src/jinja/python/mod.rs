//! Values as Python has them: how they print, how operators work on them, how text is formatted.
//!
//! Objects that the floors above make take part by answering to the names of Python's own protocol: a call of the method
//! `__add__` (or `__radd__`, `__lt__`, `__eq__`, `__neg__`, `__round__`…) where an operator or filter is applied, an attribute
//! `__repr__` where they print differently inside of lists than by themselves.

mod arithmetic;
mod compare;
mod decimal;
mod json;
mod number;
mod percent;
mod spec;
mod str_format;
mod text;

pub use arithmetic::add;
pub(super) use arithmetic::{Arithmetic, binary, negate};
pub(super) use compare::{Comparison, compare, order, same};
pub use decimal::Decimal;
pub use json::json;
pub(super) use number::Number;
pub(super) use percent::percent;
pub(super) use str_format::str_format;
pub use text::{repr, text};
pub(super) use text::{write_entries, write_items, write_text};
