//! `mod(a, b)`: what is left of a division, as the operator `%` has it.

use arrow::compute::kernels::numeric::rem;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::binary::BinaryTypeCoercer;
use datafusion::logical_expr::{ColumnarValue, Operator, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Modulo {
    signature: Signature,
}

impl Modulo {
    pub(super) fn new() -> Self {
        Modulo { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Modulo {
    fn name(&self) -> &'static str {
        "mod"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [left, right] = given else { return plan_err!("`mod` takes two numbers") };
        let (left, right) = BinaryTypeCoercer::new(left, &Operator::Modulo, right).get_input_types()?;
        Ok(vec![left, right])
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        let [left, right] = given else { return plan_err!("`mod` takes two numbers") };
        BinaryTypeCoercer::new(left, &Operator::Modulo, right).get_result_type()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [left, right] = arrays.as_slice() else { return exec_err!("`mod` takes two numbers") };
        Ok(ColumnarValue::Array(rem(left, right)?))
    }
}
