//! Functions of templates that carry state, and the reading of their arguments.

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Error, Kwargs, Object, State, Value, from_args, raise};

type Body = dyn Fn(&mut State<'_, '_>, Arguments) -> Result<Value, Error> + Send + Sync;

/// A function as a template's value.
struct Function {
    name: &'static str,
    body: Box<Body>,
}

/// Makes a function that templates can call.
pub(super) fn function(
    name: &'static str,
    body: impl Fn(&mut State<'_, '_>, Arguments) -> Result<Value, Error> + Send + Sync + 'static,
) -> Value {
    Value::from_object(Function { name, body: Box::new(body) })
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<function {}>", self.name)
    }
}

impl Object for Function {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        (self.body)(state, Arguments::of(self.name, args)?)
    }
}

/// The arguments of one call, taken by position or by name.
pub(super) struct Arguments {
    function: &'static str,
    positional: Vec<Value>,
    named: Vec<(String, Value)>,
}

impl Arguments {
    /// Splits what a template passes to `function`.
    pub(super) fn of(function: &'static str, args: &[Value]) -> Result<Self, Error> {
        let (positional, kwargs): (&[Value], Kwargs) = from_args(args)?;
        let names: Vec<String> = kwargs.args().map(str::to_owned).collect();
        let named = names
            .into_iter()
            .map(|name| kwargs.get::<Value>(&name).map(|value| (name.clone(), value)))
            .collect::<Result<_, _>>()?;
        Ok(Arguments { function, positional: positional.to_vec(), named })
    }

    /// All positional arguments.
    pub(super) fn positional(&self) -> &[Value] {
        &self.positional
    }

    /// All named arguments in the order of the call.
    pub(super) fn named(&self) -> &[(String, Value)] {
        &self.named
    }

    /// The argument at a position or under a name.
    pub(super) fn get(&self, position: usize, name: &str) -> Option<Value> {
        let named = || self.named.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        self.positional.get(position).cloned().or_else(named)
    }

    /// The same, as text.
    pub(super) fn text(&self, position: usize, name: &str) -> Result<Option<String>, Error> {
        match self.get(position, name) {
            None => Ok(None),
            Some(value) if value.is_none() || value.is_undefined() => Ok(None),
            Some(value) => Ok(Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))),
        }
    }

    /// The same, when it must be there.
    pub(super) fn required_text(&self, position: usize, name: &str) -> Result<String, Error> {
        self.text(position, name)?.ok_or_else(|| fail(format!("`{}` needs an argument `{name}`", self.function)))
    }

    /// The argument, when it must be there.
    pub(super) fn required(&self, position: usize, name: &str) -> Result<Value, Error> {
        self.get(position, name).ok_or_else(|| fail(format!("`{}` needs an argument `{name}`", self.function)))
    }

    /// Whether the argument is there and true.
    pub(super) fn flag(&self, position: usize, name: &str) -> bool {
        self.get(position, name).is_some_and(|value| value.is_true())
    }
}

/// A failure of a function, in words.
pub(super) fn fail(message: impl Into<String>) -> Error {
    raise(Diagnostic::error(codes::JINJA_RUNTIME, message))
}
