//! `round(number, digits)`: DataFusion's, which takes digits of any whole type as they are.
//!
//! A decimal that is rounded to digits that are written out has just these. DataFusion's own has its digits cast, which hides them from
//! whatever decides types next: a comparison was planned for more digits than there are when it runs.

use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::functions::math::round::RoundFunc;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility,
};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Round {
    own: RoundFunc,
    signature: Signature,
}

impl Round {
    pub(super) fn new() -> Self {
        Round { own: RoundFunc::new(), signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Round {
    fn name(&self) -> &'static str {
        "round"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let number = |given: &DataType| match given {
            DataType::Null => Ok(DataType::Float64),
            number if number.is_numeric() => Ok(number.clone()),
            other => plan_err!("function `round` takes a number, not {other}"),
        };
        let digits = |given: &DataType| match given {
            DataType::Null => Ok(DataType::Int64),
            digits if digits.is_integer() => Ok(digits.clone()),
            other => plan_err!("function `round` takes a whole number of digits, not {other}"),
        };
        match given {
            [value] => Ok(vec![number(value)?]),
            [value, places] => Ok(vec![number(value)?, digits(places)?]),
            _ => plan_err!("function `round` takes a number, and how many digits are left of it"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.own.return_type(given)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.own.return_field_from_args(args)
    }

    fn invoke_with_args(&self, mut args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        if let Some(digits) = args.args.get_mut(1) {
            *digits = digits.cast_to(&DataType::Int32, None)?;
        }
        if let Some(digits) = args.arg_fields.get_mut(1) {
            *digits = Field::new(digits.name(), DataType::Int32, digits.is_nullable()).into();
        }
        self.own.invoke_with_args(args)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        self.own.output_ordering(inputs)
    }
}
