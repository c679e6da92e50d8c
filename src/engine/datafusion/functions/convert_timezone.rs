//! `convert_timezone(from, to, moment)` and `convert_timezone(to, moment)`, from UTC: what clocks show elsewhere at that moment.

use std::sync::Arc;

use arrow::array::{Array, AsArray, StringArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use chrono::{DateTime, TimeZone};
use chrono_tz::Tz;
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
            [from, to, moments] => (Some(texts(from)?), texts(to)?, moments),
            [to, moments] => (None, texts(to)?, moments),
            _ => return exec_err!("`convert_timezone` takes two or three arguments"),
        };
        let moments = moments.as_primitive::<TimestampMicrosecondType>();
        let (mut sources, mut targets) = (Zones::default(), Zones::default());
        let converted = (0..moments.len()).map(|row| {
            let source = from.as_ref().map_or(Ok(Some(Tz::UTC)), |from| sources.of(from, row))?;
            let (Some(source), Some(target)) = (source, targets.of(&to, row)?) else { return Ok(None) };
            if moments.is_null(row) {
                return Ok(None);
            }
            convert(moments.value(row), source, target).map(Some).ok_or_else(|| out_of_range("convert_timezone"))
        });
        Ok(ColumnarValue::Array(Arc::new(converted.collect::<Result<TimestampMicrosecondArray>>()?)))
    }
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

/// The zone that a row names. Most columns of zones hold one name, which is read once.
#[derive(Default)]
struct Zones {
    last: Option<(String, Tz)>,
}

impl Zones {
    fn of(&mut self, names: &StringArray, row: usize) -> Result<Option<Tz>> {
        if names.is_null(row) {
            return Ok(None);
        }
        let name = names.value(row);
        if let Some((_, zone)) = self.last.as_ref().filter(|(known, _)| known == name) {
            return Ok(Some(*zone));
        }
        let known = chrono_tz::TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name));
        let zone = *known.ok_or_else(|| exec_datafusion_err!("there is no time zone `{name}`"))?;
        self.last = Some((name.to_owned(), zone));
        Ok(Some(zone))
    }
}
