//! What a function of the context can ask about the template that calls it.

use std::sync::Arc;

use minijinja::State;
use minijinja::value::Value;

use crate::diagnostic::Diagnostic;
use crate::jinja::code::Place;
use crate::jinja::environment::{Environment, Scope};
use crate::jinja::frame::Frame;
use crate::source::Span;

/// The place a function is called from. What is run through it counts as run by the calling macro, so that endless recursion
/// is found.
#[derive(Debug)]
pub struct CallSite {
    frame: Arc<Frame>,
    environment: Environment,
}

impl CallSite {
    /// The place that a function with this state is called from; `None` outside of templates.
    #[must_use]
    pub fn of(state: &State<'_, '_>) -> Option<Self> {
        let frame = Frame::current(state)?;
        let environment = Environment::of(&frame);
        Some(CallSite { frame, environment })
    }

    /// The package in whose sight the template or macro runs: that of the node.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.frame.package.name
    }

    /// What the node that is being rendered can see, from this package.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            package: Arc::clone(&self.frame.package.name),
            names: self.frame.names.clone(),
            replaced: self.frame.replaced.clone(),
        }
    }

    /// The macro that a name means here, other names aside; `package.name` is a macro of exactly that package.
    #[must_use]
    pub fn find_macro(&self, name: &str) -> Option<Value> {
        self.frame.find_macro(name)
    }

    /// Keeps account of a variable of the environment that is read.
    pub fn reads_variable(&self, name: &str) {
        if let Some(reads) = &self.frame.reads {
            reads.variable(name);
        }
    }

    /// Tells the user something about the template, at no place if it has none.
    pub fn note(&self, note: Diagnostic) {
        self.frame.note(note);
    }

    /// The environment.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What a name means here: a macro, a name of the node, a global.
    #[must_use]
    pub fn lookup(&self, name: &str) -> Option<Value> {
        self.frame.lookup(name)
    }

    /// Renders a text as the node's; failures are reported at `at`.
    ///
    /// # Errors
    /// As for [`Environment::render`].
    pub fn render_text(&self, text: &str, at: Span) -> Result<String, Diagnostic> {
        self.environment.render_at(text, Place::Fixed(at), &self.frame.of_text())
    }

    /// Renders a text that a template made; what is wrong with it is shown in that text.
    ///
    /// # Errors
    /// As for [`Environment::render`].
    pub fn render_made(&self, text: &str) -> Result<String, Diagnostic> {
        if !text.contains(['{', '}']) {
            return Ok(text.to_owned());
        }
        let file = self.frame.shared.sources.add("rendered text", text);
        self.environment.render_at(text, Place::File { file, base: 0 }, &self.frame.of_text())
    }

    /// Calls a macro.
    ///
    /// # Errors
    /// As for [`Environment::call`].
    pub fn call(&self, name: &str, args: &[Value], kwargs: &[(&str, Value)]) -> Result<Value, Diagnostic> {
        self.environment.call_in(&self.frame, name, args, kwargs)
    }
}
