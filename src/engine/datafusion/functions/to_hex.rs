//! `to_hex(x)`: a whole number, or the bytes of a binary value, in hexadecimal digits.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{AsArray, StringArray};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, plan_err};
use datafusion::functions::string::to_hex::ToHexFunc;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module. DataFusion's own knows numbers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ToHex {
    inner: ToHexFunc,
    signature: Signature,
}

impl ToHex {
    pub(super) fn new() -> Self {
        ToHex { inner: ToHexFunc::new(), signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ToHex {
    fn name(&self) -> &'static str {
        "to_hex"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [given] if given.is_integer() => Ok(vec![given.clone()]),
            [given] if given.is_binary() => Ok(vec![DataType::Binary]),
            [DataType::Null] => Ok(vec![DataType::Binary]),
            _ => plan_err!("`to_hex` takes one whole number or binary value"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [of] = args.args.as_slice() else { return self.inner.invoke_with_args(args) };
        let array = of.to_array(args.number_rows)?;
        let Some(values) = array.as_binary_opt::<i32>() else { return self.inner.invoke_with_args(args) };
        let digits = |bytes: &[u8]| {
            bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
                // Writing to a text does not fail.
                let _ = write!(text, "{byte:02x}");
                text
            })
        };
        let texts: StringArray = values.iter().map(|value| value.map(digits)).collect();
        Ok(ColumnarValue::Array(Arc::new(texts)))
    }
}
