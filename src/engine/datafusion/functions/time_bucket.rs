//! `time_bucket(width, moment)` and `time_bucket(width, moment, origin)`: the start of the bucket of that width which a moment is in.
//!
//! Buckets of days and less are counted from the third of January 2000, a Monday, those of months from the first, as DuckDB and
//! TimescaleDB have it.

use std::sync::Arc;

use arrow::array::{Array, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{IntervalMonthDayNano, IntervalMonthDayNanoType, TimestampMicrosecondType};
use datafusion::arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::{Part, moment_type, out_of_range, takes_moments};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TimeBucket {
    signature: Signature,
}

impl TimeBucket {
    pub(super) fn new() -> Self {
        TimeBucket { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

const DAY: i64 = 86_400_000_000;
/// The first of January 2000.
const CENTURY: i64 = 10_957 * DAY;
const MONDAY: i64 = CENTURY + 2 * DAY;

impl ScalarUDFImpl for TimeBucket {
    fn name(&self) -> &'static str {
        "time_bucket"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [_, moments @ ..] = given else { return plan_err!("`time_bucket` takes an interval and a timestamp") };
        takes_moments(self.name(), moments)?;
        let width = DataType::Interval(IntervalUnit::MonthDayNano);
        match moments {
            [moment] => Ok(vec![width, moment_type(moment)]),
            [moment, _] => Ok(vec![width, moment_type(moment), moment_type(moment)]),
            _ => plan_err!("`time_bucket` takes an interval, a timestamp, and one to count from"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [_, moment, ..] => Ok(moment_type(moment)),
            _ => plan_err!("`time_bucket` takes an interval and a timestamp"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (widths, moments, origins) = match arrays.as_slice() {
            [widths, moments] => (widths, moments, None),
            [widths, moments, origins] => (widths, moments, Some(origins.as_primitive::<TimestampMicrosecondType>())),
            _ => return exec_err!("`time_bucket` takes two or three arguments"),
        };
        let zone = match moments.data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        let widths = widths.as_primitive::<IntervalMonthDayNanoType>();
        let moments = moments.as_primitive::<TimestampMicrosecondType>();
        let starts = (0..moments.len()).map(|row| {
            if widths.is_null(row) || moments.is_null(row) || origins.is_some_and(|origins| origins.is_null(row)) {
                return Ok(None);
            }
            let origin = origins.map(|origins| origins.value(row));
            start(widths.value(row), moments.value(row), origin).map(Some)
        });
        let starts = starts.collect::<Result<TimestampMicrosecondArray>>()?;
        Ok(ColumnarValue::Array(Arc::new(starts.with_timezone_opt(zone))))
    }
}

/// The start of a bucket, in microseconds.
fn start(width: IntervalMonthDayNano, moment: i64, origin: Option<i64>) -> Result<i64> {
    let too_far = || out_of_range("time_bucket");
    let IntervalMonthDayNano { months, days, nanoseconds } = width;
    if months > 0 && days == 0 && nanoseconds == 0 {
        let (month, months) = (Part::Months(1), i64::from(months));
        let origin = origin.unwrap_or(CENTURY);
        // The last month that has begun, counted from the origin's day and time of day.
        let mut passed = month.between(origin, moment).ok_or_else(too_far)?;
        if month.add(origin, passed).ok_or_else(too_far)? > moment {
            passed -= 1;
        }
        return month.add(origin, passed.div_euclid(months) * months).ok_or_else(too_far);
    }
    let micros = i64::from(days).checked_mul(DAY).and_then(|days| days.checked_add(nanoseconds / 1_000));
    let Some(micros) = micros.filter(|micros| months == 0 && *micros > 0) else {
        return exec_err!("the width of a bucket is a number of months, or a time of at least a microsecond");
    };
    let origin = origin.unwrap_or(MONDAY);
    let passed = moment.checked_sub(origin).ok_or_else(too_far)?.div_euclid(micros);
    passed.checked_mul(micros).and_then(|passed| origin.checked_add(passed)).ok_or_else(too_far)
}
