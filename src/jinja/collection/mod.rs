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
mod view;

use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::value::{DynObject, Object, Tuple, Value, ValueKind};
use minijinja::{Error, ErrorKind};

pub use dict::Dict;
pub(super) use dict::pairs;
pub use list::List;
pub(super) use namespace::Namespace;
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

fn native_list(value: &Value) -> Option<&Vec<Value>> {
    value.downcast_object_ref()
}

fn native_dict(value: &Value) -> Option<&IndexMap<Value, Value>> {
    value.downcast_object_ref()
}

/// Whether an object is one of minijinja's own: those are values, whereas what the floors above make may be alive.
fn is_minijinjas(object: &DynObject) -> bool {
    object.type_name().starts_with("minijinja::")
}

/// Refuses to put `value` into the collection at `address` when it leads back there.
fn refuse_cycle<T>(collection: &Arc<T>, value: &Value) -> Result<(), Error> {
    if reaches(value, Arc::as_ptr(collection).cast()) {
        return Err(Error::new(ErrorKind::InvalidOperation, "a list or dict cannot contain itself"));
    }
    Ok(())
}

fn reaches(value: &Value, address: *const ()) -> bool {
    if value.as_object().is_none() {
        return false;
    }
    if let Some(list) = value.downcast_object::<List>() {
        return Arc::as_ptr(&list).cast() == address || list.items().iter().any(|item| reaches(item, address));
    }
    if let Some(dict) = value.downcast_object::<Dict>() {
        return Arc::as_ptr(&dict).cast() == address || dict.entries().iter().any(|(_, item)| reaches(item, address));
    }
    if let Some(namespace) = value.downcast_object::<Namespace>() {
        let entries = namespace.attributes.entries();
        return Arc::as_ptr(&namespace).cast() == address || entries.iter().any(|(_, item)| reaches(item, address));
    }
    let within = |items: &[Value]| items.iter().any(|item| reaches(item, address));
    value.downcast_object_ref::<Tuple>().is_some_and(|tuple| within(tuple))
        || native_list(value).is_some_and(|items| within(items))
        || native_dict(value).is_some_and(|entries| entries.values().any(|item| reaches(item, address)))
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
