//! The typed side of rendering: values of YAML that print one piece, and text that stands for a Python literal.
//!
//! dbt renders a value of YAML as a list of pieces, whatever conditions and loops they stand in: each text between tags and each
//! `{{ … }}` that is reached is one. A single piece keeps its type, several are joined to text.

use std::fmt;
use std::sync::Arc;

use minijinja::machinery::ast;
use minijinja::value::{Object, ObjectRepr, Tuple, Value, ValueKind};

use crate::jinja::collection::{Dict, List};
use crate::jinja::grammar;
use crate::jinja::prepare::is_too_long;

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
    /// What the filter of this name says.
    pub(super) fn of(filter: &str) -> Option<Self> {
        Some(match filter {
            "as_text" => Literal::Text,
            "as_native" => Literal::Any,
            "as_bool" => Literal::Bool,
            "as_number" => Literal::Number,
            _ => return None,
        })
    }

    /// Reads the text that the filter gave.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn read(self, text: &str) -> Result<Value, String> {
        let read = literal(text).filter(|_| self != Literal::Text).unwrap_or_else(|| Value::from(text));
        match self {
            Literal::Bool if read.kind() != ValueKind::Bool => Err(format!("`{text}` is neither `True` nor `False`")),
            Literal::Number if read.kind() != ValueKind::Number => Err(format!("`{text}` is no number")),
            _ => Ok(read),
        }
    }
}

/// What such a filter gives where it is the last thing that an expression does. A filter binds tighter than every operator, so
/// that of `target.type == 'spark' | as_bool` is not, and changes nothing.
#[derive(Debug)]
pub(super) struct Marked {
    /// How the text is read, if it is all that is printed.
    pub(super) literal: Literal,
    /// The text.
    pub(super) text: String,
}

impl Object for Marked {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The value of a template that printed nothing but `piece`.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn whole(piece: Value) -> Result<Value, String> {
    match piece.downcast_object_ref::<Marked>() {
        Some(Marked { literal, text }) => literal.read(text),
        None => Ok(piece),
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
