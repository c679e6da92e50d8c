//! Functions of SQL that DataFusion does not have and that projects, or the built-in macros, call. A file each.

mod coalesce;
mod date;
mod dateadd;
mod datediff;
mod interval;
mod last_day;
mod modulo;
mod part;

use std::sync::Arc;

use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

use crate::engine::EngineError;

/// Makes the functions known to a session.
///
/// # Errors
/// Never for a session of ours; the registry could refuse.
pub(super) fn register(context: &mut SessionContext) -> Result<(), EngineError> {
    context.register_udf(Arc::new(ScalarUDF::from(date::Date::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(dateadd::DateAdd::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(datediff::DateDiff::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(last_day::LastDay::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(coalesce::Coalesce::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(modulo::Modulo::new())))?;
    context.register_expr_planner(Arc::new(interval::Multiples))?;
    Ok(())
}
