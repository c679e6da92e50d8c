//! Functions of SQL that DataFusion does not have, or has otherwise, and that projects, or the built-in macros, call. A file each.

mod coalesce;
mod convert_timezone;
mod date;
mod date_trunc;
mod dateadd;
mod datediff;
mod interval;
mod interval_length;
mod last_day;
mod modulo;
mod now;
mod part;
pub(super) mod part_words;
mod pattern;
mod range;
mod timezone;
mod to_timestamp;

use std::sync::Arc;

use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::ScalarUDF;
use datafusion::prelude::SessionContext;

use super::overflow::Differences;
use crate::engine::EngineError;

/// Makes the functions known to a session.
///
/// # Errors
/// Never for a session of ours; the registry could refuse.
pub(super) fn register(context: &mut SessionContext) -> Result<(), EngineError> {
    let options = Arc::clone(context.state_ref().read().config_options());
    context.register_udf(Arc::new(ScalarUDF::from(now::Now::new(&options))))?;
    context.register_udf(Arc::new(ScalarUDF::from(to_timestamp::ToTimestamp::new(&options))))?;
    context.register_udf(Arc::new(ScalarUDF::from(date::Date::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(date_trunc::DateTrunc::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(dateadd::DateAdd::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(datediff::DateDiff::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(convert_timezone::ConvertTimezone::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(timezone::Timezone::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(last_day::LastDay::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(coalesce::Coalesce::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(modulo::Modulo::new())))?;
    for patterned in pattern::Patterned::all() {
        context.register_udf(Arc::new(ScalarUDF::from(patterned)))?;
    }
    for range in range::Range::all() {
        context.register_udf(Arc::new(ScalarUDF::from(range)))?;
    }
    context.register_expr_planner(Arc::new(interval::Multiples))?;
    context.register_expr_planner(Arc::new(interval_length::Comparisons))?;
    context.register_expr_planner(Arc::new(Differences))?;
    Ok(())
}
