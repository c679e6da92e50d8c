//! Rows of Arrow as the lines of JSON that a load takes.
//!
//! Numbers with digits behind the point are written as texts, so that no digit is lost on the way; so is what JSON has no form for.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::json::LineDelimitedWriter;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::engine::{EngineError, ErrorKind};

/// A line a row; nulls are left out.
///
/// # Errors
/// When a type has no form in JSON.
pub(super) fn lines(batches: &[RecordBatch]) -> Result<Vec<u8>, EngineError> {
    let write = || {
        let mut writer = LineDelimitedWriter::new(Vec::new());
        for batch in batches {
            writer.write(&plain(batch)?)?;
        }
        writer.finish()?;
        Ok::<_, ArrowError>(writer.into_inner())
    };
    write().map_err(|error| EngineError::new(ErrorKind::Unsupported, format!("rows cannot be uploaded: {error}")))
}

/// The batch with columns of types that JSON has.
fn plain(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(plain_column).collect::<Result<_, _>>()?;
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(&columns);
    let fields: Vec<Field> =
        fields.map(|(field, column)| Field::new(field.name(), column.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

fn plain_column(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let is_text = |data_type: &DataType| {
        data_type.is_decimal()
            || data_type.is_floating()
            || data_type.is_temporal() && !matches!(data_type, DataType::Duration(_))
    };
    match column.data_type() {
        DataType::Binary => {
            let encoded =
                column.as_binary::<i32>().iter().map(|bytes| bytes.map(|bytes| BASE64_STANDARD.encode(bytes)));
            Ok(Arc::new(encoded.collect::<StringArray>()))
        }
        data_type if is_text(data_type) => cast(column, &DataType::Utf8),
        _ => Ok(Arc::clone(column)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BinaryArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch};

    use super::lines;

    #[test]
    fn no_digit_is_lost() {
        let decimals = Decimal128Array::from(vec![Some(1_000_000_001), None]).with_precision_and_scale(38, 9).unwrap();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("id", Arc::new(Int64Array::from(vec![i64::MAX, 2]))),
            ("amount", Arc::new(decimals)),
            ("rate", Arc::new(Float64Array::from(vec![0.1, f64::NAN]))),
            ("day", Arc::new(Date32Array::from(vec![Some(0), None]))),
            ("raw", Arc::new(BinaryArray::from_opt_vec(vec![Some(b"ab"), None]))),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let written = String::from_utf8(lines(&[batch]).unwrap()).unwrap();
        let expected = "{\"id\":9223372036854775807,\"amount\":\"1.000000001\",\"rate\":\"0.1\",\"day\":\"1970-01-01\",\"raw\":\"YWI=\"}\n{\"id\":2,\"rate\":\"NaN\"}\n";
        assert_eq!(written, expected);
    }
}
