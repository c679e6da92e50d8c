//! `date(x)`: the day of a moment, or of a text that spells one.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Date {
    signature: Signature,
}

impl Date {
    pub(super) fn new() -> Self {
        Date { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Date {
    fn name(&self) -> &'static str {
        "date"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_] => Ok(vec![DataType::Date32]),
            _ => plan_err!("`date` takes one moment"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }

    /// The argument is a date by now: the planner has cast it.
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.into_iter().next() {
            Some(day) => Ok(day),
            None => exec_err!("`date` takes one moment"),
        }
    }
}
