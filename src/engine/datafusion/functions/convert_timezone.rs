//! `convert_timezone(from, to, moment)` and `convert_timezone(to, moment)`, from UTC: what clocks show elsewhere at that moment.

use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, TimeZone};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::{out_of_range, texts};

/// See the module. Moments are taken and given without a time zone.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ConvertTimezone {
    signature: Signature,
}

const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

impl ConvertTimezone {
    pub(super) fn new() -> Self {
        ConvertTimezone { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ConvertTimezone {
    fn name(&self) -> &'static str {
        "convert_timezone"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _] => Ok(vec![DataType::Utf8, MOMENT]),
            [_, _, _] => Ok(vec![DataType::Utf8, DataType::Utf8, MOMENT]),
            _ => plan_err!("`convert_timezone` takes a time zone to convert from, one to convert to, and a timestamp"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(MOMENT)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (from, to, moments) = match arrays.as_slice() {
            [from, to, moments] => (Some(from), to, moments),
            [to, moments] => (None, to, moments),
            _ => return exec_err!("`convert_timezone` takes two or three arguments"),
        };
        Ok(ColumnarValue::Array(Arc::new(converted(from, Some(to), moments)?)))
    }
}

/// What clocks show in the one zone when they show the moments, in microseconds, in the other. A zone that is not given is UTC.
///
/// # Errors
/// When there is no zone of a name, or no date can hold what clocks show.
pub(super) fn converted(
    from: Option<&ArrayRef>,
    to: Option<&ArrayRef>,
    moments: &ArrayRef,
) -> Result<TimestampMicrosecondArray> {
    let moments = moments.as_primitive::<TimestampMicrosecondType>();
    let (mut sources, mut targets) = (Zones::of(from)?, Zones::of(to)?);
    let rows = (0..moments.len()).map(|row| {
        let (Some(source), Some(target)) = (sources.at(row)?, targets.at(row)?) else { return Ok(None) };
        if moments.is_null(row) {
            return Ok(None);
        }
        convert(moments.value(row), source, target).map(Some).ok_or_else(|| out_of_range("convert_timezone"))
    });
    rows.collect()
}

/// What clocks show in `target` when they show `moment`, in microseconds, in `source`. A time that a change of clocks gives twice is the
/// first of both; one that it leaves out counts as the moment of the change would have without it.
fn convert(moment: i64, source: Tz, target: Tz) -> Option<i64> {
    let wall = DateTime::from_timestamp_micros(moment)?.naive_utc();
    let instant = match source.from_local_datetime(&wall).earliest() {
        Some(instant) => instant.to_utc(),
        None => {
            let hour = chrono::TimeDelta::hours(1);
            source.from_local_datetime(&wall.checked_sub_signed(hour)?).earliest()?.to_utc().checked_add_signed(hour)?
        }
    };
    Some(instant.with_timezone(&target).naive_local().and_utc().timestamp_micros())
}

/// The zones that rows name. Most columns of zones hold one name, which is read once.
struct Zones {
    names: Option<StringArray>,
    last: Option<(String, Tz)>,
}

impl Zones {
    fn of(names: Option<&ArrayRef>) -> Result<Self> {
        Ok(Zones { names: names.map(texts).transpose()?, last: None })
    }

    fn at(&mut self, row: usize) -> Result<Option<Tz>> {
        let name = match &self.names {
            None => "UTC",
            Some(names) if names.is_null(row) => return Ok(None),
            Some(names) => names.value(row),
        };
        if let Some((_, zone)) = self.last.as_ref().filter(|(known, _)| known == name) {
            return Ok(Some(*zone));
        }
        let known = chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name));
        // What is no name may be an offset, `+02:00`.
        let zone: Tz = known
            .map_or(name, |known| known.name())
            .parse()
            .map_err(|_| exec_datafusion_err!("there is no time zone `{name}`"))?;
        self.last = Some((name.to_owned(), zone));
        Ok(Some(zone))
    }
}
