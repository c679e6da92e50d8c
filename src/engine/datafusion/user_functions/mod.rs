//! Functions of the project's own: SQL expressions over arguments, which the lake keeps beside its views.
//!
//! DataFusion knows no functions in schemas, and a function here is not kept in a session. So each statement is looked through for
//! calls ([`calls`]); what is called is planned ([`body`]) and known to the planning of this statement alone ([`declared`]); then the
//! body takes the place of the call ([`inline`]), before types are coerced: to the optimizer it is as if it had been written there.

mod body;
mod calls;
mod declared;
mod inline;

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::common::DFSchema;
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{self, VisitMut};

use self::body::Body;
use super::idioms::{self, aliases};
use super::lake::{Function, Lake};
use crate::engine::{EngineError, ErrorKind};
use crate::sql::Relation;

/// Functions that call functions deeper than this are taken for a mistake.
const MAX_DEPTH: usize = 32;

tokio::task_local! {
    /// The functions that are being planned, outermost first: how one that calls itself is noticed.
    static OPEN: Vec<String>;
}

/// Where functions are kept.
pub(super) trait Functions: Send + Sync {
    /// A function of a schema, if there is one of this name.
    ///
    /// # Errors
    /// When that cannot be found out.
    fn function(&self, schema: &str, name: &str) -> Result<Option<Function>, EngineError>;

    /// What is wrong with the call of a function of a schema that is not kept here.
    fn missing(&self, name: &str) -> EngineError {
        EngineError::unknown_function(name).help("a function of the project is made by `build`")
    }
}

impl Functions for Lake {
    fn function(&self, schema: &str, name: &str) -> Result<Option<Function>, EngineError> {
        Lake::function(self, schema, name)
    }
}

/// The functions that the statements of a session may call; an extension of its config.
pub(super) struct Library(pub(super) Arc<dyn Functions>);

/// A function that a statement calls, under the name that the planner knows it by.
struct Called {
    name: Relation,
    function: Function,
}

/// Plans a statement with the functions that it calls.
///
/// # Errors
/// When the statement or a function cannot be planned, or a call does not fit its function.
pub(super) async fn plan(state: &SessionState, mut statement: Statement) -> Result<LogicalPlan, EngineError> {
    let called = match &mut statement {
        Statement::Statement(statement) => find(state, statement.as_mut())?,
        Statement::Explain(explain) => match explain.statement.as_mut() {
            Statement::Statement(statement) => find(state, statement.as_mut())?,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    if called.is_empty() {
        return aliases::plan(state, statement).await;
    }
    let (state, bodies) = known(state, called).await?;
    let plan = aliases::plan(&state, statement).await?;
    Ok(inline::into_plan(plan, &bodies)?)
}

/// Plans an expression over columns with the functions that it calls.
///
/// # Errors
/// As [`plan`].
pub(super) async fn expression(
    state: &SessionState,
    expression: &ast::Expr,
    columns: &DFSchema,
) -> Result<Expr, EngineError> {
    let mut expression = expression.clone();
    let called = find(state, &mut expression)?;
    if called.is_empty() {
        return Ok(state.create_logical_expr(&expression.to_string(), columns)?);
    }
    let (state, bodies) = known(state, called).await?;
    let planned = state.create_logical_expr(&expression.to_string(), columns)?;
    Ok(inline::into_expr(planned, &bodies)?)
}

/// Checks that the body of a function can be planned.
///
/// # Errors
/// When it cannot.
pub(super) async fn check(state: &SessionState, name: &Relation, function: &Function) -> Result<(), EngineError> {
    open(state, &Called { name: name.clone(), function: function.clone() }).await.map(|_| ())
}

/// The functions that a part of a statement calls, after it is translated.
fn find(state: &SessionState, part: &mut impl VisitMut) -> Result<Vec<Called>, EngineError> {
    idioms::translate(part)?;
    match state.config().get_extension::<Library>() {
        Some(library) => calls::find(state, library.0.as_ref(), part),
        None => Ok(Vec::new()),
    }
}

/// The state that knows the functions, and their bodies by name.
async fn known(
    state: &SessionState,
    called: Vec<Called>,
) -> Result<(SessionState, HashMap<String, Body>), EngineError> {
    use datafusion::execution::FunctionRegistry;
    let mut extended = state.clone();
    let mut bodies = HashMap::new();
    for called in called {
        let body = open(state, &called).await?;
        extended.register_udf(Arc::new(declared::udf(&called, &body)?))?;
        bodies.insert(called.name.to_string(), body);
    }
    Ok((extended, bodies))
}

/// Plans the body of a function, unless that function is being planned already.
async fn open(state: &SessionState, called: &Called) -> Result<Body, EngineError> {
    let name = called.name.to_string();
    let mut open = OPEN.try_with(Vec::clone).unwrap_or_default();
    if open.contains(&name) {
        return Err(EngineError::new(ErrorKind::Plan, format!("function `{name}` calls itself")));
    }
    if open.len() >= MAX_DEPTH {
        let message = format!("functions call functions deeper than {MAX_DEPTH}");
        return Err(EngineError::new(ErrorKind::Plan, message));
    }
    open.push(name.clone());
    // Boxed: the body may call functions, which are planned the same way.
    let planning = Box::pin(body::plan(state, called));
    OPEN.scope(open, planning).await.map_err(|mut error| {
        // A place in the function's body means nothing in the statement that calls it.
        error.position = None;
        if !error.message.starts_with("function `") {
            error.message = format!("function `{name}`: {}", error.message);
        }
        error
    })
}
