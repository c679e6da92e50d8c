//! `datediff(part, first, second)`: how many boundaries of the part lie between the two.

use std::sync::Arc;

use arrow::array::{Array, AsArray, Int64Array};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::{Parts, out_of_range, takes_moments, texts};

/// See the module. Moments with a time zone are compared in UTC.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateDiff {
    signature: Signature,
    aliases: Vec<String>,
}

impl DateDiff {
    pub(super) fn new() -> Self {
        DateDiff { signature: Signature::user_defined(Volatility::Immutable), aliases: vec!["date_diff".to_owned()] }
    }
}

impl ScalarUDFImpl for DateDiff {
    fn name(&self) -> &'static str {
        "datediff"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let moment = DataType::Timestamp(TimeUnit::Microsecond, None);
        match given {
            [_, moments @ ..] if moments.len() == 2 => {
                takes_moments("datediff", moments)?;
                Ok(vec![DataType::Utf8, moment.clone(), moment])
            }
            _ => plan_err!("`datediff` takes a part and two dates: `datediff('day', first, second)`"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [names, first, second] = arrays.as_slice() else { return exec_err!("`datediff` takes three arguments") };
        let names = texts(names)?;
        let first = first.as_primitive::<TimestampMicrosecondType>();
        let second = second.as_primitive::<TimestampMicrosecondType>();
        let mut parts = Parts::default();
        let counted = (0..first.len()).map(|row| {
            let Some(part) = parts.of(&names, row)? else { return Ok(None) };
            if first.is_null(row) || second.is_null(row) {
                return Ok(None);
            }
            let counted = part.between(first.value(row), second.value(row));
            counted.map(Some).ok_or_else(|| out_of_range("datediff"))
        });
        Ok(ColumnarValue::Array(Arc::new(counted.collect::<Result<Int64Array>>()?)))
    }
}
