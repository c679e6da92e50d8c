//! The typed side of rendering: YAML values that are one expression, and text that stands for a Python literal.

use std::ops::Range;

use minijinja::machinery::ast;
use minijinja::value::{Tuple, Value, ValueKind};

use crate::jinja::collection::{Dict, List};
use crate::jinja::grammar;
use crate::jinja::prepare::{is_too_long, prepare_expression};
use crate::jinja::python::text;
use crate::jinja::tag::{TagKind, tags};

/// The inside of a text that is one `{{ … }}` and nothing else.
///
/// dbt renders a YAML value with a list of pieces; a single piece keeps its type, several are joined to text.
pub(super) fn sole_expression(text: &str) -> Option<Range<usize>> {
    let tag = tags(text).next()?.ok()?;
    (tag.kind == TagKind::Expression && tag.outer == (0..text.len())).then_some(tag.inner)
}

/// What dbt's filters for values of YAML say that a text stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Literal {
    /// `as_text`: nothing but itself.
    Text,
    /// `as_native`: a literal of Python, or else itself.
    Any,
    /// `as_bool`: `True` or `False`.
    Bool,
    /// `as_number`.
    Number,
}

impl Literal {
    /// What the filter says that an expression ends with. A filter binds tighter than every operator, so that of
    /// `target.type == 'spark' | as_bool` is not the last thing that happens, and changes nothing.
    pub(super) fn of(expression: &str) -> Option<Self> {
        const FILTERS: [(&str, Literal); 4] = [
            ("as_text", Literal::Text),
            ("as_native", Literal::Any),
            ("as_bool", Literal::Bool),
            ("as_number", Literal::Number),
        ];
        if !expression.contains("as_") || is_too_long(expression) {
            return None;
        }
        let joined = prepare_expression(expression);
        let last = last_filter(&grammar::expression(&joined).ok()?)?.to_owned();
        FILTERS.iter().find(|(name, _)| *name == last).map(|(_, literal)| *literal)
    }

    /// Reads the text that the filter gave.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn read(self, value: Value) -> Result<Value, String> {
        if self == Literal::Text {
            return Ok(value);
        }
        let read = literal(&text(&value)).unwrap_or_else(|| value.clone());
        match self {
            Literal::Bool if read.kind() != ValueKind::Bool => {
                Err(format!("`{}` is neither `True` nor `False`", text(&value)))
            }
            Literal::Number if read.kind() != ValueKind::Number => Err(format!("`{}` is no number", text(&value))),
            _ => Ok(read),
        }
    }
}

/// The filter that gives an expression its value; of both branches of a condition the same.
fn last_filter<'e>(expression: &ast::Expr<'e>) -> Option<&'e str> {
    match expression {
        ast::Expr::Filter(filter) => Some(filter.name),
        ast::Expr::IfExpr(condition) => {
            let name = last_filter(&condition.true_expr)?;
            let other = condition.false_expr.as_ref().map(last_filter);
            other.is_none_or(|other| other == Some(name)).then_some(name)
        }
        _ => None,
    }
}

/// The value that a text stands for as a Python literal: a number, a string in quotes, `True`, `None`, a list, dict or tuple of
/// those. For dbt's filters `as_native`, `as_bool` and `as_number`.
#[must_use]
pub fn literal(text: &str) -> Option<Value> {
    let text = text.trim();
    if is_too_long(text) {
        return None;
    }
    value(&grammar::expression(text).ok()?)
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
