//! `datediff(month, a, b)`: warehouses take the part of a date without quotes, where standard SQL sees a column.

use datafusion::sql::sqlparser::ast::{Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value};

use super::part::Part;

/// The functions that take a part of a date first; a column would make no sense there.
const FUNCTIONS: [&str; 7] =
    ["date_diff", "date_part", "date_trunc", "dateadd", "datediff", "datepart", "timestampdiff"];

/// Puts quotes round the part of a date in a call. Where the last argument is one, too, as BigQuery
/// has it, the longer word is the part and the other a column: `date_trunc(d, week)`, `date_trunc(week, d)`.
pub(in crate::engine::datafusion) fn quote(expr: &mut Expr) {
    if let Expr::Function(call) = expr
        && let [name] = call.name.0.as_slice()
        && name.as_ident().is_some_and(|name| FUNCTIONS.contains(&name.value.to_lowercase().as_str()))
        && let FunctionArguments::List(list) = &mut call.args
        && let last = list.args.last().and_then(unit).map_or(0, str::len)
        && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first))) = list.args.first_mut()
        && let Expr::Identifier(word) = first
        && word.quote_style.is_none()
        && is_part(&word.value)
        && word.value.len() >= last
    {
        *first = Expr::value(Value::SingleQuotedString(word.value.clone()));
    }
}

/// The part of a date that an argument is, with or without quotes.
fn unit(argument: &FunctionArg) -> Option<&str> {
    let word = match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(word))) if word.quote_style.is_none() => {
            &word.value
        }
        FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Value(text))) => match &text.value {
            Value::SingleQuotedString(text) => text,
            _ => return None,
        },
        _ => return None,
    };
    is_part(word).then_some(word)
}

/// Whether a word names a part of a date.
pub(in crate::engine::datafusion) fn is_part(word: &str) -> bool {
    Part::named(word).is_ok()
}
