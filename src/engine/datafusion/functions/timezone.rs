//! `timezone(zone, moment)`, which is `moment at time zone zone` in another spelling, as PostgreSQL and DuckDB have both.
//!
//! Of a moment with a time zone it makes what clocks show in that zone; of what clocks show in that zone, the moment. DataFusion's own
//! `at time zone` keeps the zone in the type in either case, so that the time became UTC's again as soon as it was cast or stored.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::convert_timezone::converted;

/// See the module. Moments have the zone UTC, as Delta stores them; a text is what clocks show unless it is cast.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Timezone {
    signature: Signature,
}

impl Timezone {
    pub(super) fn new() -> Self {
        Timezone { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Timezone {
    fn name(&self) -> &'static str {
        "timezone"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, moment] => Ok(vec![DataType::Utf8, DataType::Timestamp(TimeUnit::Microsecond, utc(has_zone(moment)))]),
            _ => plan_err!("`timezone` takes a time zone and a timestamp"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [_, moment] => Ok(DataType::Timestamp(TimeUnit::Microsecond, utc(!has_zone(moment)))),
            _ => plan_err!("`timezone` takes a time zone and a timestamp"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = args.return_type().clone();
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [zones, moments] = arrays.as_slice() else { return plan_err!("`timezone` takes two arguments") };
        let (from, to) = if has_zone(moments.data_type()) { (None, Some(zones)) } else { (Some(zones), None) };
        let zone = match wanted {
            DataType::Timestamp(_, zone) => zone,
            _ => None,
        };
        let made = converted(from, to, moments)?.with_timezone_opt(zone);
        Ok(ColumnarValue::Array(Arc::new(made)))
    }
}

fn has_zone(moment: &DataType) -> bool {
    matches!(moment, DataType::Timestamp(_, Some(_)))
}

fn utc(has_zone: bool) -> Option<Arc<str>> {
    has_zone.then(|| "UTC".into())
}
