//! `to_timestamp(x, format…)`: the moment that a text spells, or so many seconds after 1970, in microseconds.

use std::sync::Arc;

use arrow::array::{Array, StringArray, TimestampMicrosecondArray};
use chrono::format::{Parsed, StrftimeItems, parse};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{DataFusionError, Result, exec_err};
use datafusion::functions::datetime::to_timestamp::ToTimestampFunc;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};

use super::part::{moment_type, texts};
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
            whole if whole.is_integer() => {
                first.cast_to(&DataType::Timestamp(TimeUnit::Second, None), None)?.cast_to(&wanted, None)
            }
            number if number.is_numeric() => self.inner.invoke_with_args(args)?.cast_to(&wanted, None),
            text if text.is_string() && !formats.is_empty() => formatted(&args.args)?.cast_to(&wanted, None),
            _ => first.cast_to(&wanted, None),
        }
    }
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
