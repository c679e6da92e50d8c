//! `length(x)`: how many characters a text has, how many elements a list, how many bytes a binary value.
//!
//! DataFusion's own counts the characters of anything's text, so that the length of a list was that of `[1, 2]`.

use arrow::compute::cast;
use arrow::compute::kernels::length::length;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::functions::unicode::character_length::CharacterLengthFunc;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Length {
    inner: CharacterLengthFunc,
    signature: Signature,
}

impl Length {
    pub(super) fn new() -> Self {
        Length { inner: CharacterLengthFunc::new(), signature: Signature::user_defined(Volatility::Immutable) }
    }
}

/// Whether values of a type are counted by what is in them.
fn is_counted(given: &DataType) -> bool {
    given.is_list() || given.is_binary()
}

impl ScalarUDFImpl for Length {
    fn name(&self) -> &'static str {
        "length"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [given] if is_counted(given) || given.is_string() => Ok(vec![given.clone()]),
            [_] => Ok(vec![DataType::Utf8View]),
            _ => plan_err!("`length` takes one text, list or binary value"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [given] if is_counted(given) => Ok(DataType::Int64),
            given => self.inner.return_type(given),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [of] if is_counted(&of.data_type()) => {
                let counts = length(&of.to_array(args.number_rows)?)?;
                Ok(ColumnarValue::Array(cast(&counts, &DataType::Int64)?))
            }
            _ => self.inner.invoke_with_args(args),
        }
    }
}
