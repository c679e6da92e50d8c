//! Functions of SQL that DataFusion does not have, or has otherwise, and that projects, or the built-in macros, call. A file each.

mod coalesce;
mod convert_timezone;
mod date;
mod date_trunc;
mod dateadd;
mod datediff;
mod epoch_ms;
mod interval;
mod interval_length;
mod json_object_of;
mod last_day;
mod length;
mod list_sum;
mod make_timestamp;
mod mode;
mod modulo;
mod next_day;
mod now;
mod part;
pub(super) mod part_words;
mod pattern;
mod quotient;
mod range;
mod regexp_extract_all;
mod round;
mod sha1;
mod sum;
mod time_bucket;
mod timezone;
mod to_hex;
mod to_json;
mod to_timestamp;
mod try_to_timestamp;
mod type_of;

use std::sync::Arc;

use datafusion::execution::FunctionRegistry;
use datafusion::logical_expr::{AggregateUDF, ScalarUDF};
use datafusion::prelude::SessionContext;

use super::idioms::Pivots;
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
    context.register_udf(Arc::new(ScalarUDF::from(sha1::Sha1::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(to_json::ToJson::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(json_object_of::JsonObjectOf::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(try_to_timestamp::TryToTimestamp::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(type_of::TypeOf::new())))?;
    context.register_udaf(Arc::new(AggregateUDF::from(mode::Mode::new())))?;
    context.register_udaf(Arc::new(AggregateUDF::from(sum::CheckedSum::new())))?;
    for document in documents() {
        context.register_udf(document)?;
    }
    context.register_udf(Arc::new(ScalarUDF::from(timezone::Timezone::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(last_day::LastDay::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(coalesce::Coalesce::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(modulo::Modulo::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(quotient::Quotient::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(round::Round::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(length::Length::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(list_sum::ListSum::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(to_hex::ToHex::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(epoch_ms::EpochMs::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(make_timestamp::MakeTimestamp::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(time_bucket::TimeBucket::new())))?;
    context.register_udf(Arc::new(ScalarUDF::from(regexp_extract_all::RegexpExtractAll::new())))?;
    for day in next_day::NextDay::all() {
        context.register_udf(Arc::new(ScalarUDF::from(day)))?;
    }
    for patterned in pattern::Patterned::all() {
        context.register_udf(Arc::new(ScalarUDF::from(patterned)))?;
    }
    for range in range::Range::all() {
        context.register_udf(Arc::new(ScalarUDF::from(range)))?;
    }
    context.register_relation_planner(Arc::new(Pivots))?;
    context.register_expr_planner(Arc::new(interval::Multiples))?;
    context.register_expr_planner(Arc::new(interval::Moves))?;
    context.register_expr_planner(Arc::new(interval_length::Comparisons))?;
    context.register_expr_planner(Arc::new(Differences))?;
    Ok(())
}

/// The functions of JSON documents, which are kept as their text. `json_get` is not among them: its values have a type of their own, which
/// no table can hold.
fn documents() -> [Arc<ScalarUDF>; 10] {
    use datafusion_functions_json::udfs;
    [
        udfs::json_as_text_udf(),
        udfs::json_contains_udf(),
        udfs::json_get_array_udf(),
        udfs::json_get_bool_udf(),
        udfs::json_get_float_udf(),
        udfs::json_get_int_udf(),
        udfs::json_get_json_udf(),
        udfs::json_get_str_udf(),
        udfs::json_length_udf(),
        udfs::json_object_keys_udf(),
    ]
}
