//! `try_to_timestamp(text, format)`: the moment that a text spells, or null where it spells none in this format, as Snowflake has it.

use std::sync::Arc;

use arrow::array::TimestampMicrosecondArray;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::texts;
use super::pattern::strftime;
use super::to_timestamp::micros;

/// See the module. A format that cannot be read is an error still.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TryToTimestamp {
    signature: Signature,
}

impl TryToTimestamp {
    pub(super) fn new() -> Self {
        TryToTimestamp { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for TryToTimestamp {
    fn name(&self) -> &'static str {
        "try_to_timestamp"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _] => Ok(vec![DataType::Utf8, DataType::Utf8]),
            _ => plan_err!("`try_to_timestamp` takes a text and a format"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, None))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [spelt, formats] = arrays.as_slice() else { return exec_err!("`try_to_timestamp` takes two texts") };
        let (spelt, formats) = (texts(spelt)?, texts(formats)?);
        let moments = spelt.iter().zip(formats.iter()).map(|row| {
            let (Some(text), Some(format)) = row else { return Ok(None) };
            strftime(format)?;
            Ok(micros(text, format).ok())
        });
        Ok(ColumnarValue::Array(Arc::new(moments.collect::<Result<TimestampMicrosecondArray>>()?)))
    }
}
