//! `a is distinct from b and c`: the comparison binds closer than `not`, `and` and `or`, but the parser takes all that follows for its
//! second operand. Here the conditions are put together once more, as they stand in the text.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::build;

/// Mends a condition that ends with such a comparison. It must be as it was parsed: there only brackets put an `or` below an `and`.
pub(super) fn translate(expr: &mut Expr) {
    if ends_with_one(expr) {
        let mut conditions = Vec::new();
        in_order(expr, &mut conditions);
        if let Some(mended) = together(conditions) {
            *expr = mended;
        }
    }
}

/// Whether the last condition is a comparison that has taken others for its operand.
fn ends_with_one(expr: &Expr) -> bool {
    match expr {
        Expr::IsDistinctFrom(_, other) | Expr::IsNotDistinctFrom(_, other) => joins(other).is_some(),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => ends_with_one(expr),
        _ => joins(expr).is_some_and(|(.., right)| ends_with_one(right)),
    }
}

/// The parts of two conditions that `and` or `or` joins.
fn joins(expr: &Expr) -> Option<(&Expr, bool, &Expr)> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => Some((left, false, right)),
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => Some((left, true, right)),
        _ => None,
    }
}

/// The conditions as they stand in the text, each with whether an `or` is before it.
fn in_order(expr: &Expr, found: &mut Vec<(bool, Expr)>) {
    let at = found.len();
    let mut wrap_first = |inner: &Expr, wrap: &dyn Fn(Expr) -> Expr| {
        in_order(inner, found);
        if let Some((_, first)) = found.get_mut(at) {
            *first = wrap(first.clone());
        }
    };
    match (expr, joins(expr)) {
        (_, Some((left, is_or, right))) => {
            in_order(left, found);
            let middle = found.len();
            in_order(right, found);
            if let Some((before, _)) = found.get_mut(middle) {
                *before = is_or;
            }
        }
        (Expr::IsDistinctFrom(one, other), _) => {
            wrap_first(other, &|other| Expr::IsDistinctFrom(one.clone(), Box::new(other)));
        }
        (Expr::IsNotDistinctFrom(one, other), _) => {
            wrap_first(other, &|other| Expr::IsNotDistinctFrom(one.clone(), Box::new(other)));
        }
        (Expr::UnaryOp { op: UnaryOperator::Not, expr }, _) => {
            wrap_first(expr, &|expr| Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) });
        }
        _ => found.push((false, expr.clone())),
    }
}

/// `and` binds closer than `or`.
fn together(conditions: Vec<(bool, Expr)>) -> Option<Expr> {
    let mut alternatives: Vec<Expr> = Vec::new();
    for (is_or, condition) in conditions {
        match alternatives.pop() {
            Some(before) if !is_or => alternatives.push(build::binary(before, BinaryOperator::And, condition)),
            before => {
                alternatives.extend(before);
                alternatives.push(condition);
            }
        }
    }
    alternatives.into_iter().reduce(|one, other| build::binary(one, BinaryOperator::Or, other))
}
