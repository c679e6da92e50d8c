//! `create function` and `drop function`: SQL expressions over arguments, kept in the lake.

use datafusion::sql::sqlparser::ast::{
    CreateFunction, CreateFunctionBody, DropFunction, Expr, FunctionReturnType, Ident, Value,
};

use super::target::{folded, resolve};
use super::unsupported;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::{Argument, Function};
use crate::engine::datafusion::operations::in_lake;
use crate::engine::datafusion::user_functions;
use crate::engine::{EngineError, ErrorKind, Outcome};

/// Makes or replaces a function; its body is planned, so that a broken one is never made.
///
/// # Errors
/// When the body cannot be planned or is not SQL, the function is there already, or the lake cannot be written to.
pub(super) async fn create_function(
    cx: &Context,
    create: &CreateFunction,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let name = resolve(cx, &cx.session.table_reference(&create.name)?);
    in_lake(cx, &name)?;
    if let Some(language) = create.language.as_ref().filter(|language| !language.value.eq_ignore_ascii_case("sql")) {
        let message = format!("function `{name}` is in {language}; the embedded engine runs functions in SQL");
        return Err(EngineError::new(ErrorKind::Unsupported, message));
    }
    let is_there = cx.lake.function(&name.schema, &name.identifier)?.is_some();
    if is_there && create.if_not_exists {
        return Ok(Outcome::default());
    }
    if is_there && !create.or_replace {
        let message = format!("function `{name}` exists already");
        return Err(EngineError::new(ErrorKind::Plan, message).help("write `create or replace function`"));
    }
    let function = definition(cx, create)?;
    user_functions::check(&cx.session.state(), &name, &function).await?;
    gate.pass()?;
    cx.lake.write_function(&name.schema, &name.identifier, &function)?;
    Ok(Outcome::default())
}

fn definition(cx: &Context, create: &CreateFunction) -> Result<Function, EngineError> {
    let arguments = create.args.iter().flatten().map(|argument| {
        let name =
            argument.name.as_ref().ok_or_else(|| unsupported("create function … with arguments without names"))?;
        Ok(Argument {
            name: argument_name(name),
            data_type: argument.data_type.to_string(),
            default: argument.default_expr.as_ref().map(ToString::to_string),
        })
    });
    let Some(FunctionReturnType::DataType(returns)) = &create.return_type else {
        return Err(unsupported("create function … without `returns` and a type"));
    };
    Ok(Function {
        arguments: arguments.collect::<Result<_, EngineError>>()?,
        returns: returns.to_string(),
        body: body(create)?,
        volatility: create.behavior.as_ref().map(|behavior| behavior.to_string().to_lowercase()),
        schema: cx.settings.schema.clone(),
    })
}

/// The name of an argument. The parser takes it for a type first, so that a quoted one comes with its quotes.
fn argument_name(name: &Ident) -> String {
    match name.value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(quoted) => quoted.replace("\"\"", "\""),
        None => folded(name),
    }
}

/// The text of the body.
fn body(create: &CreateFunction) -> Result<String, EngineError> {
    match &create.function_body {
        Some(
            CreateFunctionBody::AsBeforeOptions { body: body @ Expr::Value(value), .. }
            | CreateFunctionBody::AsAfterOptions(body @ Expr::Value(value)),
        ) => Ok(match &value.value {
            Value::DollarQuotedString(text) => text.value.clone(),
            Value::SingleQuotedString(text) => text.clone(),
            _ => body.to_string(),
        }),
        Some(
            CreateFunctionBody::AsBeforeOptions { body, .. }
            | CreateFunctionBody::AsAfterOptions(body)
            | CreateFunctionBody::Return(body)
            | CreateFunctionBody::AsReturnExpr(body),
        ) => Ok(body.to_string()),
        Some(CreateFunctionBody::AsReturnSelect(select)) => Ok(select.to_string()),
        Some(CreateFunctionBody::AsBeginEnd(_)) => Err(unsupported("create function … begin … end")),
        None => Err(unsupported("create function … without a body")),
    }
}

/// Drops functions.
///
/// # Errors
/// When one is not there, or the lake cannot be written to.
pub(super) fn drop_functions(cx: &Context, drop: &DropFunction, gate: &Gate) -> Result<Outcome, EngineError> {
    for function in &drop.func_desc {
        let name = resolve(cx, &cx.session.table_reference(&function.name)?);
        if !drop.if_exists && cx.lake.function(&name.schema, &name.identifier)?.is_none() {
            let error = EngineError::unknown_function(&name);
            return Err(error.help("write `drop function if exists`"));
        }
        gate.pass()?;
        cx.lake.remove_function(&name.schema, &name.identifier)?;
    }
    Ok(Outcome::default())
}
