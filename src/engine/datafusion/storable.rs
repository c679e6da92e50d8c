//! Types that Delta cannot hold, mapped to types that it can: the one place where that is decided.
//!
//! | Type | Is stored as |
//! |---|---|
//! | unsigned integers | the next larger signed one; `UInt64` as `decimal(20, 0)` |
//! | `Float16` | `Float32` |
//! | timestamps of any unit | microseconds; with a zone: the same instant in UTC |
//! | `Date64` | `Date32` |
//! | times, intervals, durations, untyped nulls | text |
//! | `Decimal32`, `Decimal64`, `Decimal256` | `Decimal128`; refused above 38 digits |
//! | dictionaries, run-ends | their values |
//!
//! All columns become nullable: whether a query can prove a column free of nulls says nothing of what is appended later.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::kernels::cmp::distinct;
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;

use super::error::tidy;
use crate::engine::{EngineError, ErrorKind};

/// The schema under which rows of `schema` are stored.
///
/// # Errors
/// [`ErrorKind::Plan`] naming the column that cannot be stored.
pub(super) fn storable_schema(schema: &Schema) -> Result<SchemaRef, EngineError> {
    if schema.fields().is_empty() {
        return Err(EngineError::new(ErrorKind::Plan, "a table needs at least one column"));
    }
    check_names(schema)?;
    let fields = schema.fields().iter().map(|field| storable_field(field, field.name()));
    Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>, _>>()?)))
}

/// The rows of a batch under another schema: columns are found by name and cast, columns that the schema lacks are left out.
///
/// # Errors
/// [`ErrorKind::Execution`] naming the column with a value that does not fit.
pub(super) fn conform(batch: &RecordBatch, target: &SchemaRef) -> Result<RecordBatch, EngineError> {
    let column = |field: &FieldRef| -> Result<ArrayRef, EngineError> {
        let failed =
            |reason: &str| EngineError::new(ErrorKind::Execution, format!("column `{}`: {reason}", field.name()));
        let column = batch.column_by_name(field.name()).ok_or_else(|| failed("the query does not have it"))?;
        let values = strict_cast(column, field.data_type()).map_err(|error| failed(&tidy(&error.to_string())))?;
        if !field.is_nullable() && values.null_count() > 0 {
            let message = format!("null value in column `{}` violates not-null constraint", field.name());
            return Err(EngineError::new(ErrorKind::Execution, message));
        }
        Ok(values)
    };
    let columns = target.fields().iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(Arc::clone(target), columns, &rows)?)
}

/// Casts values; one that does not fit is an error. A floating-point number that is only near a whole number does not fit it.
fn strict_cast(column: &ArrayRef, target: &DataType) -> Result<ArrayRef, ArrowError> {
    if column.data_type() == target {
        return Ok(Arc::clone(column));
    }
    let strict = CastOptions { safe: false, ..CastOptions::default() };
    let cast = cast_with_options(column, target, &strict)?;
    if column.data_type().is_integer() && target.is_floating() {
        let back = cast_with_options(&cast, column.data_type(), &strict)?;
        if distinct(&back, column)?.has_true() {
            return Err(ArrowError::CastError(format!("a whole number has too many digits for type {target}")));
        }
    }
    Ok(cast)
}

/// Delta compares the names of columns without regard to case, also where SQL does not.
fn check_names(schema: &Schema) -> Result<(), EngineError> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for field in schema.fields() {
        let name = field.name();
        if name.is_empty() {
            return Err(EngineError::new(ErrorKind::Plan, "a column has no name").help("name it with `as`"));
        }
        if let Some(other) = seen.insert(name.to_lowercase(), name) {
            let message = if other == name {
                format!("two columns are named `{name}`")
            } else {
                format!("columns `{other}` and `{name}` differ only in case")
            };
            return Err(EngineError::new(ErrorKind::Plan, message).help("give one of them another name with `as`"));
        }
    }
    Ok(())
}

/// A field without the metadata of where it came from, which would end up in the table's schema.
fn storable_field(field: &Field, column: &str) -> Result<FieldRef, EngineError> {
    Ok(Arc::new(Field::new(field.name(), storable_type(field.data_type(), column)?, true)))
}

/// The type under which values of `data_type` are stored.
///
/// # Errors
/// [`ErrorKind::Plan`] naming the column that cannot be stored.
pub(super) fn storable_type(data_type: &DataType, column: &str) -> Result<DataType, EngineError> {
    let element = |field: &FieldRef| {
        Ok::<_, EngineError>(Arc::new(Field::new("element", storable_type(field.data_type(), column)?, true)))
    };
    Ok(match data_type {
        DataType::UInt8 => DataType::Int16,
        DataType::UInt16 => DataType::Int32,
        DataType::UInt32 => DataType::Int64,
        DataType::UInt64 => DataType::Decimal128(20, 0),
        DataType::Float16 => DataType::Float32,
        DataType::Date64 => DataType::Date32,
        DataType::Timestamp(_, None) => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Timestamp(_, Some(_)) => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Null
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Duration(_)
        | DataType::Interval(_)
        | DataType::LargeUtf8 => DataType::Utf8,
        DataType::LargeBinary | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Decimal32(precision, scale)
        | DataType::Decimal64(precision, scale)
        | DataType::Decimal128(precision, scale)
        | DataType::Decimal256(precision, scale) => decimal(*precision, *scale, column)?,
        DataType::Dictionary(_, value) => storable_type(value, column)?,
        DataType::RunEndEncoded(_, values) => storable_type(values.data_type(), column)?,
        DataType::List(field)
        | DataType::LargeList(field)
        | DataType::ListView(field)
        | DataType::LargeListView(field)
        | DataType::FixedSizeList(field, _) => DataType::List(element(field)?),
        DataType::Struct(fields) => {
            let fields = fields.iter().map(|field| storable_field(field, column));
            DataType::Struct(fields.collect::<Result<Fields, _>>()?)
        }
        DataType::Map(entries, sorted) => DataType::Map(storable_entries(entries, column)?, *sorted),
        DataType::Union(..) => return Err(unstorable(column, "a union")),
        other => other.clone(),
    })
}

/// Delta's scales are 0 to 38; Arrow allows a scale below zero.
fn decimal(precision: u8, scale: i8, column: &str) -> Result<DataType, EngineError> {
    if precision > 38 {
        return Err(unstorable(column, &format!("`decimal({precision}, {scale})`, which has more than 38 digits"))
            .help(format!("cast it, for instance `cast({column} as decimal(38, {}))`", scale.clamp(0, 38))));
    }
    if scale < 0 {
        let digits = precision.saturating_add(scale.unsigned_abs()).min(38);
        return Ok(DataType::Decimal128(digits, 0));
    }
    Ok(DataType::Decimal128(precision, scale))
}

/// The keys of a map are never null.
fn storable_entries(entries: &FieldRef, column: &str) -> Result<FieldRef, EngineError> {
    let DataType::Struct(fields) = entries.data_type() else { return Err(unstorable(column, "a map without entries")) };
    let fields = fields.iter().enumerate().map(|(at, field)| {
        let stored = storable_type(field.data_type(), column)?;
        Ok::<_, EngineError>(Field::new(if at == 0 { "key" } else { "value" }, stored, at != 0))
    });
    let fields = fields.collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Field::new("key_value", DataType::Struct(fields.into()), false)))
}

fn unstorable(column: &str, what: &str) -> EngineError {
    EngineError::new(ErrorKind::Plan, format!("column `{column}` is {what}; a table cannot hold that"))
}
