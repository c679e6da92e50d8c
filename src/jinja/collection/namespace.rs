//! `namespace()`: the object whose attributes a template sets with `{% set ns.x = … %}`.

use std::fmt;
use std::sync::Arc;

use minijinja::Error;
use minijinja::value::{Enumerator, Object, Value};

use super::dict::Dict;
use super::refuse_cycle;

/// A namespace: attributes that outlive the loop in which they are set.
#[derive(Debug, Default)]
pub(in crate::jinja) struct Namespace {
    pub(super) attributes: Arc<Dict>,
}

impl Namespace {
    /// Sets an attribute.
    pub(in crate::jinja) fn set(self: &Arc<Self>, name: &str, value: Value) -> Result<(), Error> {
        refuse_cycle(self, &value)?;
        self.attributes.set(Value::from(name), value);
        Ok(())
    }
}

impl FromIterator<(Value, Value)> for Namespace {
    fn from_iter<I: IntoIterator<Item = (Value, Value)>>(attributes: I) -> Self {
        Namespace { attributes: Arc::new(attributes.into_iter().collect()) }
    }
}

impl Object for Namespace {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.attributes.get_value(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.attributes.enumerate()
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Namespace {:?}>", Value::from_dyn_object(Arc::clone(&self.attributes)))
    }
}
