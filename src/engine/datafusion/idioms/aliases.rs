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

/// More names than this in one statement are left to the planner to refuse.
const MOST: usize = 500;

/// Functions that give something else each time: an expression with one of them cannot be written twice.
const VOLATILE: [&str; 3] = ["random", "rand", "uuid"];

/// Plans a statement.
///
/// # Errors
/// The planner's own.
pub(in crate::engine::datafusion) async fn plan(
    state: &SessionState,
    mut statement: Statement,
) -> Result<LogicalPlan, DataFusionError> {
    for _ in 0..MOST {
        let error = match state.statement_to_plan(statement.clone()).await {
            Ok(plan) => return Ok(plan),
            Err(error) => error,
        };
        let Statement::Statement(parsed) = &mut statement else { return Err(error) };
        let Some(missing) = Missing::of(&error) else { return Err(error) };
        if parsed.as_mut().visit(&mut Resolver(missing)).is_continue() {
            return Err(error);
        }
    }
    state.statement_to_plan(statement).await
}

/// A column that does not exist, and where it is named.
struct Missing {
    name: String,
    place: Location,
}

impl Missing {
    fn of(error: &DataFusionError) -> Option<Self> {
        let place = error.diagnostic()?.span?.start;
        let DataFusionError::SchemaError(schema, _) = error.find_root() else { return None };
        match schema.as_ref() {
            SchemaError::FieldNotFound { field, .. } if field.relation.is_none() => {
                Some(Missing { name: field.name.clone(), place: Location { line: place.line, column: place.column } })
            }
            _ => None,
        }
    }

    /// Whether this is the part of a `select` that names it at the place.
    fn is_named_in(&self, part: &impl Visit) -> bool {
        part.visit(&mut Uses { missing: self, depth: 0 }).is_break()
    }

    /// Whether a name means the column.
    fn is(&self, name: &Ident) -> bool {
        match name.quote_style {
            Some(_) => name.value == self.name,
            None => name.value.to_lowercase() == self.name,
        }
    }
}

/// Puts the expression in the place of the name, in the `select` that names it; breaks when it did.
struct Resolver(Missing);

impl VisitorMut for Resolver {
    type Break = ();

    /// The innermost comes first.
    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let missing = &self.0;
        let given = select.projection.iter().enumerate().find_map(|(at, item)| match item {
            SelectItem::ExprWithAlias { expr, alias } if missing.is(alias) => Some((at, expr.clone())),
            _ => None,
        });
        let Some((at, expr)) = given else { return ControlFlow::Continue(()) };
        let named = select.projection.iter().skip(at + 1).any(|item| missing.is_named_in(item))
            || [&select.selection, &select.having, &select.qualify].into_iter().any(|part| missing.is_named_in(part));
        if !named || is_volatile(&expr) {
            return ControlFlow::Continue(());
        }
        let mut given = Given { missing, depth: 0, expr };
        for item in select.projection.iter_mut().skip(at + 1) {
            if let SelectItem::UnnamedExpr(expr) = item
                && let Expr::Identifier(name) = &expr
            {
                let alias = name.clone();
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            let _ = item.visit(&mut given);
        }
        for part in [&mut select.selection, &mut select.having, &mut select.qualify] {
            let _ = part.visit(&mut given);
        }
        ControlFlow::Break(())
    }
}

/// Looks for the place, outside of queries in it; breaks when it finds it.
struct Uses<'a> {
    missing: &'a Missing,
    depth: usize,
}

impl Visitor for Uses<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if self.depth == 0
            && let Expr::Identifier(name) = expr
            && name.span.start == self.missing.place
            && self.missing.is(name)
        {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// Puts the expression in the place of the name, outside of queries.
struct Given<'a> {
    missing: &'a Missing,
    depth: usize,
    expr: Expr,
}

impl VisitorMut for Given<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if self.depth == 0
            && let Expr::Identifier(name) = expr
            && self.missing.is(name)
        {
            *expr = build::nested(self.expr.clone());
        }
        ControlFlow::Continue(())
    }
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
