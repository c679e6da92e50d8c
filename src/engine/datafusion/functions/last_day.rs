//! `last_day(date)` and `last_day(date, part)`: the last day of the month, quarter, year or week that a date is in.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::{Part, Parts, out_of_range, takes_moments, texts};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct LastDay {
    signature: Signature,
}

const DAY: i64 = 86_400_000_000;

impl LastDay {
    pub(super) fn new() -> Self {
        LastDay { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for LastDay {
    fn name(&self) -> &'static str {
        "last_day"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
        takes_moments("last_day", given)?;
        match given {
            [_] => Ok(vec![moment]),
            [_, _] => Ok(vec![moment, DataType::Utf8]),
            _ => plan_err!("`last_day` takes a date, and a part of one"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let Some(moments) = arrays.first() else { return exec_err!("`last_day` takes a date") };
        let moments = moments.as_primitive::<TimestampMicrosecondType>();
        let names = arrays.get(1).map(texts).transpose()?;
        let mut parts = Parts::default();
        let days = (0..moments.len()).map(|row| {
            let part = match &names {
                Some(names) => parts.of(names, row)?,
                None => Some(Part::Months(1)),
            };
            let Some(part) = part.filter(|_| moments.is_valid(row)) else { return Ok(None) };
            let next = part.start(moments.value(row)).and_then(|start| part.add(start, 1));
            let day = next.and_then(|next| i32::try_from(next.div_euclid(DAY) - 1).ok());
            day.map(Some).ok_or_else(|| out_of_range("last_day"))
        });
        Ok(ColumnarValue::Array(Arc::new(days.collect::<Result<Date32Array>>()?)))
    }
}
