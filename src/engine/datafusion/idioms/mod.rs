//! What analysts write every day and DataFusion does not understand, in words that it does.
//!
//! The warehouses spell the same things in different ways. A statement is gone through once after it is parsed, and what has another
//! spelling here gets it: [`calls`] of functions, [`operators`], [`arrows`] of documents and [`lambdas`], [`zones`], the parts of
//! [`queries`], the columns of joins by [`using`], [`unnest`], [`wildcards`], [`date_parts`], [`arrays`], [`tuples`], [`windows`]; and
//! columns without a name get one ([`columns`]), and expressions that only give a name go ([`ctes`]). What depends on the columns that
//! there are is planned: [`pivot`], [`aliases`]. What has no other spelling is a function of [`functions`](super::functions). The meaning
//! is that of the warehouse whose word it is; where they differ, a comment says which one's.

pub(super) mod aliases;
mod arrays;
mod arrows;
mod build;
mod calls;
mod columns;
mod ctes;
mod date_parts;
mod distinct;
mod lambdas;
mod names;
mod operators;
mod pivot;
mod queries;
mod tuples;
mod unnest;
mod using;
mod wildcards;
mod windows;
mod zones;

pub(super) use pivot::Pivots;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Query, Select, Statement, TableFactor, VisitMut, VisitorMut};

use super::functions::part_words;
use crate::engine::EngineError;

/// Translates a part of a statement, and puts quotes round the words in it that functions understand.
///
/// # Errors
/// [`ErrorKind::Unsupported`](crate::engine::ErrorKind::Unsupported) for what would be planned, but as something else than it means.
pub(super) fn translate(part: &mut impl VisitMut) -> Result<(), EngineError> {
    match part.visit(&mut Translator::default()) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(error),
    }
}

fn or_break(translated: Result<(), EngineError>) -> ControlFlow<EngineError> {
    match translated {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error),
    }
}

#[derive(Default)]
struct Translator {
    /// The names of the columns of the open queries that have none, outermost first. A column is named by what was written, not by what
    /// became of it.
    columns: Vec<Vec<Option<String>>>,
}

impl VisitorMut for Translator {
    type Break = EngineError;

    fn pre_visit_statement(&mut self, statement: &mut Statement) -> ControlFlow<EngineError> {
        if let Statement::Query(query) = statement {
            ctes::translate_whole(query);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<EngineError> {
        self.columns.push(columns::unnamed(select));
        unnest::name_elements(select);
        windows::translate(select);
        or_break(tuples::translate(select))
    }

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<EngineError> {
        columns::give(select, self.columns.pop().unwrap_or_default());
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<EngineError> {
        ctes::translate(query);
        or_break(wildcards::translate(query))?;
        queries::translate(query);
        unnest::name_elements_of_order(query);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<EngineError> {
        or_break(using::translate(query))?;
        queries::order_distinct(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<EngineError> {
        queries::translate_relation(factor);
        or_break(unnest::translate(factor))
    }

    /// Before what is in it: an arrow in a lambda is none of a document, and the word of a part of a date is no column.
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<EngineError> {
        distinct::translate(expr);
        calls::name_weeks(expr);
        arrays::translate(expr);
        lambdas::translate(expr);
        date_parts::translate(expr);
        part_words::quote(expr);
        or_break(windows::refuse(expr))?;
        or_break(tuples::refuse(expr))
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<EngineError> {
        match expr {
            Expr::AtTimeZone { .. } => zones::translate(expr),
            Expr::BinaryOp { .. } => arrows::translate(expr),
            Expr::JsonAccess { .. } => arrows::translate_path(expr),
            Expr::Function(call) => {
                if let Some(expression) = calls::expression(call) {
                    *expr = expression;
                }
            }
            _ => {}
        }
        operators::translate(expr);
        ControlFlow::Continue(())
    }
}
