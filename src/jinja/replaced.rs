//! Names that mean something else in one rendering, also inside of the macros that it calls.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};
use minijinja::{Error, State};

use crate::base::HashMap;
use crate::jinja::environment::Environment;
use crate::jinja::shared::{BUILT_IN, Namespace, Shared};

/// What some names mean instead; empty for most renderings.
#[derive(Clone, Debug, Default)]
pub struct Replaced(Option<Arc<HashMap<String, Value>>>);

impl Replaced {
    /// What a name means instead.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.as_ref()?.get(name)
    }
}

impl Environment {
    /// Values in the place of names: a macro, whose every call then gives the value, or a name of the context. A name with a
    /// package, `dbt_utils.star`, is replaced where it is called so; one without, wherever it stands alone. A built-in macro has both
    /// names. What does not exist is not replaced.
    #[must_use]
    pub fn replacing(&self, package: &str, values: Vec<(String, Value)>) -> Replaced {
        if values.is_empty() {
            return Replaced::default();
        }
        let mut replaced = HashMap::default();
        let (qualified, bare): (Vec<_>, Vec<_>) = values.into_iter().partition(|(name, _)| name.contains('.'));
        for (name, value) in qualified {
            let Some((namespace, own)) = name.split_once('.') else { continue };
            let value = Value::from_object(Constant(value));
            if replace_in(self.shared(), &mut replaced, (namespace, own), &value) && namespace == BUILT_IN {
                replaced.insert(own.to_owned(), value);
            }
        }
        for (name, value) in bare {
            let is_macro = self.macro_named(package, &name).is_some();
            let value = if is_macro { Value::from_object(Constant(value)) } else { value };
            replace_in(self.shared(), &mut replaced, (BUILT_IN, &name), &value);
            replaced.insert(name, value);
        }
        Replaced(Some(Arc::new(replaced)))
    }
}

/// Replaces a macro of a package, if the package has it.
fn replace_in(
    shared: &Shared,
    replaced: &mut HashMap<String, Value>,
    (package, name): (&str, &str),
    value: &Value,
) -> bool {
    let current = replaced.get(package).or_else(|| shared.namespace(package));
    let namespace = current.and_then(|current| current.downcast_object_ref::<Namespace>());
    let Some(namespace) = namespace.filter(|namespace| namespace.has(name)) else { return false };
    let namespace = Value::from_object(namespace.with(name, value.clone()));
    replaced.insert(package.to_owned(), namespace);
    true
}

/// What gives the same value whenever it is called.
struct Constant(Value);

impl fmt::Debug for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro that gives {:?}>", self.0)
    }
}

impl Object for Constant {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(self.0.clone())
    }
}
