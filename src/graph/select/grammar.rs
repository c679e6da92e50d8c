//! The grammar of selections: `[@][N+][method[.argument]:]value[+[N]]`; a space joins, a comma intersects.

use super::method::Method;
use super::{Group, IndirectSelection, Operation, Selection, Term};
use crate::diagnostic::{Diagnostic, codes};
use crate::graph::Reach;

impl Selection {
    /// Parses the values of `--select` or `--exclude`; each may hold several parts with spaces between.
    ///
    /// # Errors
    /// For a part that does not follow the grammar.
    pub fn parse<S: AsRef<str>>(arguments: &[S], indirect: IndirectSelection) -> Result<Self, Diagnostic> {
        let parts = arguments.iter().flat_map(|argument| argument.as_ref().split_whitespace());
        let parts = parts.map(|part| intersection(part, indirect)).collect::<Result<_, _>>()?;
        Ok(Selection::Group(Group { operation: Operation::Union, parts, indirect, text: None }))
    }
}

/// Terms with commas between.
fn intersection(text: &str, indirect: IndirectSelection) -> Result<Selection, Diagnostic> {
    if text.split(',').any(str::is_empty) {
        return Err(syntax(format!("`{text}` has a comma with nothing beside it")));
    }
    let term = |text| Term::parse(text, indirect).map(Selection::Term);
    let parts = text.split(',').map(term).collect::<Result<_, _>>()?;
    Ok(Selection::Group(Group { operation: Operation::Intersection, parts, indirect, text: Some(text.to_owned()) }))
}

impl Term {
    /// Parses one term.
    ///
    /// # Errors
    /// When it does not follow the grammar.
    pub fn parse(text: &str, indirect: IndirectSelection) -> Result<Self, Diagnostic> {
        let Parts { childrens_parents, parents, children, rest } = Parts::of(text);
        if childrens_parents && children.is_some() {
            return Err(syntax(format!("`{text}` has both `@` and a `+` behind: `@` already takes what reads it")));
        }
        if rest.is_empty() {
            return Err(syntax(format!("`{text}` in a selection names nothing")));
        }
        let method = Method::parse(rest)?;
        let (parents, children) = (parents.map(reach), children.map(reach));
        Ok(Term { text: text.to_owned(), method, parents, children, childrens_parents, indirect })
    }
}

/// The parts of a term.
pub(super) struct Parts<'t> {
    /// Whether `@` is in front.
    pub(super) childrens_parents: bool,
    /// The digits before the `+` in front.
    pub(super) parents: Option<&'t str>,
    /// The digits behind the `+` at the end.
    pub(super) children: Option<&'t str>,
    /// The method and its value.
    pub(super) rest: &'t str,
}

impl<'t> Parts<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let (childrens_parents, rest) = match text.strip_prefix('@') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (parents, rest) = leading_plus(rest);
        let (children, rest) = trailing_plus(rest);
        Parts { childrens_parents, parents, children, rest }
    }
}

fn syntax(message: String) -> Diagnostic {
    Diagnostic::error(codes::SELECTOR_SYNTAX, message)
}

fn leading_plus(text: &str) -> (Option<&str>, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text[digits..].strip_prefix('+') {
        Some(rest) => (Some(&text[..digits]), rest),
        None => (None, text),
    }
}

fn trailing_plus(text: &str) -> (Option<&str>, &str) {
    let digits = text.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (head, steps) = text.split_at(text.len() - digits);
    match head.strip_suffix('+') {
        Some(rest) => (Some(steps), rest),
        None => (None, text),
    }
}

/// No digits mean all the way; a number too large for a machine does as well. dbt takes `0` for no number.
pub(super) fn reach(digits: &str) -> Reach {
    digits.parse().ok().filter(|steps| *steps > 0).map_or(Reach::All, Reach::Steps)
}
