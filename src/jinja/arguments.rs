//! The arguments of one call, taken by position or by name.

use minijinja::Error;
use minijinja::value::{Kwargs, Value, from_args};

use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::failure::raise;
use crate::jinja::python::text;

/// What a template passes to a function, method or filter.
#[derive(Debug)]
pub struct Arguments {
    function: &'static str,
    positional: Vec<Value>,
    named: Vec<(String, Value)>,
}

impl Arguments {
    /// Splits what a template passes to `function`.
    ///
    /// # Errors
    /// When the keyword arguments are malformed.
    pub fn of(function: &'static str, args: &[Value]) -> Result<Self, Error> {
        let (positional, kwargs): (&[Value], Kwargs) = from_args(args)?;
        Self::new(function, positional.to_vec(), &kwargs)
    }

    /// The arguments that were split already.
    pub(super) fn new(function: &'static str, positional: Vec<Value>, kwargs: &Kwargs) -> Result<Self, Error> {
        let names: Vec<String> = kwargs.args().map(str::to_owned).collect();
        let named = names
            .into_iter()
            .map(|name| kwargs.get::<Value>(&name).map(|value| (name.clone(), value)))
            .collect::<Result<_, _>>()?;
        Ok(Arguments { function, positional, named })
    }

    /// All positional arguments.
    #[must_use]
    pub fn positional(&self) -> &[Value] {
        &self.positional
    }

    /// All named arguments in the order of the call.
    #[must_use]
    pub fn named(&self) -> &[(String, Value)] {
        &self.named
    }

    /// Fails when there are more positional arguments than `count`, or named ones that are not among `names`.
    ///
    /// # Errors
    /// As said.
    pub fn limit(&self, count: usize, names: &[&str]) -> Result<(), Error> {
        if self.positional.len() > count {
            let given = self.positional.len();
            return Err(fail(format!("`{}` takes at most {count} arguments, {given} were given", self.function)));
        }
        match self.named.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            Some((name, _)) => Err(fail(format!("`{}` has no argument `{name}`", self.function))),
            None => Ok(()),
        }
    }

    /// The argument at a position or under a name.
    #[must_use]
    pub fn get(&self, position: usize, name: &str) -> Option<Value> {
        let named = || self.named.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        self.positional.get(position).cloned().or_else(named)
    }

    /// The same, but for `None` and undefined values.
    #[must_use]
    pub fn given(&self, position: usize, name: &str) -> Option<Value> {
        self.get(position, name).filter(|value| !value.is_none() && !value.is_undefined())
    }

    /// The same, as text.
    ///
    /// # Errors
    /// Never yet; a value that is no text is printed.
    pub fn text(&self, position: usize, name: &str) -> Result<Option<String>, Error> {
        Ok(self.given(position, name).map(|value| text(&value)))
    }

    /// The same, as a whole number.
    ///
    /// # Errors
    /// When it is none.
    pub fn int(&self, position: usize, name: &str) -> Result<Option<i64>, Error> {
        let convert = |value: Value| {
            let whole = if value.kind() == minijinja::value::ValueKind::Bool {
                Some(i64::from(value.is_true()))
            } else {
                value.as_i64().filter(|_| value.is_integer())
            };
            whole.ok_or_else(|| {
                fail(format!("`{}` needs a whole number as `{name}`, not a {}", self.function, value.kind()))
            })
        };
        self.given(position, name).map(convert).transpose()
    }

    /// The argument as text, when it must be there.
    ///
    /// # Errors
    /// When it is not there.
    pub fn required_text(&self, position: usize, name: &str) -> Result<String, Error> {
        self.text(position, name)?.ok_or_else(|| fail(format!("`{}` needs an argument `{name}`", self.function)))
    }

    /// The argument, when it must be there.
    ///
    /// # Errors
    /// When it is not there.
    pub fn required(&self, position: usize, name: &str) -> Result<Value, Error> {
        self.get(position, name).ok_or_else(|| fail(format!("`{}` needs an argument `{name}`", self.function)))
    }

    /// Whether the argument is there and true.
    #[must_use]
    pub fn flag(&self, position: usize, name: &str) -> bool {
        self.get(position, name).is_some_and(|value| value.is_true())
    }
}

/// A failure of a function, in words.
#[must_use]
pub fn fail(message: impl Into<String>) -> Error {
    raise(Diagnostic::error(codes::JINJA_RUNTIME, message))
}
