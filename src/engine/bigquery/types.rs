//! Types of BigQuery as those of Arrow, and back.
//!
//! | BigQuery | Arrow |
//! |---|---|
//! | `INT64`, `FLOAT64`, `BOOL`, `STRING`, `BYTES` | `Int64`, `Float64`, `Boolean`, `Utf8`, `Binary` |
//! | `NUMERIC(p, s)`, `BIGNUMERIC(p, s)` | `Decimal128(38, 9)` or of its digits, `Decimal256(76, 38)` or of its digits |
//! | `DATE`, `TIME`, `DATETIME`, `TIMESTAMP` | `Date32`, `Time64(us)`, `Timestamp(us)` without and with the zone UTC |
//! | `ARRAY`, `STRUCT` | `List`, `Struct` |
//! | `JSON`, `GEOGRAPHY`, `INTERVAL`, `RANGE` and what else may come | `Utf8`, the type's name kept with the field |

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use serde_json::{Value as Json, json};

use crate::engine::{EngineError, ErrorKind};

/// Under what a field keeps the name of a type that Arrow's does not tell.
const KEPT: &str = "bigquery.type";

/// The zone of moments.
const UTC: &str = "UTC";

/// The digits of `NUMERIC`, and those behind the point.
const NUMERIC: (u8, i8) = (38, 9);

/// The digits of `BIGNUMERIC` that are sure, and those behind the point.
const BIGNUMERIC: (u8, i8) = (76, 38);

/// The columns that `schema.fields` of an answer tells of; none where it is null.
///
/// # Errors
/// When the answer is not as documented.
pub(super) fn schema(fields: &Json) -> Result<SchemaRef, EngineError> {
    Ok(Arc::new(Schema::new(read_fields(fields)?)))
}

fn read_fields(fields: &Json) -> Result<Fields, EngineError> {
    fields.as_array().into_iter().flatten().map(|field| Ok(Arc::new(read_field(field)?))).collect()
}

fn read_field(said: &Json) -> Result<Field, EngineError> {
    let text = |key: &str| said[key].as_str();
    let (Some(name), Some(word)) = (text("name"), text("type")) else {
        return Err(EngineError::new(
            ErrorKind::Internal,
            format!("BigQuery tells of a column in unknown words: {said}"),
        ));
    };
    let digits = |key: &str| said[key].as_str().and_then(|digits| digits.parse().ok());
    let decimal = |(precision, scale): (u8, i8)| match digits("precision") {
        Some(own) => (own, digits("scale").and_then(|own| i8::try_from(own).ok()).unwrap_or(0)),
        None => (precision, scale),
    };
    let (data_type, kept) = match word {
        "INTEGER" | "INT64" => (DataType::Int64, None),
        "FLOAT" | "FLOAT64" => (DataType::Float64, None),
        "BOOLEAN" | "BOOL" => (DataType::Boolean, None),
        "STRING" => (DataType::Utf8, None),
        "BYTES" => (DataType::Binary, None),
        "NUMERIC" => {
            let (precision, scale) = decimal(NUMERIC);
            (DataType::Decimal128(precision, scale), None)
        }
        "BIGNUMERIC" => {
            let (precision, scale) = decimal(BIGNUMERIC);
            (DataType::Decimal256(precision, scale), None)
        }
        "DATE" => (DataType::Date32, None),
        "TIME" => (DataType::Time64(TimeUnit::Microsecond), None),
        "DATETIME" => (DataType::Timestamp(TimeUnit::Microsecond, None), None),
        "TIMESTAMP" => (DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())), None),
        "RECORD" | "STRUCT" => (DataType::Struct(read_fields(&said["fields"])?), None),
        "RANGE" => {
            (DataType::Utf8, Some(format!("RANGE<{}>", said["rangeElementType"]["type"].as_str().unwrap_or("DATE"))))
        }
        other => (DataType::Utf8, Some(other.to_owned())),
    };
    let kept = |field: Field| match &kept {
        Some(word) => field.with_metadata([(KEPT.to_owned(), word.clone())].into()),
        None => field,
    };
    Ok(match text("mode") {
        Some("REPEATED") => {
            let item = kept(Field::new("item", data_type, true));
            Field::new(name, DataType::List(Arc::new(item)), true)
        }
        mode => kept(Field::new(name, data_type, mode != Some("REQUIRED"))),
    })
}

/// The type of a column in SQL.
pub(super) fn sql_type(field: &Field) -> String {
    match (field.metadata().get(KEPT), field.data_type()) {
        (Some(kept), _) => kept.clone(),
        (None, DataType::List(item) | DataType::LargeList(item)) => format!("ARRAY<{}>", sql_type(item)),
        (None, DataType::Struct(fields)) => {
            let fields: Vec<String> =
                fields.iter().map(|field| format!("`{}` {}", field.name(), sql_type(field))).collect();
            format!("STRUCT<{}>", fields.join(", "))
        }
        (None, data_type) => match digits(data_type) {
            Some((precision, scale)) => decimal_name(precision, scale),
            None => type_name(data_type),
        },
    }
}

/// The digits of a decimal, and those behind the point.
fn digits(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

/// What users call a type. Decimals are told without digits: queries do not have any.
pub(super) fn type_name(data_type: &DataType) -> String {
    let word = match data_type {
        DataType::Boolean => "BOOL",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => "BYTES",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "FLOAT64",
        DataType::Decimal256(..) => "BIGNUMERIC",
        data_type if data_type.is_decimal() => "NUMERIC",
        DataType::Date32 | DataType::Date64 => "DATE",
        DataType::Time32(_) | DataType::Time64(_) => "TIME",
        DataType::Timestamp(_, None) => "DATETIME",
        DataType::Timestamp(_, Some(_)) => "TIMESTAMP",
        DataType::Interval(_) | DataType::Duration(_) => "INTERVAL",
        DataType::List(_) | DataType::LargeList(_) | DataType::Struct(_) => {
            return sql_type(&Field::new("", data_type.clone(), true));
        }
        data_type if data_type.is_integer() => "INT64",
        _ => "STRING",
    };
    word.to_owned()
}

/// The narrower of the two types that holds decimals of these digits; digits are named where they are fewer than it has.
fn decimal_name(precision: u8, scale: i8) -> String {
    let whole = i16::from(precision) - i16::from(scale);
    match (precision, scale) {
        NUMERIC => "NUMERIC".to_owned(),
        BIGNUMERIC => "BIGNUMERIC".to_owned(),
        _ if (0..=9).contains(&scale) && whole <= 29 => format!("NUMERIC({precision}, {scale})"),
        _ if (0..=38).contains(&scale) && whole <= 38 => format!("BIGNUMERIC({precision}, {scale})"),
        _ => "BIGNUMERIC".to_owned(),
    }
}

/// A column as `schema.fields` of a load tells of it.
pub(super) fn load_field(field: &Field) -> Json {
    let (item, mode) = match field.data_type() {
        DataType::List(item) | DataType::LargeList(item) => (item.as_ref(), "REPEATED"),
        _ => (field, if field.is_nullable() { "NULLABLE" } else { "REQUIRED" }),
    };
    let mut said = json!({ "name": field.name(), "mode": mode });
    if let DataType::Struct(fields) = item.data_type() {
        said["type"] = Json::from("RECORD");
        said["fields"] = fields.iter().map(|field: &FieldRef| load_field(field)).collect();
        return said;
    }
    let name = sql_type(item);
    said["type"] = Json::from(name.split('(').next().unwrap_or_default());
    with_digits(&mut said, &name);
    said
}

/// Gives a field of a load the numbers between the parentheses of a type: the digits of a decimal, or the length of a text.
pub(super) fn with_digits(field: &mut Json, data_type: &str) {
    let Some((_, numbers)) = data_type.split_once('(') else { return };
    let keys: &[&str] = match field["type"].as_str() {
        Some("NUMERIC" | "BIGNUMERIC") => &["precision", "scale"],
        Some("STRING" | "BYTES") => &["maxLength"],
        _ => &[],
    };
    for (key, number) in keys.iter().zip(numbers.trim_end_matches(')').split(',')) {
        field[*key] = Json::from(number.trim());
    }
}

/// The type that holds what both hold, where a column of a table can be given it and none of its values changes: decimals with more digits.
/// Of the decimals of a query the digits are not known, and nothing is done about them.
pub(super) fn wider(table: &DataType, rows: &DataType) -> Option<DataType> {
    let whole = |(precision, scale): (u8, i8)| i16::from(precision) - i16::from(scale);
    let (own, other) = (digits(table)?, digits(rows)?);
    let is_big = |data_type: &DataType| matches!(data_type, DataType::Decimal256(..));
    if matches!(other, NUMERIC | BIGNUMERIC) && (is_big(table) || !is_big(rows)) {
        return None;
    }
    let scale = own.1.max(other.1);
    let precision = u8::try_from(whole(own).max(whole(other)) + i16::from(scale)).ok()?;
    let both = match is_big(table) || is_big(rows) || precision > NUMERIC.0 || scale > NUMERIC.1 {
        true => DataType::Decimal256(precision.min(BIGNUMERIC.0), scale),
        false => DataType::Decimal128(precision, scale),
    };
    (both != *table).then_some(both)
}

#[cfg(test)]
mod tests {
    use arrow::datatypes::DataType;
    use serde_json::json;

    use super::{decimal_name, load_field, schema, sql_type, wider};

    #[test]
    fn columns_come_back_as_they_were() {
        let fields = json!([
            { "name": "id", "type": "INTEGER", "mode": "REQUIRED" },
            { "name": "amount", "type": "NUMERIC", "precision": "10", "scale": "2" },
            { "name": "big", "type": "BIGNUMERIC" },
            { "name": "tags", "type": "STRING", "mode": "REPEATED" },
            { "name": "lines", "type": "RECORD", "mode": "REPEATED", "fields": [{ "name": "sku", "type": "JSON" }] },
            { "name": "valid", "type": "RANGE", "rangeElementType": { "type": "DATE" } },
            { "name": "at", "type": "TIMESTAMP" },
            { "name": "place", "type": "GEOGRAPHY" },
            { "name": "new", "type": "TYPE_OF_TOMORROW" },
        ]);
        let schema = schema(&fields).unwrap();
        let types: Vec<String> = schema.fields().iter().map(|field| sql_type(field)).collect();
        let expected = [
            "INT64",
            "NUMERIC(10, 2)",
            "BIGNUMERIC",
            "ARRAY<STRING>",
            "ARRAY<STRUCT<`sku` JSON>>",
            "RANGE<DATE>",
            "TIMESTAMP",
            "GEOGRAPHY",
            "TYPE_OF_TOMORROW",
        ];
        assert_eq!(types, expected);
        assert!(!schema.field(0).is_nullable() && schema.field(1).is_nullable());
        let said = load_field(schema.field(1));
        assert_eq!(
            said,
            json!({ "name": "amount", "type": "NUMERIC", "mode": "NULLABLE", "precision": "10", "scale": "2" })
        );
        assert_eq!(load_field(schema.field(3))["mode"], "REPEATED");
    }

    #[test]
    fn decimals_get_the_narrower_type() {
        assert_eq!(decimal_name(38, 9), "NUMERIC");
        assert_eq!(decimal_name(18, 4), "NUMERIC(18, 4)");
        assert_eq!(decimal_name(38, 10), "BIGNUMERIC(38, 10)");
        assert_eq!(decimal_name(76, 0), "BIGNUMERIC");
    }

    #[test]
    fn a_column_is_widened_only_where_nothing_changes() {
        let (int, float) = (DataType::Int64, DataType::Float64);
        assert_eq!((wider(&int, &float), wider(&float, &int)), (None, None));
        assert_eq!(
            wider(&DataType::Decimal128(10, 2), &DataType::Decimal128(12, 4)),
            Some(DataType::Decimal128(12, 4))
        );
        assert_eq!(wider(&DataType::Decimal128(10, 2), &DataType::Decimal128(8, 1)), None);
        assert_eq!(wider(&DataType::Decimal128(10, 2), &DataType::Decimal128(38, 9)), None);
        assert_eq!(
            wider(&DataType::Decimal128(38, 9), &DataType::Decimal256(76, 38)),
            Some(DataType::Decimal256(76, 38))
        );
        assert_eq!(wider(&DataType::Utf8, &int), None);
    }
}
