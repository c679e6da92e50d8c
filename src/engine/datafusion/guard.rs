//! Refuses SQL that DataFusion accepts and then ignores: a result that is silently wrong is worse than an error.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{GroupByExpr, Query, Select, SelectFlavor, Spanned, TableFactor, Visit, Visitor};
use datafusion::sql::sqlparser::tokenizer::Location;

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

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<EngineError> {
        let place = position(query.body.as_ref());
        if query.for_clause.is_some() {
            return refuse("`for` after a query", "remove it", place);
        }
        if query.settings.is_some() || query.format_clause.is_some() {
            return refuse("`settings` or `format` after a query", "remove it", place);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<EngineError> {
        if select.flavor == SelectFlavor::FromFirstNoSelect {
            return refuse("a query without `select`", "start with `select`", position(select));
        }
        let (GroupByExpr::All(modifiers) | GroupByExpr::Expressions(_, modifiers)) = &select.group_by;
        if let Some(modifier) = modifiers.first() {
            let what = format!("`group by … {}`", modifier.to_string().to_lowercase());
            return refuse(&what, "use `rollup (…)`, `cube (…)` or `grouping sets (…)`", position(&select.group_by));
        }
        if let Some(prewhere) = &select.prewhere {
            return refuse("`prewhere`", "use `where`", position(prewhere));
        }
        if !select.connect_by.is_empty() {
            return refuse("`connect by`", "use `with recursive`", position(select));
        }
        if select.value_table_mode.is_some() {
            return refuse("`select as struct` or `as value`", "use `named_struct`", position(select));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<EngineError> {
        const SAMPLE: &str = "use `where random() < 0.1` for a sample of about a tenth";
        let (name, sample, version, partitions) = match factor {
            TableFactor::Table { name, sample, version, partitions, .. } => (name, sample, version, partitions),
            TableFactor::Derived { subquery, sample: Some(_), .. } => {
                return refuse("`tablesample` of a query", SAMPLE, position(subquery.as_ref()));
            }
            _ => return ControlFlow::Continue(()),
        };
        if sample.is_some() {
            return refuse(&format!("`tablesample` of `{name}`"), SAMPLE, position(name));
        }
        if version.is_some() {
            const HELP: &str = "say `version as of 3` or `timestamp as of '2026-01-31 08:15'`";
            return refuse(&format!("reading an earlier version of `{name}` so"), HELP, position(name));
        }
        if !partitions.is_empty() {
            return refuse(&format!("reading partitions of `{name}` by name"), "use `where`", position(name));
        }
        ControlFlow::Continue(())
    }
}

fn refuse(what: &str, help: &str, place: Option<Position>) -> ControlFlow<EngineError> {
    let error = EngineError::new(ErrorKind::Unsupported, format!("{what} is not supported"));
    ControlFlow::Break(error.help(help).at(place))
}

/// Where a part of a statement stands.
pub(super) fn position(node: &impl Spanned) -> Option<Position> {
    place_of(node.span().start)
}

/// A place that the parser tells; nothing where it tells none.
pub(super) fn place_of(start: Location) -> Option<Position> {
    let place = Position { line: usize::try_from(start.line).ok()?, column: usize::try_from(start.column).ok()? };
    (place.line > 0).then_some(place)
}
