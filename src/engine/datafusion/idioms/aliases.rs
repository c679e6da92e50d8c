//! A column may be built on one before it, by its name: `select a + 1 as b, b * 2 as c`, as all warehouses have it.
//!
//! A column of the tables goes before such a name, and which columns there are only the planner knows. So a statement is planned as it
//! is, and where a column is missing that the same `select` has given a name to, the expression takes its place.

use std::ops::ControlFlow;

use datafusion::common::{DataFusionError, SchemaError};
use datafusion::execution::SessionState;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Expr, Function, Ident, Query, Select, SelectItem, Visit, VisitMut, Visitor, VisitorMut,
};
use datafusion::sql::sqlparser::tokenizer::Location;

use super::build;
use super::names::{self, Place, folded};
use crate::engine::datafusion::guard::place_of;
use crate::engine::{EngineError, ErrorKind};

/// More names than this in one statement are left to the planner to refuse.
const MOST: usize = 500;

/// A statement does not grow by more parts than this: where each column names the one before it three times, those of eight or so.
const MOST_PARTS: usize = 30_000;

/// Functions that give something else each time: an expression with one of them cannot be written twice.
const VOLATILE: [&str; 3] = ["random", "rand", "uuid"];

/// Plans a statement.
///
/// # Errors
/// The planner's own, and [`ErrorKind::Unsupported`] for a name that its expression cannot take the place of.
pub(in crate::engine::datafusion) async fn plan(
    state: &SessionState,
    mut statement: Statement,
) -> Result<LogicalPlan, EngineError> {
    let mut parts = 0;
    for _ in 0..MOST {
        let error = match state.statement_to_plan(statement.clone()).await {
            Ok(plan) => return Ok(plan),
            Err(error) => error,
        };
        let Statement::Statement(parsed) = &mut statement else { return Err(error.into()) };
        let Some(missing) = Missing::of(&error) else { return Err(error.into()) };
        match parsed.as_mut().visit(&mut Resolver { missing, parts: &mut parts }) {
            ControlFlow::Continue(()) => return Err(error.into()),
            ControlFlow::Break(resolved) => resolved?,
        }
    }
    Ok(state.statement_to_plan(statement).await?)
}

/// A column that does not exist, and where it is named, as far as the planner says.
struct Missing {
    name: String,
    place: Option<Location>,
}

impl Missing {
    fn of(error: &DataFusionError) -> Option<Self> {
        let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
        let place = span.map(|span| Location { line: span.start.line, column: span.start.column });
        let DataFusionError::SchemaError(schema, _) = error.find_root() else { return None };
        match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } if field.relation.is_none() => {
                Some(Missing { name: field.name.clone(), place })
            }
            _ => None,
        }
    }

    /// Whether this is the part of a `select` that names it, at its place.
    fn is_named_in(&self, part: &impl Visit) -> bool {
        part.visit(&mut Uses { missing: self, place: Place::default() }).is_break()
    }

    /// Whether a name means the column.
    fn is(&self, name: &Ident) -> bool {
        folded(name) == self.name
    }

    /// The error for a column whose name cannot be used.
    fn refused(&self, why: &str) -> EngineError {
        let name = &self.name;
        let message = format!("column `{name}` cannot be used by its name in the `select` that makes it: {why}");
        let help =
            format!("make `{name}` in a query of its own, `with made as (select … as {name} …)`, and select from that");
        EngineError::new(ErrorKind::Unsupported, message).help(help).at(self.place.and_then(place_of))
    }
}

/// Puts the expression in the place of the name, in the `select` that names it; breaks when it did, or cannot.
struct Resolver<'a> {
    missing: Missing,
    /// By how many parts the statement has grown.
    parts: &'a mut usize,
}

impl VisitorMut for Resolver<'_> {
    type Break = Result<(), EngineError>;

    /// The innermost comes first.
    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<Self::Break> {
        let missing = &self.missing;
        let given = select.projection.iter().enumerate().find_map(|(at, item)| match item {
            SelectItem::ExprWithAlias { expr, alias } if missing.is(alias) => Some((at, expr.clone())),
            _ => None,
        });
        let Some((at, expr)) = given else { return ControlFlow::Continue(()) };
        let named = select.projection.iter().skip(at + 1).any(|item| missing.is_named_in(item))
            || [&select.selection, &select.having, &select.qualify].into_iter().any(|part| missing.is_named_in(part));
        if !named {
            return ControlFlow::Continue(());
        }
        if is_volatile(&expr) {
            return ControlFlow::Break(Err(missing.refused("it would be computed once more, and be another value")));
        }
        let size = size(&expr);
        let parts = &mut *self.parts;
        let mut given = |name: &[Ident]| match name {
            [name] if missing.is(name) && *parts <= MOST_PARTS => {
                *parts += size;
                Some(build::nested(expr.clone()))
            }
            _ => None,
        };
        for item in select.projection.iter_mut().skip(at + 1) {
            if let SelectItem::UnnamedExpr(expr) = item
                && let Expr::Identifier(name) = &expr
            {
                let alias = name.clone();
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            names::replace(item, &mut given);
        }
        for part in [&mut select.selection, &mut select.having, &mut select.qualify] {
            names::replace(part, &mut given);
        }
        if *self.parts > MOST_PARTS {
            let why = "the columns that build on each other, written out, are too long";
            return ControlFlow::Break(Err(missing.refused(why)));
        }
        ControlFlow::Break(Ok(()))
    }
}

/// Looks for the name at its place, outside of queries and lambdas; breaks when it finds it.
struct Uses<'a> {
    missing: &'a Missing,
    place: Place,
}

impl Visitor for Uses<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.place.enter_query();
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.place.leave_query();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.place.enter(expr);
        if let Expr::Identifier(name) = expr
            && self.place.sees(name)
            && self.missing.place.is_none_or(|place| name.span.start == place)
            && self.missing.is(name)
        {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        self.place.leave(expr);
        ControlFlow::Continue(())
    }
}

/// How many parts an expression has.
fn size(expr: &Expr) -> usize {
    struct Parts(usize);
    impl Visitor for Parts {
        type Break = ();

        fn pre_visit_expr(&mut self, _: &Expr) -> ControlFlow<()> {
            self.0 += 1;
            ControlFlow::Continue(())
        }
    }
    let mut parts = Parts(0);
    let _ = expr.visit(&mut parts);
    parts.0
}

fn is_volatile(expr: &Expr) -> bool {
    struct Calls(bool);
    impl Visitor for Calls {
        type Break = ();

        fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
            let named = |call: &Function| build::name(call).is_some_and(|name| VOLATILE.contains(&name.as_str()));
            self.0 |= matches!(expr, Expr::Function(call) if named(call));
            ControlFlow::Continue(())
        }
    }
    let mut calls = Calls(false);
    let _ = expr.visit(&mut calls);
    calls.0
}
