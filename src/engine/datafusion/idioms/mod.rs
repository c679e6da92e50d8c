//! What analysts write every day and DataFusion does not understand, in words that it does.
//!
//! The warehouses spell the same things in different ways. A statement is gone through once after it is parsed, and what has another
//! spelling here gets it: [`calls`] of functions, [`operators`], [`arrows`] of documents and [`lambdas`], [`zones`], the parts of
//! [`queries`], [`unnest`]. What depends on the columns that there are is planned: [`pivot`], [`aliases`]. What has no other spelling is a function of [`functions`](super::functions). The meaning is that of the warehouse whose word it is;
//! where they differ, a comment says which one's.

pub(super) mod aliases;
mod arrows;
mod build;
mod calls;
mod distinct;
mod lambdas;
mod operators;
mod pivot;
mod queries;
mod unnest;
mod zones;

pub(super) use pivot::Pivots;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Ident, Query, Select, SelectItem, TableFactor, VisitMut, VisitorMut};

/// Translates a part of a statement.
pub(super) fn translate(part: &mut impl VisitMut) {
    let _ = part.visit(&mut Translator::default());
}

#[derive(Default)]
struct Translator {
    /// What the columns of the open queries were before, outermost first: those that have no names are named by it.
    columns: Vec<Vec<Option<String>>>,
}

impl VisitorMut for Translator {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let unnamed = |item: &SelectItem| match item {
            SelectItem::UnnamedExpr(Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::Value(_)) => None,
            SelectItem::UnnamedExpr(expr) => Some(expr.to_string()),
            _ => None,
        };
        self.columns.push(select.projection.iter().map(unnamed).collect());
        ControlFlow::Continue(())
    }

    /// A column is named by what was written, not by what became of it.
    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let before = self.columns.pop().unwrap_or_default();
        for (item, before) in select.projection.iter_mut().zip(before) {
            if let SelectItem::UnnamedExpr(expr) = item
                && let Some(before) = before
                && expr.to_string() != before
            {
                let alias = Ident::with_quote('"', before.to_lowercase());
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        queries::translate(query);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        queries::translate_relation(factor);
        unnest::translate(factor);
        ControlFlow::Continue(())
    }

    /// Before what is in it: an arrow in a lambda is none of a document.
    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        distinct::translate(expr);
        calls::name_weeks(expr);
        lambdas::translate(expr);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
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
