//! The values of Arrow columns as Python's: integers, decimals, dates, texts.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::temporal_conversions::{as_date, as_datetime};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use chrono::NaiveDateTime;

use super::ColumnType;
use crate::context::modules::{date_time, date_value};
use crate::jinja::{Decimal, Value};

/// What the values of a column are.
pub(super) fn column_type(data_type: &DataType) -> ColumnType {
    match data_type {
        DataType::Boolean => ColumnType::Boolean,
        DataType::Date32 | DataType::Date64 => ColumnType::Date,
        DataType::Timestamp(..) => ColumnType::DateTime,
        DataType::Null => ColumnType::Integer,
        DataType::Decimal128(_, scale) if *scale <= 0 => ColumnType::Integer,
        number if number.is_integer() => ColumnType::Integer,
        number if number.is_numeric() => ColumnType::Number,
        DataType::Dictionary(_, value) => column_type(value),
        _ => ColumnType::Text,
    }
}

/// The values of a column.
pub(super) fn values(array: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    if let DataType::Dictionary(_, value) = array.data_type() {
        return values(&arrow::compute::cast(array, value)?);
    }
    if let DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) | DataType::Map(..) = array.data_type() {
        return nested(array);
    }
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array, &options)?;
    let one = |row: usize| {
        if array.is_null(row) || array.data_type() == &DataType::Null {
            return Ok(Value::from(()));
        }
        match cell(array, row) {
            Some(value) => Ok(value),
            None => formatter.value(row).try_to_string().map(|text| number(array.data_type(), text)),
        }
    };
    (0..array.len()).map(one).collect()
}

/// A value that Arrow has as such.
fn cell(array: &ArrayRef, row: usize) -> Option<Value> {
    Some(match array.data_type() {
        DataType::Boolean => Value::from(array.as_boolean().value(row)),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Decimal128(_, scale) if *scale > 0 => {
            let digits = array.as_primitive::<Decimal128Type>().value(row);
            Decimal::new(digits, u32::try_from(*scale).ok()?).into()
        }
        DataType::Date32 => {
            let days = i64::from(array.as_primitive::<arrow::datatypes::Date32Type>().value(row));
            date_value(as_date::<arrow::datatypes::Date32Type>(days)?)
        }
        DataType::Date64 => {
            let millis = array.as_primitive::<arrow::datatypes::Date64Type>().value(row);
            date_value(as_date::<arrow::datatypes::Date64Type>(millis)?)
        }
        DataType::Timestamp(unit, zone) => date_time(timestamp(array, *unit, row)?, zone.is_some()),
        _ => return None,
    })
}

fn timestamp(array: &ArrayRef, unit: arrow::datatypes::TimeUnit, row: usize) -> Option<NaiveDateTime> {
    use arrow::datatypes::{
        TimeUnit, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    };
    match unit {
        TimeUnit::Second => as_datetime::<TimestampSecondType>(array.as_primitive::<TimestampSecondType>().value(row)),
        TimeUnit::Millisecond => {
            as_datetime::<TimestampMillisecondType>(array.as_primitive::<TimestampMillisecondType>().value(row))
        }
        TimeUnit::Microsecond => {
            as_datetime::<TimestampMicrosecondType>(array.as_primitive::<TimestampMicrosecondType>().value(row))
        }
        TimeUnit::Nanosecond => {
            as_datetime::<TimestampNanosecondType>(array.as_primitive::<TimestampNanosecondType>().value(row))
        }
    }
}

/// A float is a decimal with the digits that it prints with; what is no number stays a float.
fn float(float: f64) -> Value {
    let printed = format!("{float:?}");
    Decimal::parse(&printed).map_or_else(|| Value::from(float), Value::from)
}

/// A printed value of a type of numbers.
fn number(data_type: &DataType, text: String) -> Value {
    if column_type(data_type) == ColumnType::Integer {
        if let Ok(int) = text.parse::<i64>() {
            return Value::from(int);
        }
        return text.parse::<i128>().map_or_else(|_| Value::from(text.as_str()), Value::from);
    }
    match data_type.is_numeric() {
        true => Decimal::parse(&text).map_or_else(|| Value::from(text.as_str()), Value::from),
        false => Value::from(text),
    }
}

/// Lists and structs as JSON.
fn nested(array: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let field = arrow::datatypes::Field::new("v", array.data_type().clone(), true);
    let schema = std::sync::Arc::new(arrow::datatypes::Schema::new(vec![field]));
    let batch = arrow::record_batch::RecordBatch::try_new(schema, vec![std::sync::Arc::clone(array)])?;
    let mut writer = arrow::json::ArrayWriter::new(Vec::new());
    writer.write(&batch)?;
    writer.finish()?;
    let rows: Vec<serde_json::Value> =
        serde_json::from_slice(&writer.into_inner()).map_err(|error| ArrowError::JsonError(error.to_string()))?;
    let cell = |row: &serde_json::Value| match row.get("v") {
        None | Some(serde_json::Value::Null) => Value::from(()),
        Some(value) => {
            let value = crate::context::value_of(value);
            crate::jinja::json(&value, false, None).map_or_else(|_| Value::from(()), Value::from)
        }
    };
    Ok(rows.iter().map(cell).collect())
}
