//! `list_filter(list, x -> x > 1)`: the arrow is read as an operator of documents, and becomes a lambda again.

use datafusion::sql::sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, LambdaFunction, LambdaFunctionParameter,
    LambdaSyntax, ObjectName, OneOrManyWithParens,
};

use super::build;

/// The functions that take a lambda, with DataFusion's names of them.
const FUNCTIONS: &[(&str, &str)] = &[
    ("any_match", "array_any_match"),
    ("array_any_match", "array_any_match"),
    ("list_any_match", "array_any_match"),
    ("array_filter", "array_filter"),
    ("list_filter", "array_filter"),
    ("filter", "array_filter"),
    ("array_apply", "array_transform"),
    ("array_transform", "array_transform"),
    ("list_apply", "array_transform"),
    ("list_transform", "array_transform"),
    ("transform", "array_transform"),
];

/// Translates a call.
pub(super) fn translate(expr: &mut Expr) {
    let Expr::Function(call) = expr else { return };
    let Some(name) = build::name(call) else { return };
    let Some((_, own)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else { return };
    let FunctionArguments::List(list) = &mut call.args else { return };
    for arg in &mut list.args {
        if let FunctionArg::Unnamed(FunctionArgExpr::Expr(arg)) = arg {
            lambda(arg);
        }
    }
    call.name = ObjectName::from(vec![Ident::new(*own)]);
}

/// The arrow binds closer than `and`: all of the expression is the lambda's.
fn lambda(expr: &mut Expr) {
    let arrow = build::leading(expr);
    if !build::is_arrow(arrow) {
        return;
    }
    let Expr::BinaryOp { left, right, .. } = arrow else { return };
    let Some(names) = build::parameters(left) else { return };
    *arrow = right.as_ref().clone();
    let parameters = names.into_iter().map(|name| LambdaFunctionParameter { name, data_type: None }).collect();
    *expr = Expr::Lambda(LambdaFunction {
        params: OneOrManyWithParens::Many(parameters),
        body: Box::new(expr.clone()),
        syntax: LambdaSyntax::Arrow,
    });
}
