//! The operators `== != < <= > >=`.

use std::cmp::Ordering;

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::number::Number;
use crate::jinja::collection::Set;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::jinja) enum Comparison {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// Compares as Python does: values of different kinds are unequal and have no order.
pub(in crate::jinja) fn compare(comparison: Comparison, left: &Value, right: &Value) -> Result<bool, Error> {
    match comparison {
        Comparison::Eq => Ok(same(left, right)),
        Comparison::Ne => Ok(!same(left, right)),
        _ => ordered(comparison, left, right),
    }
}

/// Whether two values are equal.
pub(in crate::jinja) fn same(left: &Value, right: &Value) -> bool {
    match (Number::of(left), Number::of(right)) {
        (Some(a), Some(b)) => a.order(b) == Some(Ordering::Equal),
        (Some(_), None) | (None, Some(_)) => false,
        (None, None) => left == right,
    }
}

fn ordered(comparison: Comparison, left: &Value, right: &Value) -> Result<bool, Error> {
    if let (Some(a), Some(b)) = (Number::of(left), Number::of(right)) {
        return Ok(a.order(b).is_some_and(|order| comparison.holds(order)));
    }
    if let (Some(a), Some(b)) = (left.downcast_object_ref::<Set>(), right.downcast_object_ref::<Set>()) {
        let (below, above) = (a.is_within(&b.items()), b.is_within(&a.items()));
        return Ok(match comparison {
            Comparison::Lt => below && !above,
            Comparison::Le => below,
            Comparison::Gt => above && !below,
            _ => above,
        });
    }
    order(left, right).map(|order| comparison.holds(order))
}

/// How two values are ordered.
///
/// # Errors
/// When they have no order.
pub(in crate::jinja) fn order(left: &Value, right: &Value) -> Result<Ordering, Error> {
    let none = || {
        let message = format!("a {} and a {} have no order", kind(left), kind(right));
        Error::new(ErrorKind::InvalidOperation, message)
    };
    if let (Some(a), Some(b)) = (Number::of(left), Number::of(right)) {
        return a.order(b).ok_or_else(none);
    }
    match (left.kind(), right.kind()) {
        (ValueKind::String, ValueKind::String) => Ok(left.as_str().cmp(&right.as_str())),
        (ValueKind::Seq, ValueKind::Seq) if left.is_tuple() == right.is_tuple() => {
            let (mut a, mut b) = (left.try_iter()?, right.try_iter()?);
            loop {
                match (a.next(), b.next()) {
                    (Some(one), Some(other)) if same(&one, &other) => {}
                    (Some(one), Some(other)) => return order(&one, &other),
                    (one, other) => return Ok(one.is_some().cmp(&other.is_some())),
                }
            }
        }
        (ValueKind::Plain, ValueKind::Plain) => {
            let found = match (left.as_object(), right.as_object()) {
                (Some(a), Some(b)) if a.type_name() == b.type_name() => a.custom_cmp(b),
                _ => None,
            };
            found.ok_or_else(none)
        }
        _ => Err(none()),
    }
}

fn kind(value: &Value) -> String {
    value.kind().to_string()
}

impl Comparison {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Eq => order.is_eq(),
            Comparison::Ne => order.is_ne(),
            Comparison::Lt => order.is_lt(),
            Comparison::Le => order.is_le(),
            Comparison::Gt => order.is_gt(),
            Comparison::Ge => order.is_ge(),
        }
    }
}
