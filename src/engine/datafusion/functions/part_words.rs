//! `datediff(month, a, b)`: warehouses take the part of a date without quotes, where standard SQL sees a column.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value, VisitMut, VisitorMut,
};

use super::part::Part;

/// The functions that take a part of a date first; a column would make no sense there.
const FUNCTIONS: [&str; 7] =
    ["date_diff", "date_part", "date_trunc", "dateadd", "datediff", "datepart", "timestampdiff"];

/// Puts quotes round the parts of dates in the calls of a statement.
pub(in crate::engine::datafusion) fn quote(part: &mut impl VisitMut) {
    let _ = part.visit(&mut Quotes);
}

/// Whether a word names a part of a date.
pub(in crate::engine::datafusion) fn is_part(word: &str) -> bool {
    Part::named(word).is_ok()
}

struct Quotes;

impl VisitorMut for Quotes {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(call) = expr
            && let [name] = call.name.0.as_slice()
            && name.as_ident().is_some_and(|name| FUNCTIONS.contains(&name.value.to_lowercase().as_str()))
            && let FunctionArguments::List(list) = &mut call.args
            && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first))) = list.args.first_mut()
            && let Expr::Identifier(word) = first
            && word.quote_style.is_none()
            && Part::named(&word.value).is_ok()
        {
            *first = Expr::value(Value::SingleQuotedString(word.value.clone()));
        }
        ControlFlow::Continue(())
    }
}
