//! Operators: `rlike`, `//`, `like any`, `(struct).field`, `list[offset(0)]`, `struct_pack(a := 1)`.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Subscript,
    UnaryOperator,
};

use super::build;

/// Translates one operator.
pub(super) fn translate(expr: &mut Expr) {
    let translated = match expr {
        Expr::RLike { negated, expr, pattern, .. } => {
            let found = build::call("regexp_like", [expr.as_ref().clone(), pattern.as_ref().clone()]);
            Some(if *negated { not(found) } else { found })
        }
        Expr::BinaryOp { left, op: BinaryOperator::DuckIntegerDivide, right } => {
            Some(build::call("div", [left.as_ref().clone(), right.as_ref().clone()]))
        }
        Expr::Like { any: true, .. } | Expr::ILike { any: true, .. } => like_any(expr),
        Expr::CompoundFieldAccess { access_chain, .. } => {
            access_chain.iter_mut().for_each(access);
            None
        }
        Expr::Function(call) => struct_pack(call),
        _ => None,
    };
    if let Some(translated) = translated {
        *expr = translated;
    }
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(build::nested(expr)) }
}

/// `x like any ('a%', 'b%')`: it is like one of them at least; with `not`, like none of them, as Snowflake has it.
fn like_any(expr: &Expr) -> Option<Expr> {
    let (Expr::Like { negated, pattern, .. } | Expr::ILike { negated, pattern, .. }) = expr else { return None };
    let patterns = match pattern.as_ref() {
        Expr::Tuple(patterns) => patterns.clone(),
        Expr::Nested(pattern) => vec![pattern.as_ref().clone()],
        _ => return None,
    };
    let one = |wanted: Expr| {
        let mut one = expr.clone();
        if let Expr::Like { negated, pattern, any, .. } | Expr::ILike { negated, pattern, any, .. } = &mut one {
            (*negated, *any, **pattern) = (false, false, wanted);
        }
        one
    };
    let any = patterns.into_iter().map(one).reduce(|one, other| build::binary(one, BinaryOperator::Or, other))?;
    Some(if *negated { not(any) } else { build::nested(any) })
}

/// A field by its name, and an element by BigQuery's words, which count from 0 unless it is an ordinal.
fn access(access: &mut AccessExpr) {
    match access {
        AccessExpr::Dot(Expr::Identifier(name)) => {
            let index = build::text(&name.value);
            *access = AccessExpr::Subscript(Subscript::Index { index });
        }
        AccessExpr::Subscript(Subscript::Index { index }) => {
            let Expr::Function(call) = index else { return };
            let (Some(name), FunctionArguments::List(list)) = (build::name(call), &call.args) else { return };
            let Some([position]) = build::arguments(list).and_then(|args| <[Expr; 1]>::try_from(args).ok()) else {
                return;
            };
            match name.as_str() {
                "offset" | "safe_offset" => *index = build::binary(position, BinaryOperator::Plus, build::number(1)),
                "ordinal" | "safe_ordinal" => *index = position,
                _ => {}
            }
        }
        AccessExpr::Dot(_) | AccessExpr::Subscript(Subscript::Slice { .. }) => {}
    }
}

/// DuckDB's way to make a struct.
fn struct_pack(call: &Function) -> Option<Expr> {
    let FunctionArguments::List(list) = &call.args else { return None };
    if build::name(call)? != "struct_pack" {
        return None;
    }
    let mut fields = Vec::new();
    for arg in &list.args {
        let FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } = arg else { return None };
        fields.extend([build::text(&name.value), value.clone()]);
    }
    Some(build::call("named_struct", fields))
}
