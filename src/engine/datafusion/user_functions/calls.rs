//! Which functions of the project a statement calls.

use std::ops::ControlFlow;

use datafusion::execution::{FunctionRegistry, SessionState};
use datafusion::sql::sqlparser::ast::{Expr, Ident, ObjectName, VisitMut, VisitorMut};

use super::{Called, Functions};
use crate::engine::EngineError;
use crate::engine::datafusion::guard::position;
use crate::sql::Relation;

/// Finds the calls of functions that are kept, and writes their full names as one, which is all that the planner can look up. A
/// name of one part is DataFusion's own where it has such a function.
///
/// # Errors
/// When the file of a function cannot be read, or a function of a schema does not exist.
pub(super) fn find(
    state: &SessionState,
    functions: &dyn Functions,
    part: &mut impl VisitMut,
) -> Result<Vec<Called>, EngineError> {
    let mut calls = Calls { state, functions, found: Vec::new() };
    match part.visit(&mut calls) {
        ControlFlow::Continue(()) => Ok(calls.found),
        ControlFlow::Break(error) => Err(error),
    }
}

struct Calls<'a> {
    state: &'a SessionState,
    functions: &'a dyn Functions,
    found: Vec<Called>,
}

impl VisitorMut for Calls<'_> {
    type Break = EngineError;

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<EngineError> {
        let Expr::Function(call) = expr else { return ControlFlow::Continue(()) };
        match self.resolve(&call.name) {
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(name)) => {
                call.name = ObjectName::from(vec![Ident::with_quote('"', name)]);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        }
    }
}

impl Calls<'_> {
    /// The full name of the function that a name means.
    fn resolve(&mut self, called: &ObjectName) -> Result<Option<String>, EngineError> {
        let parts: Option<Vec<String>> = called.0.iter().map(|part| part.as_ident().map(folded)).collect();
        let catalog = &self.state.config_options().catalog;
        let (database, schema) = (&catalog.default_catalog, &catalog.default_schema);
        let name = match parts.as_deref() {
            Some([name]) if !is_built_in(self.state, name) => Relation::new(database, schema, name),
            Some([schema, name]) => Relation::new(database, schema, name),
            Some([database, schema, name]) => Relation::new(database, schema, name),
            _ => return Ok(None),
        };
        let full = name.to_string();
        if self.found.iter().any(|known| known.name == name) {
            return Ok(Some(full));
        }
        let function =
            if &name.database == database { self.functions.function(&name.schema, &name.identifier)? } else { None };
        match function {
            Some(function) => {
                self.found.push(Called { name, function });
                Ok(Some(full))
            }
            None if parts.is_some_and(|parts| parts.len() > 1) => {
                Err(self.functions.missing(&full).at(position(called)))
            }
            None => Ok(None),
        }
    }
}

fn is_built_in(state: &SessionState, name: &str) -> bool {
    state.udf(name).is_ok() || state.udaf(name).is_ok() || state.udwf(name).is_ok()
}

/// A name as SQL reads it: in lower case unless it is quoted.
fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}
