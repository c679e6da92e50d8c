//! Short ways to make parts of statements, and to look into them.

use datafusion::sql::sqlparser::ast::helpers::attached_token::AttachedToken;
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, LambdaFunction, LambdaFunctionParameter, LambdaSyntax, ObjectName, OneOrManyWithParens,
    Value,
};

/// A call of a function.
pub(super) fn call(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    let args = args.into_iter().map(argument).collect();
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// An argument of a call.
pub(super) fn argument(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

/// A text.
pub(super) fn text(text: impl Into<String>) -> Expr {
    Expr::value(Value::SingleQuotedString(text.into()))
}

/// A whole number.
pub(super) fn number(number: i64) -> Expr {
    Expr::value(Value::Number(number.to_string(), false))
}

/// Two operands and what is between them.
pub(super) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// Both conditions.
pub(super) fn and(one: Expr, other: Expr) -> Expr {
    binary(nested(one), BinaryOperator::And, nested(other))
}

/// In brackets.
pub(super) fn nested(expr: Expr) -> Expr {
    Expr::Nested(Box::new(expr))
}

/// Whether the two are equal, or both are null.
pub(super) fn same(one: Expr, other: Expr) -> Expr {
    Expr::IsNotDistinctFrom(Box::new(one), Box::new(other))
}

/// `case when … then … else … end`.
pub(super) fn case(cases: impl IntoIterator<Item = (Expr, Expr)>, other: Option<Expr>) -> Expr {
    Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions: cases.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect(),
        else_result: other.map(Box::new),
    }
}

/// `name -> body`.
pub(super) fn lambda(name: Ident, body: Expr) -> Expr {
    Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::Many(vec![LambdaFunctionParameter { name, data_type: None }]),
        body: Box::new(body),
        syntax: LambdaSyntax::Arrow,
    })
}

/// The name of a function without a schema, in lower case.
pub(super) fn name(call: &Function) -> Option<String> {
    match call.name.0.as_slice() {
        [name] => name.as_ident().map(|name| name.value.to_lowercase()),
        _ => None,
    }
}

/// The arguments, where all of them are plain expressions.
pub(super) fn arguments(list: &FunctionArgumentList) -> Option<Vec<Expr>> {
    let plain = |arg: &FunctionArg| match arg {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr.clone()),
        _ => None,
    };
    list.args.iter().map(plain).collect()
}

/// The part of an expression that its text begins with, as far as it is an operand: the `a` of `a + 1 = b`.
pub(super) fn leading(expr: &mut Expr) -> &mut Expr {
    if is_arrow(expr) {
        return expr;
    }
    match expr {
        Expr::BinaryOp { left, .. } => leading(left),
        Expr::IsNull(of)
        | Expr::IsNotNull(of)
        | Expr::IsTrue(of)
        | Expr::IsNotTrue(of)
        | Expr::IsFalse(of)
        | Expr::IsNotFalse(of)
        | Expr::IsDistinctFrom(of, _)
        | Expr::IsNotDistinctFrom(of, _)
        | Expr::InList { expr: of, .. }
        | Expr::InSubquery { expr: of, .. }
        | Expr::Between { expr: of, .. }
        | Expr::Like { expr: of, .. }
        | Expr::ILike { expr: of, .. }
        | Expr::RLike { expr: of, .. }
        | Expr::AtTimeZone { timestamp: of, .. }
        | Expr::Cast { expr: of, kind: CastKind::DoubleColon, .. } => leading(of),
        other => other,
    }
}

/// `x -> …`, where `x` is a name or several in brackets.
pub(super) fn is_arrow(expr: &Expr) -> bool {
    matches!(expr, Expr::BinaryOp { left, op: BinaryOperator::Arrow, .. } if parameters(left).is_some())
}

/// The names that a lambda takes.
pub(super) fn parameters(expr: &Expr) -> Option<Vec<Ident>> {
    let one = |expr: &Expr| match expr {
        Expr::Identifier(name) => Some(name.clone()),
        _ => None,
    };
    match expr {
        Expr::Nested(inner) => Some(vec![one(inner)?]),
        Expr::Tuple(names) => names.iter().map(one).collect(),
        other => Some(vec![one(other)?]),
    }
}
