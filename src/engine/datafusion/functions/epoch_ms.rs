//! `epoch_ms(x)`: of a number, the moment so many milliseconds after 1970; of a moment, how many they are. It is DuckDB's.

use std::sync::Arc;

use arrow::array::{AsArray, Int64Array, TimestampMicrosecondArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::out_of_range;

const MOMENT: DataType = DataType::Timestamp(TimeUnit::Microsecond, None);

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct EpochMs {
    signature: Signature,
}

impl EpochMs {
    pub(super) fn new() -> Self {
        EpochMs { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for EpochMs {
    fn name(&self) -> &'static str {
        "epoch_ms"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [given] if given.is_numeric() => Ok(vec![DataType::Int64]),
            [_] => Ok(vec![MOMENT]),
            _ => plan_err!("`epoch_ms` takes one number of milliseconds, or one timestamp"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [DataType::Int64] => Ok(MOMENT),
            _ => Ok(DataType::Int64),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [of] = arrays.as_slice() else { return exec_err!("`epoch_ms` takes one value") };
        let Some(counts) = of.as_primitive_opt::<Int64Type>() else {
            let counted: Int64Array =
                of.as_primitive::<TimestampMicrosecondType>().unary(|micros| micros.div_euclid(1_000));
            return Ok(ColumnarValue::Array(Arc::new(counted)));
        };
        let moment = |count: i64| count.checked_mul(1_000).ok_or_else(|| out_of_range("epoch_ms"));
        let moments: TimestampMicrosecondArray = counts.try_unary(moment)?;
        Ok(ColumnarValue::Array(Arc::new(moments)))
    }
}
