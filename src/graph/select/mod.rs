//! Choosing a part of the graph: `--select`, `--exclude`, `--selector`.
//!
//! A [`Selection`] is parsed from the arguments of the command line or from `selectors.yml`, then applied to a manifest and its
//! graph by a [`Choice`].

mod choice;
mod columns;
mod definition;
mod described;
mod grammar;
mod method;
mod pattern;
mod set;
#[cfg(test)]
mod tests;

use super::Reach;

pub use choice::Choice;
pub use columns::ColumnGraph;
pub use definition::Selectors;
pub use described::described;
pub use method::{Method, RESOURCE_TYPES, TestType, VersionKind};
pub use pattern::Pattern;

/// Which tests come along with the nodes that they test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndirectSelection {
    /// Tests with any selected parent.
    #[default]
    Eager,
    /// Tests of which all parents are selected.
    Cautious,
    /// Tests of which all parents are selected, or are read by what is selected.
    Buildable,
    /// No tests but the ones that are named.
    Empty,
}

impl IndirectSelection {
    /// dbt's words.
    pub const NAMES: &'static [&'static str] = &["eager", "cautious", "buildable", "empty"];

    /// The mode of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "eager" => IndirectSelection::Eager,
            "cautious" => IndirectSelection::Cautious,
            "buildable" => IndirectSelection::Buildable,
            "empty" => IndirectSelection::Empty,
            _ => return None,
        })
    }
}

/// What is selected: a term, or several put together.
#[derive(Clone, Debug)]
pub enum Selection {
    /// One criterion.
    Term(Term),
    /// Several selections.
    Group(Group),
}

/// Selections put together.
#[derive(Clone, Debug)]
pub struct Group {
    /// How.
    pub operation: Operation,
    /// Of what.
    pub parts: Vec<Selection>,
    /// Which tests come along with the whole that do not with each part.
    pub indirect: IndirectSelection,
    /// As it was written, where an empty result is worth a word.
    pub text: Option<String>,
}

/// How selections are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// What any of them has.
    Union,
    /// What all of them have.
    Intersection,
    /// What the first has and no other.
    Difference,
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
    /// Which tests come along.
    pub indirect: IndirectSelection,
}

impl Selection {
    /// Whether it has no part: it matches nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Selection::Group(group) if group.parts.is_empty())
    }

    /// Everything.
    #[must_use]
    pub fn everything() -> Selection {
        let any = || Pattern::new("*");
        let term = |method| {
            Selection::Term(Term {
                text: "*".to_owned(),
                method,
                parents: None,
                children: None,
                childrens_parents: false,
                indirect: IndirectSelection::Empty,
            })
        };
        Selection::Group(Group {
            operation: Operation::Union,
            parts: vec![term(Method::Fqn(any())), term(Method::Source([any(), any(), any()]))],
            indirect: IndirectSelection::Empty,
            text: None,
        })
    }

    /// Everything that the first selects and the second does not.
    #[must_use]
    pub fn without(self, other: Selection) -> Selection {
        if other.is_empty() {
            return self;
        }
        Selection::Group(Group {
            operation: Operation::Difference,
            parts: vec![self, other],
            indirect: IndirectSelection::Eager,
            text: None,
        })
    }

    /// Whether a term of it satisfies a condition.
    pub fn any_term(&self, condition: &dyn Fn(&Term) -> bool) -> bool {
        match self {
            Selection::Term(term) => condition(term),
            Selection::Group(group) => group.parts.iter().any(|part| part.any_term(condition)),
        }
    }
}
