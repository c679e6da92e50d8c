//! What a macro file defines: the blocks of dbt's dialect, as data.

use crate::source::Span;

/// What a block defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// `{% macro name(…) %}`.
    Macro,
    /// `{% test name(…) %}` or `{% data_test name(…) %}`: a generic test.
    Test,
    /// `{% materialization name, adapter='…' %}` or `…, default %}`.
    Materialization {
        /// The adapter it is for; `None` is every one.
        adapter: Option<String>,
    },
    /// `{% snapshot name %}`.
    Snapshot,
    /// `{% docs name %}`.
    Docs,
}

/// A parameter of a macro.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// The text of its type annotation, if it has one; annotations are read and mean nothing.
    pub annotation: Option<String>,
    /// The expression it has when no argument is given, as written.
    pub default: Option<String>,
    /// Where `default` stands.
    pub default_span: Option<Span>,
}

/// A block at the top level of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What it defines.
    pub kind: BlockKind,
    /// The name as written.
    pub name: String,
    /// Where the name stands.
    pub name_span: Span,
    /// The parameters in order; only macros and tests have any.
    pub parameters: Vec<Parameter>,
    /// From the `{%` of the first tag to the `%}` of the last.
    pub span: Span,
    /// What stands between the two tags, with the white space that `-%}` and `{%-` eat left out.
    pub body: Span,
}

impl Block {
    /// The name under which templates and the manifest know it: tests and materializations are macros with a prefix.
    #[must_use]
    pub fn macro_name(&self) -> String {
        match &self.kind {
            BlockKind::Test => format!("test_{}", self.name),
            BlockKind::Materialization { adapter } => {
                format!("materialization_{}_{}", self.name, adapter.as_deref().unwrap_or("default"))
            }
            BlockKind::Macro | BlockKind::Snapshot | BlockKind::Docs => self.name.clone(),
        }
    }
}
