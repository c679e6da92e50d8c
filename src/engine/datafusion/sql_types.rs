//! What SQL's type names mean here, where DataFusion's own reading is not what an analyst expects.
//!
//! Timestamps have microseconds, as Delta stores them: with DataFusion's nanoseconds `cast('9999-12-31' as timestamp)` fails.
//! The names that the warehouses use for everyday types are understood too.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast::{DataType as SqlType, ExactNumberInfo, ObjectName, TimezoneInfo};

/// Plans the types that need it and leaves the others to DataFusion.
#[derive(Debug)]
pub(super) struct SqlTypes;

impl TypePlanner for SqlTypes {
    fn plan_type_field(&self, sql_type: &SqlType) -> Result<Option<FieldRef>> {
        Ok(data_type(sql_type).map(|data_type| Arc::new(Field::new("", data_type, true))))
    }
}

fn data_type(sql_type: &SqlType) -> Option<DataType> {
    match sql_type {
        SqlType::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone)
        | SqlType::TimestampNtz(_)
        | SqlType::Datetime(_) => Some(DataType::Timestamp(TimeUnit::Microsecond, None)),
        SqlType::Timestamp(_, TimezoneInfo::WithTimeZone | TimezoneInfo::Tz) => {
            Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())))
        }
        SqlType::Int64 => Some(DataType::Int64),
        // A document is kept as its text.
        SqlType::JSON | SqlType::JSONB => Some(DataType::Utf8View),
        // Of 64 bits, as in the warehouses and the SQL standard's own default; `real` has 32.
        SqlType::Float(ExactNumberInfo::None) => Some(DataType::Float64),
        SqlType::Float64 => Some(DataType::Float64),
        SqlType::Dec(digits) => decimal(digits),
        SqlType::Custom(name, arguments) => warehouse_type(name, arguments),
        _ => None,
    }
}

/// The standard's short word for `decimal`, which has DataFusion's digits where it says nothing of them.
fn decimal(digits: &ExactNumberInfo) -> Option<DataType> {
    let (precision, scale) = match digits {
        ExactNumberInfo::None => (38, 10),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    let precision = u8::try_from(precision).ok().filter(|precision| *precision <= 38)?;
    Some(DataType::Decimal128(precision, i8::try_from(scale).ok()?))
}

/// Types of the warehouses that the parser does not know by name.
fn warehouse_type(name: &ObjectName, arguments: &[String]) -> Option<DataType> {
    let argument = |at: usize| arguments.get(at).and_then(|text| text.trim().parse::<u8>().ok());
    match name.to_string().to_ascii_lowercase().as_str() {
        "number" => {
            let precision = argument(0).unwrap_or(38);
            let scale = argument(1).and_then(|scale| i8::try_from(scale).ok()).unwrap_or(0);
            (precision <= 38).then_some(DataType::Decimal128(precision, scale))
        }
        "timestamp_ntz" => Some(DataType::Timestamp(TimeUnit::Microsecond, None)),
        "timestamp_tz" | "timestamp_ltz" => Some(DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))),
        _ => None,
    }
}
