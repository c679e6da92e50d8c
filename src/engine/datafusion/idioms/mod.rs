//! What analysts write every day and DataFusion does not understand, in words that it does.
//!
//! The warehouses spell the same things in different ways. A statement is gone through once after it is parsed, and what has another
//! spelling here gets it; what has none is a function of [`functions`](super::functions). The meaning is that of the warehouse whose word
//! it is; where they differ, that of Snowflake, and a comment says so.

mod build;
mod zones;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, VisitMut, VisitorMut};

/// Translates a part of a statement.
pub(super) fn translate(part: &mut impl VisitMut) {
    let _ = part.visit(&mut Translator);
}

struct Translator;

impl VisitorMut for Translator {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        zones::translate(expr);
        ControlFlow::Continue(())
    }
}
