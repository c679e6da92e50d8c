//! Contracts: the columns that a model promises to its readers, checked before its relation is made, and the constraints that its
//! rows must keep.
//!
//! Names and types are compared as the engine reads both: an empty query of the model beside an empty query of the promised types.
//! Whole numbers of different sizes are not told apart, nor decimals of different digits; what is written has the promised type, and a
//! value that does not fit it is an error. `not_null` and `check` are held by the table itself, `primary_key` as far as it means that
//! no value is missing. The others are taken and not held, which is said once.

use super::{Job, docs};
use crate::diagnostic::Diagnostic;
use crate::engine::Rules;

/// What a relation is made of.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// The query of its rows.
    pub(super) query: String,
    /// How many lines of ours stand before the model's own.
    pub(super) lines_before: usize,
    /// What its rows must be like.
    pub(super) rules: Rules,
    /// The statement in words of SQL, for `target/run`, where there is a contract.
    pub(super) statement: Option<String>,
}

/// The shape of a node's relation.
///
/// # Errors
/// When the model has a contract that it does not keep.
pub(super) async fn shape(job: &Job<'_>) -> Result<Shape, Diagnostic> {
    let rules = Rules { comments: docs::column_comments(job), ..Rules::default() };
    let plain = Shape { query: job.query(), lines_before: 0, rules, statement: None };
    Ok(plain)
}
