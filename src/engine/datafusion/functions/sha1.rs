//! `sha1(x)`: the digest of a text as forty hexadecimal digits, as all warehouses but BigQuery have it, which gives bytes.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::StringArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use sha1::Digest;

use super::part::texts;

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sha1 {
    signature: Signature,
}

impl Sha1 {
    pub(super) fn new() -> Self {
        Sha1 { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Sha1 {
    fn name(&self) -> &'static str {
        "sha1"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_] => Ok(vec![DataType::Utf8]),
            _ => plan_err!("`sha1` takes one text"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [values] = arrays.as_slice() else { return exec_err!("`sha1` takes one text") };
        let digests: StringArray = texts(values)?.iter().map(|text| text.map(digest)).collect();
        Ok(ColumnarValue::Array(Arc::new(digests)))
    }
}

fn digest(text: &str) -> String {
    sha1::Sha1::digest(text.as_bytes()).iter().fold(String::with_capacity(40), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
