//! Operators: `rlike`, `//`, `like any`, `like all`, `x in unnest(list)`, `(struct).field`, `list[offset(0)]`, `struct_pack(a := 1)`.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Subscript,
    UnaryOperator, Value,
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
        Expr::Like { .. } | Expr::ILike { .. } => like_many(expr),
        Expr::InUnnest { expr, array_expr, negated } => {
            let found = is_element(expr, array_expr);
            Some(if *negated { not(found) } else { found })
        }
        Expr::CompoundFieldAccess { .. } => {
            fields(expr);
            if let Expr::CompoundFieldAccess { access_chain, .. } = expr {
                access_chain.iter_mut().for_each(access);
            }
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

/// `x like any ('a%', 'b%')`: it is like one of them at least, and `like all`: like each of them. With `not`, it is like none of them, as
/// Snowflake and Spark have it.
fn like_many(expr: &Expr) -> Option<Expr> {
    let (Expr::Like { negated, any, pattern, .. } | Expr::ILike { negated, any, pattern, .. }) = expr else {
        return None;
    };
    let patterns = match pattern.as_ref() {
        Expr::Tuple(patterns) if *any => patterns.clone(),
        Expr::Nested(pattern) if *any => vec![pattern.as_ref().clone()],
        // The parser knows no `all` here, and takes it for a function.
        Expr::Function(Function { args: FunctionArguments::List(list), .. }) if !any && is_called(pattern, "all") => {
            build::arguments(list)?
        }
        _ => return None,
    };
    let one = |wanted: Expr| {
        let mut one = expr.clone();
        if let Expr::Like { negated, pattern, any, .. } | Expr::ILike { negated, pattern, any, .. } = &mut one {
            (*negated, *any, **pattern) = (false, false, wanted);
        }
        one
    };
    let op = if *any || *negated { BinaryOperator::Or } else { BinaryOperator::And };
    let many = patterns.into_iter().map(one).reduce(|one, other| build::binary(one, op.clone(), other))?;
    Some(if *negated { not(many) } else { build::nested(many) })
}

fn is_called(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Function(call) if build::name(call).as_deref() == Some(name))
}

/// `x in unnest(list)`: a list that is null has no elements, and nobody knows whether null is one of those that there are.
fn is_element(expr: &Expr, list: &Expr) -> Expr {
    let element = Ident::new("element");
    let is_null = build::lambda(element.clone(), Expr::IsNull(Box::new(Expr::Identifier(element))));
    let count = build::call("coalesce", [build::call("cardinality", [list.clone()]), build::number(0)]);
    let is = |value| Expr::value(Value::Boolean(value));
    let unknown = Expr::value(Value::Null);
    build::case(
        [
            (build::binary(count, BinaryOperator::Eq, build::number(0)), is(false)),
            (Expr::IsNull(Box::new(build::nested(expr.clone()))), unknown.clone()),
            (build::call("array_has", [list.clone(), expr.clone()]), is(true)),
            (build::call("array_any_match", [list.clone(), is_null]), unknown),
        ],
        Some(is(false)),
    )
}

/// Says the fields of an access, `(struct).field`, as `struct['field']`: no name in it means a column then. What stands before the first
/// bracket of `t.struct['field']` is one name.
pub(super) fn fields(expr: &mut Expr) {
    let Expr::CompoundFieldAccess { root, access_chain } = expr else { return };
    let named = match root.as_ref() {
        Expr::Identifier(name) => std::slice::from_ref(name),
        Expr::CompoundIdentifier(parts) => parts.as_slice(),
        _ => &[],
    };
    let mut parts = named.to_vec();
    if !parts.is_empty() {
        let name = |one: &AccessExpr| match one {
            AccessExpr::Dot(Expr::Identifier(name)) => Some(name.clone()),
            _ => None,
        };
        parts.extend(access_chain.iter().map_while(name));
        access_chain.drain(..parts.len() - named.len());
        if parts.len() > 1 {
            **root = Expr::CompoundIdentifier(parts);
        }
    }
    access_chain.iter_mut().filter(|one| matches!(one, AccessExpr::Dot(_))).for_each(access);
    if access_chain.is_empty() {
        *expr = root.as_ref().clone();
    }
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
