//! A list that templates change in place.

use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{DynObject, Enumerator, Kwargs, Object, ObjectRepr, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::{nothing, refuse_cycle, to_value, unknown_method};
use crate::jinja::python::{order, same, write_items};
use crate::jinja::sort::sorted;

/// A changeable list.
#[derive(Debug, Default)]
pub struct List(Mutex<Vec<Value>>);

impl List {
    /// The items as they are now.
    #[must_use]
    pub fn items(&self) -> Vec<Value> {
        self.with(|items| items.clone())
    }

    /// Adds an item at the end. The caller sees to it that it is not a collection that this list is in.
    pub fn push(&self, value: Value) {
        self.with(|items| items.push(value));
    }

    // The lock is never held while values are compared, printed or called: they may lead back here.
    fn with<R>(&self, change: impl FnOnce(&mut Vec<Value>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn extend(self: &Arc<Self>, values: &Value) -> Result<(), Error> {
        let values = values.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
        values.iter().try_for_each(|value| refuse_cycle(self, value))?;
        self.with(|items| items.extend(values));
        Ok(())
    }

    fn insert(self: &Arc<Self>, index: i64, value: Value) -> Result<(), Error> {
        refuse_cycle(self, &value)?;
        self.with(|items| {
            let at = clamp(index, items.len());
            items.insert(at, value);
        });
        Ok(())
    }

    fn pop(&self, index: Option<i64>) -> Result<Value, Error> {
        self.with(|items| {
            if items.is_empty() {
                return Err(Error::new(ErrorKind::InvalidOperation, "pop from an empty list"));
            }
            let at = position(index.unwrap_or(-1), items.len())
                .ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "pop index out of range"))?;
            Ok(items.remove(at))
        })
    }

    fn index(&self, value: &Value) -> Result<usize, Error> {
        let found = self.items().iter().position(|item| same(item, value));
        found.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("{value:?} is not in the list")))
    }

    fn remove(&self, value: &Value) -> Result<(), Error> {
        let at = self.index(value)?;
        self.with(|items| items.remove(at));
        Ok(())
    }

    fn sort(&self, reverse: bool) -> Result<(), Error> {
        let sorted = sorted(self.items(), reverse, order)?;
        self.with(|items| *items = sorted);
        Ok(())
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let index = key.as_i64()?;
        self.with(|items| position(index, items.len()).map(|at| items[at].clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.with(|items| items.len()))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.items().cmp(&other.downcast_ref::<List>()?.items()))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "append" => {
                let (value,): (Value,) = from_args(args)?;
                refuse_cycle(self, &value)?;
                self.push(value);
            }
            "extend" => {
                let (values,): (Value,) = from_args(args)?;
                self.extend(&values)?;
            }
            "insert" => {
                let (index, value): (i64, Value) = from_args(args)?;
                self.insert(index, value)?;
            }
            "pop" => {
                let (index,): (Option<i64>,) = from_args(args)?;
                return self.pop(index);
            }
            "remove" => {
                let (value,): (Value,) = from_args(args)?;
                self.remove(&value)?;
            }
            "sort" => {
                let (options,): (Kwargs,) = from_args(args)?;
                let reverse: Option<bool> = options.get("reverse")?;
                options.assert_all_used()?;
                self.sort(reverse.unwrap_or(false))?;
            }
            "reverse" => self.with(|items| items.reverse()),
            "clear" => self.with(Vec::clear),
            "copy" => return Ok(self.items().into_iter().collect::<List>().into()),
            "index" => {
                let (value,): (Value,) = from_args(args)?;
                return self.index(&value).map(Value::from);
            }
            "count" => {
                let (value,): (Value,) = from_args(args)?;
                return Ok(Value::from(self.items().iter().filter(|item| same(item, &value)).count()));
            }
            _ => return Err(unknown_method()),
        }
        Ok(nothing())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_items(f, '[', self.items().iter(), ']')
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        List(Mutex::new(items.into_iter().collect()))
    }
}

impl From<List> for Value {
    fn from(list: List) -> Value {
        to_value(&Arc::new(list))
    }
}

/// Python's index: negative ones count from the end.
fn position(index: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let at = if index < 0 { index + len } else { index };
    usize::try_from(at).ok().filter(|_| at < len)
}

/// Where Python inserts: an index past either end means that end.
fn clamp(index: i64, len: usize) -> usize {
    let size = i64::try_from(len).unwrap_or(i64::MAX);
    let at = if index < 0 { index.saturating_add(size).max(0) } else { index.min(size) };
    usize::try_from(at).unwrap_or(len)
}
