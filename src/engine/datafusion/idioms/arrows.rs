//! Into documents: `document -> 'key'`, `document ->> 'key'` and `document:key[0].name::int`.
//!
//! PostgreSQL and DuckDB have the arrows, the first of which gives a document and the second a text; Snowflake and Databricks have the
//! colon, which here gives a text, too. The parser reads the arrows as operators that bind less than a comparison: what they are written
//! between is looked for at the ends of what it found.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, JsonPathElem};

use super::build;

/// Translates one arrow.
pub(super) fn translate(expr: &mut Expr) {
    let Expr::BinaryOp { left, op, right } = expr else { return };
    let function = match op {
        BinaryOperator::Arrow => "json_get_json",
        BinaryOperator::LongArrow => "json_as_text",
        _ => return,
    };
    // Of `a * b -> 'c' + d` neither side can be told without a table of how all operators bind.
    if is_compound(left) && is_compound(right) && !is_comparison(left) {
        return;
    }
    let (mut before, mut after) = (left.as_ref().clone(), right.as_ref().clone());
    let (document, key) = (trailing(&mut before), build::leading(&mut after));
    *key = build::call(function, [document.clone(), key.clone()]);
    *document = after;
    *expr = before;
}

/// The part of an expression that its text ends with.
fn trailing(expr: &mut Expr) -> &mut Expr {
    match expr {
        Expr::BinaryOp { right, .. } => trailing(right),
        Expr::UnaryOp { expr, .. } => trailing(expr),
        other => other,
    }
}

fn is_compound(expr: &Expr) -> bool {
    matches!(expr, Expr::BinaryOp { .. })
}

fn is_comparison(expr: &Expr) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(expr, Expr::BinaryOp { op: Eq | NotEq | Gt | GtEq | Lt | LtEq, .. })
}

/// Translates `document:key[0].name`. The colon binds less than other operators, too: the document is what stands before it.
pub(super) fn translate_path(expr: &mut Expr) {
    let Expr::JsonAccess { value, path } = expr else { return };
    let keys = path.path.iter().map(|element| match element {
        JsonPathElem::Dot { key, .. } => Some(build::text(key)),
        JsonPathElem::Bracket { key } | JsonPathElem::ColonBracket { key } => match key {
            Expr::Value(_) => Some(key.clone()),
            _ => None,
        },
    });
    let Some(keys) = keys.collect::<Option<Vec<_>>>() else { return };
    let mut before = value.as_ref().clone();
    let document = trailing(&mut before);
    *document = build::call("json_as_text", std::iter::once(document.clone()).chain(keys));
    *expr = before;
}
