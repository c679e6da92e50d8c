//! `next_day(date, 'friday')` and `previous_day(date, 'friday')`: the first such day after a date, and the last one before it.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Date32Array};
use arrow::datatypes::Date32Type;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::{out_of_range, texts, weekday};

/// See the module. A day is named by its first two letters at least.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct NextDay {
    name: &'static str,
    signature: Signature,
}

impl NextDay {
    /// Both functions.
    pub(super) fn all() -> [Self; 2] {
        let named = |name| NextDay { name, signature: Signature::user_defined(Volatility::Immutable) };
        [named("next_day"), named("previous_day")]
    }
}

impl ScalarUDFImpl for NextDay {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [day, _] if !day.is_numeric() => Ok(vec![DataType::Date32, DataType::Utf8]),
            _ => plan_err!("`{0}` takes a date and the name of a day: `{0}(d, 'friday')`", self.name),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [dates, names] = arrays.as_slice() else { return exec_err!("`{}` takes two arguments", self.name) };
        let (dates, names) = (dates.as_primitive::<Date32Type>(), texts(names)?);
        let days = (0..dates.len()).map(|row| {
            if dates.is_null(row) || names.is_null(row) {
                return Ok(None);
            }
            let (date, name) = (dates.value(row), names.value(row));
            let wanted = weekday(name).ok_or_else(|| exec_datafusion_err!("there is no day of the week `{name}`"))?;
            // The first day of 1970 was a Thursday.
            let here = (date.rem_euclid(7) + 3) % 7;
            let step = match self.name {
                "next_day" => (wanted - here - 1).rem_euclid(7) + 1,
                _ => -((here - wanted - 1).rem_euclid(7) + 1),
            };
            date.checked_add(step).map(Some).ok_or_else(|| out_of_range(self.name))
        });
        Ok(ColumnarValue::Array(Arc::new(days.collect::<Result<Date32Array>>()?)))
    }
}
