//! `div(a, b)`: how many times a number goes into another, the whole part of the quotient.

use arrow::compute::kernels::numeric::div;
use arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{ColumnarValue, Operator, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module. A cast would round the quotient.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Quotient {
    signature: Signature,
}

impl Quotient {
    pub(super) fn new() -> Self {
        Quotient { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Quotient {
    fn name(&self) -> &'static str {
        "div"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [left, right] = given else { return plan_err!("`div` takes two numbers") };
        let (left, right) = BinaryTypeCoercer::new(left, &Operator::Divide, right).get_input_types()?;
        Ok(vec![left, right])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [left, right] = arrays.as_slice() else { return exec_err!("`div` takes two numbers") };
        // Arrow's cast cuts the fraction off.
        let whole = cast_with_options(
            &div(left, right)?,
            &DataType::Int64,
            &CastOptions { safe: false, ..CastOptions::default() },
        )?;
        Ok(ColumnarValue::Array(whole))
    }
}
