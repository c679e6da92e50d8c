//! The typed side of rendering: YAML values that are one expression, and text that stands for a Python literal.

use std::ops::Range;

use minijinja::machinery::{ast, parse_expr};
use minijinja::value::{Tuple, Value};

use crate::jinja::collection::{Dict, List};
use crate::jinja::prepare::is_too_long;
use crate::jinja::tag::{TagKind, tags};

/// The inside of a text that is one `{{ … }}` and nothing else.
///
/// dbt renders a YAML value with a list of pieces; a single piece keeps its type, several are joined to text.
pub(super) fn sole_expression(text: &str) -> Option<Range<usize>> {
    let tag = tags(text).next()?.ok()?;
    (tag.kind == TagKind::Expression && tag.outer == (0..text.len())).then_some(tag.inner)
}

/// The value that a text stands for as a Python literal: a number, a string in quotes, `True`, `None`, a list, dict or tuple of
/// those. For dbt's filters `as_native`, `as_bool` and `as_number`.
#[must_use]
pub fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    if is_too_long(text) {
        return None;
    }
    value(&parse_expr(text).ok()?)
}

fn value(expression: &ast::Expr<'_>) -> Option<Value> {
    match expression {
        ast::Expr::Const(constant) => Some(constant.value.clone()),
        ast::Expr::UnaryOp(operation) if matches!(operation.op, ast::UnaryOpKind::Neg) => {
            let number = value(&operation.expr).filter(Value::is_number)?;
            match i64::try_from(number.clone()) {
                Ok(number) if !matches!(operation.expr, ast::Expr::UnaryOp(_)) => Some(Value::from(-number)),
                _ => f64::try_from(number).ok().map(|number| Value::from(-number)),
            }
        }
        ast::Expr::List(list) => list.items.iter().map(value).collect::<Option<List>>().map(Value::from),
        ast::Expr::Tuple(tuple) => {
            let items: Option<Vec<Value>> = tuple.items.iter().map(value).collect();
            items.map(|items| Value::from(Tuple::from(items)))
        }
        ast::Expr::Map(map) => {
            let entries = map.keys.iter().zip(&map.values).map(|(key, item)| Some((value(key)?, value(item)?)));
            entries.collect::<Option<Dict>>().map(Value::from)
        }
        _ => None,
    }
}
