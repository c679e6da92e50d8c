//! Lists and dicts that templates change in place, as Python's do.
//!
//! minijinja's own are immutable. Here every literal of a template, and what filters and operators make, becomes one of ours
//! (see `lower`), so that `{% do xs.append(x) %}` works on all of them and two names for one list see the same list.
//!
//! No collection contains itself: the change that would make it so is refused. Printing, comparing and serialising need no
//! guard then.

mod dict;
mod list;
mod namespace;
mod range;
mod set;
mod view;

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{DynObject, Object, Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind};

pub use dict::Dict;
pub(super) use dict::pairs;
pub use list::List;
pub(super) use namespace::Namespace;
pub(super) use range::Range;
pub use set::Set;
pub(super) use view::View;

/// The value with all lists and dicts in it made changeable. Tuples and objects of other kinds stay what they are.
#[must_use]
pub fn mutable(value: Value) -> Value {
    if let Some(items) = native_list(&value) {
        return items.iter().cloned().map(mutable).collect::<List>().into();
    }
    if let Some(entries) = native_dict(&value) {
        return entries.iter().map(|(key, value)| (key.clone(), mutable(value.clone()))).collect::<Dict>().into();
    }
    value
}

/// The value itself made changeable, not what it contains. Lazy sequences are computed.
pub(super) fn own(value: Value) -> Result<Value, Error> {
    if let Some(items) = native_list(&value) {
        return Ok(items.iter().cloned().collect::<List>().into());
    }
    if let Some(entries) = native_dict(&value) {
        return Ok(entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect::<Dict>().into());
    }
    if value.kind() == ValueKind::Iterable && value.as_object().is_some_and(is_minijinjas) {
        return Ok(value.try_iter()?.checked().collect::<Result<List, _>>()?.into());
    }
    Ok(value)
}

pub(super) fn native_list(value: &Value) -> Option<&Vec<Value>> {
    value.downcast_object_ref()
}

/// The entries of a map that minijinja made: an object is known by its whole type, to which the hash function belongs.
pub(super) fn native_dict(value: &Value) -> Option<&IndexMap<Value, Value>> {
    value.downcast_object_ref()
}

/// Whether an object is one of minijinja's own: those are values, whereas what the floors above make may be alive.
fn is_minijinjas(object: &DynObject) -> bool {
    object.type_name().starts_with("minijinja::")
}

/// How deep lists and dicts may be in one another. Printing, comparing and dropping them take stack for each level.
const MAX_NESTING: usize = 200;

/// Refuses to put `value` into the collection when it leads back there, or when it is nested too deep.
fn refuse_cycle<T>(collection: &Arc<T>, value: &Value) -> Result<(), Error> {
    if reaches(value, Arc::as_ptr(collection).cast(), MAX_NESTING)? {
        return Err(Error::new(ErrorKind::InvalidOperation, "a list or dict cannot contain itself"));
    }
    Ok(())
}

fn reaches(value: &Value, address: *const (), levels: usize) -> Result<bool, Error> {
    let Some(object) = value.as_object() else { return Ok(false) };
    let (own, items) = if let Some(list) = object.downcast::<List>() {
        (Arc::as_ptr(&list).cast(), list.items())
    } else if let Some(dict) = object.downcast::<Dict>() {
        (Arc::as_ptr(&dict).cast(), dict.values())
    } else if let Some(namespace) = object.downcast::<Namespace>() {
        (Arc::as_ptr(&namespace).cast(), namespace.attributes.values())
    } else if let Some(tuple) = object.downcast_ref::<Tuple>() {
        (std::ptr::null(), tuple.to_vec())
    } else if let Some(items) = native_list(value) {
        (std::ptr::null(), items.clone())
    } else if let Some(entries) = native_dict(value) {
        (std::ptr::null(), entries.values().cloned().collect())
    } else {
        return Ok(false);
    };
    if own == address {
        return Ok(true);
    }
    let Some(levels) = levels.checked_sub(1) else {
        let message = format!("lists and dicts are nested more than {MAX_NESTING} deep");
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    };
    for item in &items {
        if reaches(item, address, levels)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The error for a method that an object does not have; minijinja adds the words.
fn unknown_method() -> Error {
    Error::from(ErrorKind::UnknownMethod)
}

/// An object as a value, where only a reference to it is at hand.
fn to_value<T: Object + Send + Sync + 'static>(object: &Arc<T>) -> Value {
    Value::from_dyn_object(Arc::clone(object))
}

/// What a method gives that changes its object: Python's `None`.
fn nothing() -> Value {
    Value::from(())
}
