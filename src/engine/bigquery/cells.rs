//! Rows of answers as batches of Arrow.
//!
//! A row is `{"f": [{"v": …}, …]}`: scalars are texts, repeated values lists of `{"v": …}`, records rows again
//! (<https://cloud.google.com/bigquery/docs/reference/rest/v2/jobs/getQueryResults>). Moments are microseconds since 1970.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, RecordBatchOptions,
    StringArray, StructArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, Fields, SchemaRef, TimeUnit};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value as Json;

use crate::engine::{EngineError, ErrorKind};

/// The `rows` of a page.
///
/// # Errors
/// When they are not of the schema.
pub(super) fn batch(schema: &SchemaRef, rows: &Json) -> Result<RecordBatch, EngineError> {
    let rows: Vec<Option<&Json>> = rows.as_array().into_iter().flatten().map(Some).collect();
    let columns = columns(schema.fields(), &rows)?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows.len()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)
        .map_err(|error| unreadable(&error.to_string()))
}

fn columns(fields: &Fields, rows: &[Option<&Json>]) -> Result<Vec<ArrayRef>, EngineError> {
    let column = |(at, field): (usize, &Arc<Field>)| {
        let values: Vec<Option<&Json>> = rows.iter().map(|row| value(&(*row)?["f"][at])).collect();
        array(field, &values)
    };
    fields.iter().enumerate().map(column).collect()
}

/// What a cell holds; nothing where it is null.
fn value(cell: &Json) -> Option<&Json> {
    Some(&cell["v"]).filter(|value| !value.is_null())
}

fn array(field: &Field, values: &[Option<&Json>]) -> Result<ArrayRef, EngineError> {
    let texts = || values.iter().map(|value| value.and_then(Json::as_str));
    let wrong = |text: &str| unreadable(&format!("`{text}` in the column `{}`", field.name()));
    Ok(match field.data_type() {
        DataType::Utf8 => Arc::new(texts().collect::<StringArray>()),
        DataType::Int64 => {
            let numbers = texts().map(|text| text.map(|text| text.parse().map_err(|_| wrong(text))).transpose());
            Arc::new(numbers.collect::<Result<Int64Array, _>>()?)
        }
        DataType::Float64 => {
            let numbers = texts().map(|text| text.map(|text| text.parse().map_err(|_| wrong(text))).transpose());
            Arc::new(numbers.collect::<Result<Float64Array, _>>()?)
        }
        DataType::Boolean => {
            let read = |text: &str| text.to_ascii_lowercase().parse().map_err(|_| wrong(text));
            Arc::new(texts().map(|text| text.map(read).transpose()).collect::<Result<BooleanArray, _>>()?)
        }
        DataType::Binary => {
            let read = |text: &str| BASE64_STANDARD.decode(text).map_err(|_| wrong(text));
            let bytes: Vec<Option<Vec<u8>>> =
                texts().map(|text| text.map(read).transpose()).collect::<Result<_, _>>()?;
            Arc::new(BinaryArray::from_iter(bytes))
        }
        DataType::Timestamp(TimeUnit::Microsecond, Some(zone)) => {
            let numbers = texts().map(|text| text.map(|text| moment(text).ok_or_else(|| wrong(text))).transpose());
            Arc::new(numbers.collect::<Result<TimestampMicrosecondArray, _>>()?.with_timezone(Arc::clone(zone)))
        }
        DataType::List(item) => list(item, values)?,
        DataType::Struct(fields) if fields.is_empty() => new_null_array(field.data_type(), values.len()),
        DataType::Struct(fields) => {
            let present = NullBuffer::from_iter(values.iter().map(Option::is_some));
            let inner = columns(fields, values)?;
            let made = StructArray::try_new(fields.clone(), inner, Some(present));
            Arc::new(made.map_err(|error| unreadable(&error.to_string()))?)
        }
        // Dates, times and decimals are written as Arrow reads them.
        other => {
            let options = CastOptions { safe: false, ..CastOptions::default() };
            let texts: ArrayRef = Arc::new(texts().collect::<StringArray>());
            cast_with_options(&texts, other, &options).map_err(|error| unreadable(&error.to_string()))?
        }
    })
}

fn list(item: &Arc<Field>, values: &[Option<&Json>]) -> Result<ArrayRef, EngineError> {
    let lists: Vec<&[Json]> =
        values.iter().map(|list| list.and_then(Json::as_array).map_or(&[][..], Vec::as_slice)).collect();
    let offsets = OffsetBuffer::from_lengths(lists.iter().map(|list| list.len()));
    let items: Vec<Option<&Json>> = lists.iter().flat_map(|list| list.iter().map(value)).collect();
    let inner = array(item, &items)?;
    // An array of BigQuery is never null: one that was stored as null is empty.
    let made = ListArray::try_new(Arc::clone(item), offsets, inner, None);
    Ok(Arc::new(made.map_err(|error| unreadable(&error.to_string()))?))
}

/// Microseconds since 1970, as they are asked for; or seconds with a fraction, which servers give that do not know the option.
fn moment(text: &str) -> Option<i64> {
    match text.parse::<i64>() {
        Ok(micros) => Some(micros),
        #[expect(clippy::cast_possible_truncation, reason = "moments are within the range")]
        Err(_) => text.parse::<f64>().ok().map(|seconds| (seconds * 1e6).round() as i64),
    }
}

fn unreadable(what: &str) -> EngineError {
    EngineError::new(ErrorKind::Internal, format!("an answer of BigQuery cannot be read: {what}"))
}

#[cfg(test)]
mod tests {
    use arrow::util::pretty::pretty_format_batches;
    use serde_json::json;

    use super::batch;
    use crate::engine::bigquery::types;

    #[test]
    fn rows_of_all_types() {
        let fields = json!([
            { "name": "i", "type": "INTEGER" },
            { "name": "f", "type": "FLOAT" },
            { "name": "b", "type": "BOOLEAN" },
            { "name": "s", "type": "STRING" },
            { "name": "y", "type": "BYTES" },
            { "name": "n", "type": "NUMERIC" },
            { "name": "d", "type": "DATE" },
            { "name": "t", "type": "TIME" },
            { "name": "dt", "type": "DATETIME" },
            { "name": "ts", "type": "TIMESTAMP" },
            { "name": "a", "type": "INTEGER", "mode": "REPEATED" },
            { "name": "r", "type": "RECORD", "fields": [{ "name": "x", "type": "STRING" }] },
        ]);
        let cell = |value: serde_json::Value| json!({ "v": value });
        let full = [
            json!("-7"),
            json!("NaN"),
            json!("true"),
            json!("é"),
            json!("YWI="),
            json!("1.000000001"),
            json!("2026-01-31"),
            json!("01:02:03.5"),
            json!("2026-01-31T01:02:03"),
            json!("1577836800123456"),
            json!([{ "v": "1" }, { "v": "2" }]),
            json!({ "f": [{ "v": "in" }] }),
        ];
        let empty = (0..full.len()).map(|at| cell(if at == 10 { json!([]) } else { json!(null) }));
        let rows = json!([{ "f": full.map(cell) }, { "f": empty.collect::<Vec<_>>() }]);
        let schema = types::schema(&fields).unwrap();
        let shown = pretty_format_batches(&[batch(&schema, &rows).unwrap()]).unwrap().to_string();
        insta::assert_snapshot!(shown);
        assert_eq!(batch(&schema, &json!(null)).unwrap().num_rows(), 0);
    }

    #[test]
    fn a_value_that_is_not_of_its_type_is_an_error() {
        let schema = types::schema(&json!([{ "name": "i", "type": "INTEGER" }])).unwrap();
        let error = batch(&schema, &json!([{ "f": [{ "v": "x" }] }])).unwrap_err();
        assert_eq!(error.message, "an answer of BigQuery cannot be read: `x` in the column `i`");
    }
}
