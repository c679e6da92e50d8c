//! Refuses SQL that DataFusion accepts and then ignores: a result that is silently wrong is worse than an error.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Spanned, TableFactor, Visit, Visitor};

use crate::engine::{EngineError, ErrorKind, Position};

/// Checks a statement before it is planned.
///
/// # Errors
/// [`ErrorKind::Unsupported`] with the place of the part that would be ignored.
pub(super) fn check(statement: &Statement) -> Result<(), EngineError> {
    let statement = match statement {
        Statement::Statement(statement) => statement,
        Statement::Explain(explain) => return check(&explain.statement),
        _ => return Ok(()),
    };
    match statement.visit(&mut Guard) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Guard;

impl Visitor for Guard {
    type Break = EngineError;

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<EngineError> {
        match factor {
            TableFactor::Table { sample: Some(_), name, .. } => ControlFlow::Break(
                EngineError::new(ErrorKind::Unsupported, format!("`tablesample` of `{name}` is not supported"))
                    .help("use `where random() < 0.1` for a sample of about a tenth")
                    .at(position(name)),
            ),
            TableFactor::Table { version: Some(_), name, .. } => ControlFlow::Break(
                EngineError::new(
                    ErrorKind::Unsupported,
                    format!("reading an earlier version of `{name}` is not supported"),
                )
                .at(position(name)),
            ),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn position(node: &impl Spanned) -> Option<Position> {
    let start = node.span().start;
    let place = Position { line: usize::try_from(start.line).ok()?, column: usize::try_from(start.column).ok()? };
    (place.line > 0).then_some(place)
}
