//! `to_timestamp(x, format…)`: the moment that a text spells, or so many seconds after 1970, in microseconds.
//!
//! Of a whole number the second argument is its scale, as Snowflake has it: `to_timestamp(n, 3)` is so many milliseconds after 1970.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::Int64Type;
use chrono::format::{Parsed, StrftimeItems, parse};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::functions::datetime::to_timestamp::ToTimestampFunc;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};

use super::part::{moment_type, out_of_range, texts};
use super::pattern::strftime;

/// DataFusion's own goes by nanoseconds, which end in the year 2262; so does its function for microseconds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ToTimestamp {
    inner: ToTimestampFunc,
}

impl ToTimestamp {
    pub(super) fn new(config: &ConfigOptions) -> Self {
        ToTimestamp { inner: ToTimestampFunc::new_with_config(config) }
    }
}

impl ScalarUDFImpl for ToTimestamp {
    fn name(&self) -> &'static str {
        "to_timestamp"
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        Some(ToTimestamp::new(config).into())
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given).map(|moment| moment_type(&moment))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((first, formats)) = args.args.split_first() else {
            return exec_err!("`to_timestamp` takes a text or a number");
        };
        let wanted = args.return_type().clone();
        match first.data_type() {
            whole if whole.is_integer() && !formats.is_empty() => scaled(&args.args)?.cast_to(&wanted, None),
            whole if whole.is_integer() => {
                first.cast_to(&DataType::Timestamp(TimeUnit::Second, None), None)?.cast_to(&wanted, None)
            }
            number if number.is_numeric() && !formats.is_empty() => {
                exec_err!("`to_timestamp` takes the scale of a whole number only")
            }
            number if number.is_numeric() => self.inner.invoke_with_args(args)?.cast_to(&wanted, None),
            text if text.is_string() && !formats.is_empty() => formatted(&args.args)?.cast_to(&wanted, None),
            _ => first.cast_to(&wanted, None),
        }
    }
}

/// The moments so many seconds after 1970, whose counts have so many digits of a fraction: of scale 3 they are milliseconds.
fn scaled(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let [counts, scales] = args else { return exec_err!("`to_timestamp` takes a number and its scale") };
    if !scales.data_type().is_integer() && !scales.data_type().is_null() {
        return exec_err!("`to_timestamp` of a number takes its scale: 3 for milliseconds");
    }
    let whole = |of: &ColumnarValue| of.cast_to(&DataType::Int64, None);
    let arrays = ColumnarValue::values_to_arrays(&[whole(counts)?, whole(scales)?])?;
    let [counts, scales] = arrays.as_slice() else { return exec_err!("`to_timestamp` takes a number and its scale") };
    let (counts, scales) = (counts.as_primitive::<Int64Type>(), scales.as_primitive::<Int64Type>());
    let rows = (0..counts.len()).map(|row| {
        if counts.is_null(row) || scales.is_null(row) {
            return Ok(None);
        }
        let (count, scale) = (counts.value(row), scales.value(row));
        let micros = match u32::try_from(scale) {
            Ok(scale @ 0..=6) => count.checked_mul(10_i64.pow(6 - scale)),
            Ok(scale @ 7..=9) => Some(count.div_euclid(10_i64.pow(scale - 6))),
            _ => return exec_err!("the scale of a timestamp is 0 to 9, not {scale}"),
        };
        micros.map(Some).ok_or_else(|| out_of_range("to_timestamp"))
    });
    Ok(ColumnarValue::Array(Arc::new(rows.collect::<Result<TimestampMicrosecondArray>>()?)))
}

/// The moments that texts spell in the first of the formats that fits; formats that are null count for nothing.
fn formatted(args: &[ColumnarValue]) -> Result<ColumnarValue> {
    let arrays = ColumnarValue::values_to_arrays(args)?;
    let columns = arrays.iter().map(texts).collect::<Result<Vec<_>>>()?;
    let Some((spelt, formats)) = columns.split_first() else { return exec_err!("`to_timestamp` takes a text") };
    let rows = (0..spelt.len()).map(|row| if spelt.is_null(row) { Ok(None) } else { moment_of(spelt, formats, row) });
    Ok(ColumnarValue::Array(Arc::new(rows.collect::<Result<TimestampMicrosecondArray>>()?)))
}

fn moment_of(spelt: &StringArray, formats: &[StringArray], row: usize) -> Result<Option<i64>> {
    let mut failed = None;
    for format in formats.iter().filter(|format| !format.is_null(row)) {
        match micros(spelt.value(row), format.value(row)) {
            Ok(moment) => return Ok(Some(moment)),
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(None), Err)
}

/// The microseconds that a text spells: a moment with an offset, or with the name of a zone at its end, else one in UTC; a day is its
/// midnight.
pub(super) fn micros(text: &str, format: &str) -> Result<i64> {
    let wrong = |reason: String| {
        DataFusionError::Execution(format!("`{text}` is no timestamp in the format `{format}`: {reason}"))
    };
    let words = strftime(format)?;
    let format = words.as_ref();
    let (text, format, zone) = match (format.trim_end().strip_suffix(" %Z"), text.trim_end().rsplit_once(' ')) {
        (Some(format), Some((text, zone))) => {
            (text, format, Some(zone.parse::<chrono_tz::Tz>().map_err(|error| wrong(error.to_string()))?))
        }
        _ => (text, format, None),
    };
    let mut parsed = Parsed::new();
    parse(&mut parsed, text, StrftimeItems::new(format)).map_err(|error| wrong(error.to_string()))?;
    if let Some(zone) = zone {
        let moment = parsed.to_datetime_with_timezone(&zone).map_err(|error| wrong(error.to_string()))?;
        return Ok(moment.timestamp_micros());
    }
    if let Ok(moment) = parsed.to_datetime() {
        return Ok(moment.timestamp_micros());
    }
    let moment = parsed.to_naive_datetime_with_offset(0).or_else(|_| parsed.to_naive_date().map(Into::into));
    Ok(moment.map_err(|error| wrong(error.to_string()))?.and_utc().timestamp_micros())
}
