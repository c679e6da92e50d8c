//! What the user is told: a code, a severity, a message, the places it is about, and what to do.
//!
//! Stages do not stop at the first problem: they push into [`Diagnostics`] and go on where they can. How a diagnostic looks is
//! decided in [`render`] alone.

mod code;
pub mod render;

use std::fmt;

use crate::base::{nearest, quoted_list};
use crate::source::Span;

pub use code::{Code, codes};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not what was meant; work goes on.
    Warning,
    /// The command cannot do what was asked.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        })
    }
}

/// A place that a diagnostic is about, with what to say there.
#[derive(Clone, Debug)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say under the span; may be empty.
    pub text: String,
}

/// A step on the way to the error, innermost first: the macro call that led there.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What was being done, e.g. ``in macro `cents` ``.
    pub what: String,
    /// Where it was asked for, where that is known.
    pub span: Option<Span>,
}

/// One thing the user is told. The first label is the place; the message makes sense without it.
#[derive(Clone)]
pub struct Diagnostic(Box<Body>);

/// The parts of a [`Diagnostic`].
#[derive(Clone, Debug)]
pub struct Body {
    /// Which kind of problem.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// One line: lower case, no full stop, names in backticks.
    pub message: String,
    /// Places, the most important first.
    pub labels: Vec<Label>,
    /// More facts, a line each.
    pub notes: Vec<String>,
    /// What the user can do about it.
    pub help: Option<String>,
    /// How execution got there, innermost first.
    pub trace: Vec<Frame>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    /// A diagnostic of any severity.
    pub fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Diagnostic(Box::new(Body {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            trace: Vec::new(),
        }))
    }

    /// Adds a place; the first one added is where the diagnostic is shown.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// The same at another place alone, and without how execution got to the old one.
    #[must_use]
    pub fn moved(mut self, span: Span) -> Self {
        self.0.labels.clear();
        self.0.trace.clear();
        self.at(span)
    }

    /// Adds a place with a text under it.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.0.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.0.notes.push(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.0.help = Some(text.into());
        self
    }

    /// Says `did you mean` when one of `candidates` is close to the unknown `name`.
    #[must_use]
    pub fn suggest_near<'a>(self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        match nearest(name, candidates) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// Says `did you mean` when one of `candidates` is close to the unknown `name`; lists them when there are only a few.
    #[must_use]
    pub fn suggest<'a>(self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let mut candidates: Vec<&str> = candidates.into_iter().collect();
        if let Some(near) = nearest(name, candidates.iter().copied()) {
            return self.help(format!("did you mean `{near}`?"));
        }
        candidates.sort_unstable();
        candidates.dedup();
        if candidates.is_empty() || candidates.len() > 6 {
            return self;
        }
        self.help(format!("known here: {}", quoted_list(&candidates)))
    }

    /// Adds a step of the way that led to the error.
    #[must_use]
    pub fn frame(mut self, what: impl Into<String>, span: Option<Span>) -> Self {
        self.0.trace.push(Frame { what: what.into(), span });
        self
    }

    /// The same with another severity.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.0.severity = severity;
        self
    }

    /// Where it is shown.
    #[must_use]
    pub fn primary(&self) -> Option<Span> {
        self.0.labels.first().map(|label| label.span)
    }
}

impl std::ops::Deref for Diagnostic {
    type Target = Body;

    fn deref(&self) -> &Body {
        &self.0
    }
}

impl fmt::Debug for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity, self.code.id, self.message)
    }
}

impl std::error::Error for Diagnostic {}

/// What a stage found, in the order in which it was found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Nothing found yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Keeps the value, or takes up the error.
    pub fn take<T>(&mut self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|diagnostic| self.push(diagnostic)).ok()
    }

    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Diagnostics(diagnostics.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
