//! `make_timestamp(year, month, day, hour, minute, second)`: the moment of these parts; the second may have a fraction.

use std::sync::Arc;

use arrow::array::{Array, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{Float64Type, Int64Type};
use chrono::NaiveDate;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct MakeTimestamp {
    signature: Signature,
}

impl MakeTimestamp {
    pub(super) fn new() -> Self {
        MakeTimestamp { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

const WANTED: &str = "`make_timestamp` takes a year, a month, a day, an hour, a minute and a second";

impl ScalarUDFImpl for MakeTimestamp {
    fn name(&self) -> &'static str {
        "make_timestamp"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        if given.len() != 6 {
            return plan_err!("{WANTED}");
        }
        let mut wanted = vec![DataType::Int64; 5];
        wanted.push(DataType::Float64);
        Ok(wanted)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, None))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some((seconds, parts)) = arrays.split_last() else { return exec_err!("{WANTED}") };
        let seconds = seconds.as_primitive::<Float64Type>();
        let parts: Vec<_> = parts.iter().map(|part| part.as_primitive::<Int64Type>()).collect();
        let moments = (0..seconds.len()).map(|row| {
            if seconds.is_null(row) || parts.iter().any(|part| part.is_null(row)) {
                return Ok(None);
            }
            let whole: Vec<_> = parts.iter().map(|part| part.value(row)).collect();
            let second = seconds.value(row);
            match moment(&whole, second) {
                Some(moment) => Ok(Some(moment)),
                None => exec_err!("there is no timestamp with the parts {whole:?} and {second}"),
            }
        });
        Ok(ColumnarValue::Array(Arc::new(moments.collect::<Result<TimestampMicrosecondArray>>()?)))
    }
}

/// The microseconds of a moment; a second of 60 is the first of the next minute, as PostgreSQL has it.
fn moment(whole: &[i64], second: f64) -> Option<i64> {
    let part = |at: usize| u32::try_from(*whole.get(at)?).ok();
    let date = NaiveDate::from_ymd_opt(i32::try_from(*whole.first()?).ok()?, part(1)?, part(2)?)?;
    let minute = date.and_hms_opt(part(3)?, part(4)?, 0)?.and_utc().timestamp_micros();
    #[expect(clippy::cast_possible_truncation, reason = "it is 60,000,000 at most")]
    let micros = (0.0..=60.0).contains(&second).then(|| (second * 1e6).round() as i64)?;
    minute.checked_add(micros)
}
