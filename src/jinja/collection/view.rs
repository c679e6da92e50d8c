//! What `keys()`, `values()` and `items()` of a dict give.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Tuple, Value};

use crate::jinja::python::write_items;

/// The keys, values or items of a dict at the time it was asked. It prints as Python's does: `dict_keys(['a'])`.
#[derive(Debug)]
pub(in crate::jinja) struct View {
    method: &'static str,
    items: Vec<Value>,
}

impl View {
    /// The view that `method` names.
    pub(in crate::jinja) fn of(method: &str, entries: Vec<(Value, Value)>) -> View {
        let entries = entries.into_iter();
        match method {
            "keys" => View { method: "dict_keys", items: entries.map(|(key, _)| key).collect() },
            "values" => View { method: "dict_values", items: entries.map(|(_, value)| value).collect() },
            _ => {
                let items = entries.map(|(key, value)| Value::from(Tuple::from([key, value]))).collect();
                View { method: "dict_items", items }
            }
        }
    }
}

impl Object for View {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.items.clone())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.items.len())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method)?;
        f.write_str("(")?;
        write_items(f, '[', self.items.iter(), ']')?;
        f.write_str(")")
    }
}

impl From<View> for Value {
    fn from(view: View) -> Value {
        Value::from_object(view)
    }
}
