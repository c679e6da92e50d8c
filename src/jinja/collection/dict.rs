//! A dict that templates change in place. It keeps the order in which keys were added.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{Enumerator, Kwargs, Object, Rest, Tuple, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};

use super::{View, nothing, refuse_cycle, to_value, unknown_method};
use crate::base::IndexMap;
use crate::jinja::python::write_entries;

/// A changeable dict.
#[derive(Debug, Default)]
pub struct Dict(Mutex<IndexMap<Value, Value>>);

impl Dict {
    /// The entries as they are now.
    #[must_use]
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.with(|entries| entries.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    /// Sets a key. The caller sees to it that the value is not a collection that this dict is in.
    pub fn set(&self, key: Value, value: Value) {
        self.with(|entries| entries.insert(key, value));
    }

    /// The values as they are now.
    pub(super) fn values(&self) -> Vec<Value> {
        self.with(|entries| entries.values().cloned().collect())
    }

    // The lock is never held while values are printed or called: they may lead back here. Looking up a key compares keys,
    // which are strings and numbers.
    fn with<R>(&self, change: impl FnOnce(&mut IndexMap<Value, Value>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn get(&self, key: &Value) -> Option<Value> {
        self.with(|entries| entries.get(key).cloned())
    }

    fn update(self: &Arc<Self>, args: &[Value]) -> Result<(), Error> {
        let (others, named): (Rest<Value>, Kwargs) = from_args(args)?;
        let mut added = Vec::new();
        for other in others.iter() {
            added.extend(pairs(other)?);
        }
        for name in named.args() {
            added.push((Value::from(name), named.peek(name)?));
        }
        added.iter().try_for_each(|(_, value)| refuse_cycle(self, value))?;
        self.with(|entries| entries.extend(added));
        Ok(())
    }

    fn pop(&self, key: &Value, default: Option<Value>) -> Result<Value, Error> {
        let found = self.with(|entries| entries.shift_remove(key));
        found.or(default).ok_or_else(|| missing(key))
    }

    fn set_default(self: &Arc<Self>, key: Value, default: Option<Value>) -> Result<Value, Error> {
        if let Some(value) = self.get(&key) {
            return Ok(value);
        }
        let value = default.unwrap_or_else(nothing);
        refuse_cycle(self, &value)?;
        self.set(key, value.clone());
        Ok(value)
    }

    fn pop_item(&self) -> Result<Value, Error> {
        let last = self.with(IndexMap::pop);
        let (key, value) = last.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, "the dict is empty"))?;
        Ok(Value::from(Tuple::from([key, value])))
    }
}

impl Object for Dict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.with(|entries| entries.keys().cloned().collect()))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.with(|entries| entries.len()))
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "get" => {
                let (key, default): (Value, Option<Value>) = from_args(args)?;
                Ok(self.get(&key).or(default).unwrap_or_else(nothing))
            }
            "keys" | "values" | "items" => {
                let () = from_args(args)?;
                Ok(View::of(method, self.entries()).into())
            }
            "update" => self.update(args).map(|()| nothing()),
            "pop" => {
                // `None` is a default as any other, which an `Option` cannot tell from no default.
                let (key, default): (Value, Rest<Value>) = from_args(args)?;
                self.pop(&key, default.first().cloned())
            }
            "popitem" => self.pop_item(),
            "setdefault" => {
                let (key, default): (Value, Option<Value>) = from_args(args)?;
                self.set_default(key, default)
            }
            "fromkeys" => {
                let (keys, value): (Value, Rest<Value>) = from_args(args)?;
                let value = value.first().cloned().unwrap_or_else(nothing);
                let keys = keys.try_iter()?.checked().collect::<Result<Vec<_>, _>>()?;
                Ok(keys.into_iter().map(|key| (key, value.clone())).collect::<Dict>().into())
            }
            "copy" => Ok(self.entries().into_iter().collect::<Dict>().into()),
            "clear" => {
                self.with(IndexMap::clear);
                Ok(nothing())
            }
            _ => Err(unknown_method()),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.entries();
        write_entries(f, entries.iter().map(|(key, value)| (key, value)))
    }
}

impl FromIterator<(Value, Value)> for Dict {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(entries: I) -> Self {
        Dict(Mutex::new(entries.into_iter().collect()))
    }
}

impl From<Dict> for Value {
    fn from(dict: Dict) -> Value {
        to_value(&Arc::new(dict))
    }
}

/// The entries of a map, or of a sequence of pairs.
pub(in crate::jinja) fn pairs(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if value.kind() == ValueKind::Map {
        let keys = value.try_iter()?.checked();
        return keys.map(|key| key.and_then(|key| value.get_item(&key).map(|item| (key, item)))).collect();
    }
    let pair = |item: Value| match item.try_iter()?.collect::<Vec<_>>().as_slice() {
        [key, value] => Ok((key.clone(), value.clone())),
        _ => Err(Error::new(ErrorKind::InvalidOperation, "expected pairs of a key and a value")),
    };
    value.try_iter()?.checked().map(|item| item.and_then(pair)).collect()
}

fn missing(key: &Value) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("the dict has no key {key:?}"))
}
