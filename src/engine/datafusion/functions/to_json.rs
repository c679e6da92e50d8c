//! `to_json(x)`: a value as the text of a JSON document.

use std::sync::Arc;

use arrow::array::StringBuilder;
use arrow::json::EncoderOptions;
use arrow::json::writer::make_encoder;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, exec_datafusion_err, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

/// See the module. Null has no document; inside of one it is `null`, as PostgreSQL and DuckDB have it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ToJson {
    signature: Signature,
}

impl ToJson {
    pub(super) fn new() -> Self {
        ToJson { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for ToJson {
    fn name(&self) -> &'static str {
        "to_json"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [values] = arrays.as_slice() else { return exec_err!("`to_json` takes one value") };
        let field = Arc::new(Field::new("value", values.data_type().clone(), true));
        let options = EncoderOptions::default().with_explicit_nulls(true);
        let mut encoder = make_encoder(&field, values, &options)?;
        let (mut documents, mut document) = (StringBuilder::new(), Vec::new());
        for row in 0..values.len() {
            if values.is_null(row) {
                documents.append_null();
                continue;
            }
            document.clear();
            encoder.encode(row, &mut document);
            documents.append_value(str::from_utf8(&document).map_err(|error| exec_datafusion_err!("{error}"))?);
        }
        Ok(ColumnarValue::Array(Arc::new(documents.finish())))
    }
}
