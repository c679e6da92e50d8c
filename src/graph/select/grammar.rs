//! The grammar of selections: `[@][N+][method[.argument]:]value[+[N]]`; a space joins, a comma intersects.

use super::method::Method;
use crate::diagnostic::{Diagnostic, codes};
use crate::graph::Reach;

/// A union of intersections of terms.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    intersections: Vec<Vec<Term>>,
}

/// One part of a selection.
#[derive(Clone, Debug)]
pub struct Term {
    /// As it was written.
    pub text: String,
    /// What is matched.
    pub method: Method,
    /// `+` before: what the matches read.
    pub parents: Option<Reach>,
    /// `+` behind: what reads the matches.
    pub children: Option<Reach>,
    /// `@`: what reads the matches, and all that those read.
    pub childrens_parents: bool,
}

impl Selection {
    /// Parses the values of `--select` or `--exclude`; each may hold several parts with spaces between.
    ///
    /// # Errors
    /// For a part that does not follow the grammar.
    pub fn parse<S: AsRef<str>>(arguments: &[S]) -> Result<Self, Diagnostic> {
        let parts = arguments.iter().flat_map(|argument| argument.as_ref().split_whitespace());
        let intersection = |part: &str| match part.split(',').any(str::is_empty) {
            true => Err(syntax(format!("`{part}` has a comma with nothing beside it"))),
            false => part.split(',').map(Term::parse).collect(),
        };
        let intersections = parts.map(intersection).collect::<Result<_, _>>()?;
        Ok(Selection { intersections })
    }

    /// Whether it was not given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.intersections.is_empty()
    }

    /// The parts of the union, each a list of terms to intersect.
    pub fn intersections(&self) -> impl Iterator<Item = &[Term]> {
        self.intersections.iter().map(Vec::as_slice)
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, Diagnostic> {
        let (childrens_parents, rest) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (parents, rest) = leading_plus(rest);
        let (children, rest) = trailing_plus(rest);
        if childrens_parents && children.is_some() {
            return Err(syntax(format!("`{text}` has both `@` and a `+` behind: `@` already takes what reads it")));
        }
        if rest.is_empty() {
            return Err(syntax(format!("`{text}` in a selection names nothing")));
        }
        let method = Method::parse(rest)?;
        Ok(Term { text: text.to_owned(), method, parents, children, childrens_parents })
    }
}

fn syntax(message: String) -> Diagnostic {
    Diagnostic::error(codes::SELECTOR_SYNTAX, message)
}

fn leading_plus(text: &str) -> (Option<Reach>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text[digits..].strip_prefix('+') {
        Some(rest) => (Some(reach(&text[..digits])), rest),
        None => (None, text),
    }
}

fn trailing_plus(text: &str) -> (Option<Reach>, &str) {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, steps) = text.split_at(text.len() - digits);
    match head.strip_suffix('+') {
        Some(rest) => (Some(reach(steps)), rest),
        None => (None, text),
    }
}

/// No digits mean all the way; a number too large for a machine does as well.
fn reach(digits: &str) -> Reach {
    digits.parse().map_or(Reach::All, Reach::Steps)
}
