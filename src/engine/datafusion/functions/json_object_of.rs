//! `json_object_of(pairs)`: the JSON document of a list of keys and values, which `object_agg(key, value)` gathers.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{Array, AsArray, StringBuilder};
use arrow::json::EncoderOptions;
use arrow::json::writer::make_encoder;
use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::texts;

/// See the module. Pairs are structs of two fields; a key that comes twice is an error, as Snowflake has it.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct JsonObjectOf {
    signature: Signature,
}

impl JsonObjectOf {
    pub(super) fn new() -> Self {
        JsonObjectOf { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonObjectOf {
    fn name(&self) -> &'static str {
        "json_object_of"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [DataType::List(pair)] if matches!(pair.data_type(), DataType::Struct(fields) if fields.len() == 2) => {
                Ok(given.to_vec())
            }
            _ => plan_err!("`json_object_of` takes a list of keys and values"),
        }
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [lists] = arrays.as_slice() else { return exec_err!("`json_object_of` takes one list") };
        let lists = lists.as_list::<i32>();
        let [keys, values] = lists.values().as_struct().columns() else { return exec_err!("a pair has two fields") };
        let keys = texts(keys)?;
        let field = Arc::new(Field::new("value", values.data_type().clone(), true));
        let options = EncoderOptions::default().with_explicit_nulls(true);
        let mut encoder = make_encoder(&field, values, &options)?;
        let mut documents = StringBuilder::new();
        for (row, ends) in lists.offsets().windows(2).enumerate() {
            let &[first, end] = ends else { continue };
            if lists.is_null(row) {
                documents.append_null();
                continue;
            }
            let (mut document, mut known) = (vec![b'{'], HashSet::new());
            let pairs = usize::try_from(first).unwrap_or_default()..usize::try_from(end).unwrap_or_default();
            for pair in pairs {
                if keys.is_null(pair) {
                    return exec_err!("the key of a value in an object is null");
                }
                let key = keys.value(pair);
                if !known.insert(key) {
                    return exec_err!("the key `{key}` comes twice in one object");
                }
                if known.len() > 1 {
                    document.push(b',');
                }
                let quoted = serde_json::to_string(key).map_err(|error| exec_datafusion_err!("{error}"))?;
                document.extend_from_slice(quoted.as_bytes());
                document.push(b':');
                match values.is_null(pair) {
                    true => document.extend_from_slice(b"null"),
                    false => encoder.encode(pair, &mut document),
                }
            }
            document.push(b'}');
            documents.append_value(str::from_utf8(&document).map_err(|error| exec_datafusion_err!("{error}"))?);
        }
        Ok(ColumnarValue::Array(Arc::new(documents.finish())))
    }
}
