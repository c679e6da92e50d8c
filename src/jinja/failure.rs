//! Turns minijinja's errors into diagnostics that point at the user's text.
//!
//! Errors travel through minijinja's machine as its own type; a diagnostic, or the value of a `return`, rides along as the
//! error's source. Each piece of code that runs takes what comes out of the machine apart again: it knows its text, so it adds
//! the place, and the macro call that led there.

use std::fmt;
use std::ops::Range;

use minijinja::value::Value;
use minijinja::{Error, ErrorKind};

use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::code::{Code, Place};
use crate::jinja::environment::MacroInfo;
use crate::jinja::frame::Frame;
use crate::jinja::grammar::SyntaxError;
use crate::jinja::tag::{TagKind, tags};
use crate::source::Span;

/// Where built-in macros are shown to lie.
const BUILT_IN_FILES: &str = "built-in macros";

/// How many calls of a trace are kept: those nearest to the error.
const TRACE: usize = 16;

/// An error for a context function to fail with. Rendering gives the diagnostic as it is; a place is added if it has none, and
/// the macros that led there.
#[must_use]
pub fn raise(diagnostic: Diagnostic) -> Error {
    carry(Carried::Diagnostic { diagnostic, from: None })
}

/// The error with which a macro called `name` fails.
pub(super) fn called(diagnostic: Diagnostic, name: &str) -> Error {
    carry(Carried::Diagnostic { diagnostic, from: Some(name.to_owned()) })
}

/// `return(value)`: ends the macro that runs, whatever loops and conditions it is in.
pub(super) fn give_back(value: Value) -> Error {
    carry(Carried::Return(value))
}

/// Why code stopped before its end.
#[derive(Debug)]
pub(super) enum Failure {
    /// It returned a value, at a place.
    Returned(Value, Span),
    /// It failed.
    Failed(Diagnostic),
}

impl Failure {
    /// Takes an error of minijinja's machine apart.
    pub(super) fn of(error: &Error, code: &Code, frame: &Frame) -> Failure {
        match carried(error) {
            Some(Carried::Return(value)) => Failure::Returned(value.clone(), code.place.span(range(error, &code.text))),
            Some(Carried::Diagnostic { diagnostic, from }) => {
                let span = code.place.span(range(error, &code.text));
                let placed = match diagnostic.primary() {
                    Some(primary) if from.is_some() && is_built_in(frame, primary) => {
                        // The user knows the call, not what our macros are made of.
                        return Failure::Failed(diagnostic.clone().moved(span));
                    }
                    Some(_) => diagnostic.clone(),
                    None => diagnostic.clone().at(span),
                };
                Failure::Failed(match from {
                    Some(name) => traced(placed, name, span),
                    None => placed,
                })
            }
            None => Failure::Failed(describe(error, code, frame)),
        }
    }

    /// The diagnostic of a macro that was called from no template.
    pub(super) fn outside(error: &Error, target: &MacroInfo) -> Diagnostic {
        let diagnostic = match carried(error) {
            Some(Carried::Diagnostic { diagnostic, .. }) => diagnostic.clone(),
            _ => Diagnostic::error(codes::JINJA_RUNTIME, words(error)),
        };
        let placed = if diagnostic.primary().is_some() { diagnostic } else { diagnostic.at(target.name_span) };
        placed.frame(format!("in macro `{}`", target.name), None)
    }

    /// The error with which the macro called `name` fails.
    pub(super) fn into_error(self, name: &str) -> Error {
        match self {
            Failure::Returned(value, _) => give_back(value),
            Failure::Failed(diagnostic) => called(diagnostic, name),
        }
    }

    /// The diagnostic of a template that stopped.
    pub(super) fn into_diagnostic(self) -> Diagnostic {
        match self {
            Failure::Failed(diagnostic) => diagnostic,
            Failure::Returned(_, span) => {
                Diagnostic::error(codes::JINJA_RUNTIME, "`return` is used outside of a macro").at(span)
            }
        }
    }
}

/// Whether a place is in a macro of ours.
fn is_built_in(frame: &Frame, place: Span) -> bool {
    frame.shared.sources.get(place.file).path().starts_with(BUILT_IN_FILES)
}

/// The diagnostic of a text that is no Jinja.
pub(super) fn syntax_error(error: SyntaxError, text: &str, place: Place) -> Diagnostic {
    unbalanced(text, place)
        .unwrap_or_else(|| Diagnostic::error(codes::JINJA_SYNTAX, error.message).at(place.span(error.range)))
}

/// The diagnostic of a malformed head.
pub(super) fn header_error(error: SyntaxError, place: Place) -> Diagnostic {
    Diagnostic::error(codes::JINJA_SYNTAX, error.message).at(place.span(error.range))
}

/// Adds the macro that failed and where it was called. Recursion adds the same step over and over; it is kept once.
fn traced(diagnostic: Diagnostic, name: &str, span: Span) -> Diagnostic {
    let what = if name == "caller" { "in the call block".to_owned() } else { format!("in macro `{name}`") };
    let again = diagnostic.trace.last().is_some_and(|last| last.what == what && last.span == Some(span));
    if again || diagnostic.trace.len() >= TRACE { diagnostic } else { diagnostic.frame(what, Some(span)) }
}

/// What rides along in an error.
#[derive(Debug)]
enum Carried {
    Return(Value),
    Diagnostic {
        diagnostic: Diagnostic,
        /// The macro that failed, until the code that called it has added itself to the trace.
        from: Option<String>,
    },
}

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Carried::Return(_) => f.write_str("return"),
            Carried::Diagnostic { diagnostic, .. } => diagnostic.fmt(f),
        }
    }
}

impl std::error::Error for Carried {}

fn carry(carried: Carried) -> Error {
    Error::new(ErrorKind::InvalidOperation, "").with_source(carried)
}

fn carried(error: &Error) -> Option<&Carried> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(carried) = cause.downcast_ref() {
            return Some(carried);
        }
        source = cause.source();
    }
    None
}

/// The diagnostic of an error that minijinja itself made.
fn describe(error: &Error, code: &Code, frame: &Frame) -> Diagnostic {
    let range = range(error, &code.text);
    let text = code.text.get(range.clone()).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownFunction => {
            let name = text.split('(').next().unwrap_or_default().trim();
            frame.unknown(name).at(code.place.span(range.start..range.start + name.len()))
        }
        ErrorKind::UndefinedError => undefined(&code.text, range, code, frame),
        ErrorKind::UnknownMethod if error.detail().is_some_and(|detail| detail.starts_with("undefined ")) => {
            let call = text.find('(').map_or(range.end, |at| range.start + at);
            undefined(&code.text, range.start..call, code, frame)
        }
        ErrorKind::UnknownMethod if error.detail().is_some_and(|detail| detail.starts_with("plain object ")) => {
            let called = text.split('(').next().unwrap_or_default();
            let message = match called.rsplit_once('.') {
                Some((base, name)) => format!("`{base}` has no method `{name}`"),
                None => words(error),
            };
            Diagnostic::error(codes::JINJA_RUNTIME, message).at(code.place.span(range))
        }
        _ => Diagnostic::error(codes::JINJA_RUNTIME, words(error)).at(code.place.span(range)),
    }
}

/// The diagnostic of `a.b` where `a` is undefined: `accessed` is all of `a.b`.
fn undefined(text: &str, accessed: Range<usize>, code: &Code, frame: &Frame) -> Diagnostic {
    let start = accessed.start;
    let chain = &text[start..accessed.end];
    let base = chain[..chain.rfind(['.', '[']).unwrap_or(chain.len())].trim_end();
    let span = code.place.span(start..start + base.len());
    let is_name = base.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_name && frame.lookup(base).is_none() {
        return frame.unknown(base).at(span);
    }
    Diagnostic::error(codes::JINJA_UNDEFINED, format!("`{base}` is undefined")).at(span)
}

/// Where in the text the error is.
fn range(error: &Error, text: &str) -> Range<usize> {
    if let Some(range) = error.range() {
        let start = range.start.min(text.len());
        let end = range.end.clamp(start, text.len());
        return start..end;
    }
    let Some(line) = error.line() else { return 0..0 };
    let start = text.match_indices('\n').nth(line.wrapping_sub(2)).map_or(0, |(at, _)| at + 1);
    let line = text[start..].lines().next().unwrap_or_default();
    let indent = line.len() - line.trim_start().len();
    start + indent..start + line.len()
}

/// What minijinja says, as a diagnostic says it.
fn words(error: &Error) -> String {
    let said = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    for kind in ["filter", "test"] {
        let name = said.strip_prefix(kind).and_then(|rest| rest.strip_suffix(" is unknown"));
        if let Some(name) = name {
            return format!("there is no {kind} `{}`", name.trim());
        }
    }
    match said.split_once(" has no method named ") {
        Some((kind, name)) => format!("a {kind} has no method `{name}`"),
        None => said,
    }
}

/// The words that open a statement with an end.
const OPENERS: [&str; 8] = ["if", "for", "macro", "call", "filter", "with", "block", "autoescape"];

/// The diagnostic of a statement that is not closed, or of an end without a start: the grammar only sees where the text ends.
fn unbalanced(text: &str, place: Place) -> Option<Diagnostic> {
    let mut open: Vec<(&str, Range<usize>)> = Vec::new();
    for tag in tags(text).flatten().filter(|tag| tag.kind == TagKind::Statement) {
        let keyword = tag.keyword(text);
        let is_block_set = keyword == "set" && !text[tag.rest(text)].contains('=');
        if OPENERS.contains(&keyword) || is_block_set {
            open.push((keyword, tag.outer));
        } else if let Some(opener) = keyword.strip_prefix("end") {
            match open.pop() {
                Some((word, _)) if word == opener => {}
                Some((word, start)) => {
                    let message = format!("expected `end{word}`, found `{keyword}`");
                    let error = Diagnostic::error(codes::JINJA_SYNTAX, message).at(place.span(tag.outer));
                    return Some(error.label(place.span(start), format!("`{word}` starts here")));
                }
                None => {
                    let message = format!("`{keyword}` without `{opener}`");
                    return Some(Diagnostic::error(codes::JINJA_SYNTAX, message).at(place.span(tag.outer)));
                }
            }
        }
    }
    let (word, start) = open.pop()?;
    let error = Diagnostic::error(codes::JINJA_SYNTAX, format!("`{word}` is not closed")).at(place.span(start));
    Some(error.help(format!("add `{{% end{word} %}}`")))
}
