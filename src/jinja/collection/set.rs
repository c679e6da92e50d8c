//! `set(…)`: each value once, in the order in which they came.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Object, ObjectRepr, Rest, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};

use super::{nothing, to_value, unknown_method};
use crate::base::IndexSet;
use crate::jinja::python::write_items;

/// A changeable set.
#[derive(Debug, Default)]
pub struct Set(Mutex<IndexSet<Value>>);

impl Set {
    /// The values as they are now.
    #[must_use]
    pub fn items(&self) -> Vec<Value> {
        self.with(|items| items.iter().cloned().collect())
    }

    /// The set of what a value holds.
    ///
    /// # Errors
    /// When it holds nothing that can be walked through, or what changes, such as a list.
    pub fn of(value: &Value) -> Result<Self, Error> {
        let fixed = |item: Value| match item.kind() {
            ValueKind::Seq if !item.is_tuple() => Err(changes("list")),
            ValueKind::Map => Err(changes("dict")),
            _ => Ok(item),
        };
        value.try_iter()?.checked().map(|item| item.and_then(fixed)).collect::<Result<IndexSet<_>, _>>().map(Set::new)
    }

    /// Those of the values that are not among `others`.
    pub(in crate::jinja) fn without(&self, others: &[Value]) -> Set {
        self.items().into_iter().filter(|item| !others.contains(item)).collect()
    }

    /// Whether every value is among `others`.
    pub(in crate::jinja) fn is_within(&self, others: &[Value]) -> bool {
        self.items().iter().all(|item| others.contains(item))
    }

    fn new(items: IndexSet<Value>) -> Self {
        Set(Mutex::new(items))
    }

    // The lock is never held while values are printed or called.
    fn with<R>(&self, change: impl FnOnce(&mut IndexSet<Value>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn common(&self, others: &[Value]) -> Set {
        self.items().into_iter().filter(|item| others.contains(item)).collect()
    }

    fn joined(&self, others: Vec<Value>) -> Set {
        self.items().into_iter().chain(others).collect()
    }

    fn change(&self, method: &str, args: &[Value]) -> Result<Value, Error> {
        let (value,): (Value,) = from_args(args)?;
        match method {
            "add" => drop(self.with(|items| items.insert(value))),
            "discard" => drop(self.with(|items| items.shift_remove(&value))),
            _ => {
                if !self.with(|items| items.shift_remove(&value)) {
                    let message = format!("{value:?} is not in the set");
                    return Err(Error::new(ErrorKind::InvalidOperation, message));
                }
            }
        }
        Ok(nothing())
    }

    /// The methods that take any number of other collections.
    fn combine(&self, method: &str, args: &[Value]) -> Result<Value, Error> {
        let (others,): (Rest<Value>,) = from_args(args)?;
        let mut result: Set = self.items().into_iter().collect();
        for other in others.iter() {
            let other = Set::of(other)?.items();
            result = match method {
                "union" | "update" => result.joined(other),
                "intersection" | "intersection_update" => result.common(&other),
                _ => result.without(&other),
            };
        }
        if !method.ends_with("update") {
            return Ok(result.into());
        }
        let changed = result.items().into_iter().collect();
        self.with(|items| *items = changed);
        Ok(nothing())
    }

    fn relation(&self, method: &str, args: &[Value]) -> Result<Value, Error> {
        let (other,): (Value,) = from_args(args)?;
        let other = Set::of(&other)?;
        Ok(match method {
            "issubset" => Value::from(self.is_within(&other.items())),
            "issuperset" => Value::from(other.is_within(&self.items())),
            "isdisjoint" => Value::from(self.common(&other.items()).items().is_empty()),
            _ => {
                let (mine, theirs) = (self.without(&other.items()), other.without(&self.items()));
                mine.joined(theirs.items()).into()
            }
        })
    }
}

fn changes(kind: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("a {kind} cannot be in a set: it may change"))
}

impl Object for Set {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.with(|items| items.len()))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Set>()?.items();
        let equal = self.is_within(&other) && self.items().len() == other.len();
        Some(if equal { Ordering::Equal } else { self.items().cmp(&other).then(Ordering::Less) })
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "add" | "discard" | "remove" => self.change(method, args),
            "union" | "intersection" | "difference" | "update" | "intersection_update" | "difference_update" => {
                self.combine(method, args)
            }
            "issubset" | "issuperset" | "isdisjoint" | "symmetric_difference" => self.relation(method, args),
            "pop" => self
                .with(|items| items.shift_remove_index(0))
                .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "pop from an empty set")),
            "clear" => {
                self.with(IndexSet::clear);
                Ok(nothing())
            }
            "copy" => Ok(self.items().into_iter().collect::<Set>().into()),
            _ => Err(unknown_method()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = self.items();
        if items.is_empty() { f.write_str("set()") } else { write_items(f, '{', items.iter(), '}') }
    }
}

impl FromIterator<Value> for Set {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Set::new(items.into_iter().collect())
    }
}

impl From<Set> for Value {
    fn from(set: Set) -> Value {
        to_value(&Arc::new(set))
    }
}
