//! Whether the rows of a query can be added to a table that is there: every column of the table needs one of the query, of a
//! type whose values the table's column holds as they are.
//!
//! | The query has | The table has |
//! |---|---|
//! | any type | the same type |
//! | an untyped null | any type |
//! | a whole number | a whole number, a decimal, a floating-point number; a value that does not fit is an error when it is met |
//! | a decimal | a decimal with as many digits on both sides of the point |
//! | `real` | `double` |
//! | a date | a timestamp without a zone |
//!
//! Whole numbers are let through by value rather than by type because the literals of SQL are `bigint`. Everything else would
//! lose something without a word, and is refused.
//!
//! A materialization first makes columns of the table wider, where that changes none of their values ([`wider`]):
//!
//! | The table has | The query has | The table then has |
//! |---|---|---|
//! | a whole number | a whole number of more bytes | that |
//! | `tinyint`, `smallint`, `int`, `real` | `double` | `double` |
//! | a whole number, a decimal | a decimal | a decimal with the digits of both on either side of the point, up to 38 |
//! | a date | a timestamp without a zone | that |

use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field, FieldRef, Fields, Schema};

use super::storable::storable_type;
use super::type_names::sql_name;
use crate::engine::{EngineError, ErrorKind};

/// Checks that the rows of `query` can be added to a table with the columns of `table`. Columns that only the query has are
/// left out.
///
/// # Errors
/// [`ErrorKind::Plan`] naming the column that is missing, or whose values the table would change.
pub(super) fn check(query: &Schema, table: &Schema) -> Result<(), EngineError> {
    table.fields().iter().try_for_each(|column| match query.field_with_name(column.name()) {
        Ok(found) => check_column(found, column),
        Err(_) => Err(missing(column.name())),
    })
}

/// The type of a column of a table that holds all values of the query's column and of its own, where it is another than its own.
///
/// # Errors
/// When no table can hold the query's column.
pub(super) fn wider(query: &Field, table: &Field) -> Result<Option<DataType>, EngineError> {
    use DataType::{Date32, Decimal128, Float32, Float64, Int8, Int16, Int32, Timestamp};
    if query.data_type().is_null() {
        return Ok(None);
    }
    let found = storable_type(query.data_type(), table.name())?;
    let wider = match (table.data_type(), &found) {
        (table, found) if table.is_signed_integer() && found.is_signed_integer() => {
            (found.primitive_width() > table.primitive_width()).then_some(found)
        }
        (Int8 | Int16 | Int32 | Float32, Float64) | (Date32, Timestamp(_, None)) => Some(&found),
        (table, Decimal128(precision, scale)) => {
            return Ok(digits(table).and_then(|own| wider_decimal(own, (*precision, *scale))));
        }
        _ => None,
    };
    Ok(wider.cloned())
}

/// The precision and the scale of a decimal that holds all values of a type.
fn digits(data_type: &DataType) -> Option<(u8, i8)> {
    match data_type {
        DataType::Int8 => Some((3, 0)),
        DataType::Int16 => Some((5, 0)),
        DataType::Int32 => Some((10, 0)),
        DataType::Int64 => Some((19, 0)),
        DataType::Decimal128(precision, scale) => Some((*precision, *scale)),
        _ => None,
    }
}

/// The decimal with the digits of both on either side of the point, where it is another than the first and there is one.
fn wider_decimal(own: (u8, i8), other: (u8, i8)) -> Option<DataType> {
    let whole = |(precision, scale): (u8, i8)| i16::from(precision) - i16::from(scale);
    let scale = own.1.max(other.1);
    let precision = whole(own).max(whole(other)) + i16::from(scale);
    let precision = u8::try_from(precision).ok().filter(|precision| *precision <= DECIMAL128_MAX_PRECISION)?;
    ((precision, scale) != own).then_some(DataType::Decimal128(precision, scale))
}

/// Checks that a column of a table holds the values of a query's column.
///
/// # Errors
/// As [`check`].
pub(super) fn check_column(query: &Field, table: &FieldRef) -> Result<(), EngineError> {
    let name = table.name();
    if query.data_type().is_null() || fits(&storable_type(query.data_type(), name)?, table.data_type()) {
        return Ok(());
    }
    let (found, wanted) = (sql_name(query.data_type()), sql_name(table.data_type()));
    let message =
        format!("column `{name}` is `{found}` in the query, and `{wanted}` in the table, which cannot hold it");
    Err(EngineError::new(ErrorKind::Plan, message).help(HELP))
}

const HELP: &str = "cast it in the query, or rebuild the table with `--full-refresh`";

fn missing(column: &str) -> EngineError {
    let message = format!("the query has no column `{column}`, which the table has");
    EngineError::new(ErrorKind::Plan, message).help("add it to the query, or rebuild the table with `--full-refresh`")
}

/// Whether a column of type `to` holds values of the storable type `from` as they are.
fn fits(from: &DataType, to: &DataType) -> bool {
    use DataType::{
        Binary, BinaryView, Date32, Decimal128, Float32, Float64, LargeBinary, LargeUtf8, List, Map, Struct, Timestamp,
        Utf8, Utf8View,
    };
    match (from, to) {
        (Utf8 | LargeUtf8 | Utf8View, Utf8 | LargeUtf8 | Utf8View)
        | (Binary | LargeBinary | BinaryView, Binary | LargeBinary | BinaryView)
        | (Float32, Float64)
        | (Date32, Timestamp(_, None)) => true,
        (from, to) if from.is_integer() => to.is_integer() || to.is_floating() || matches!(to, Decimal128(..)),
        (Decimal128(precision, scale), Decimal128(wider, longer)) => {
            let whole = |precision: u8, scale: i8| i16::from(precision) - i16::from(scale);
            scale <= longer && whole(*precision, *scale) <= whole(*wider, *longer)
        }
        (List(from), List(to)) => fits(from.data_type(), to.data_type()),
        (Map(from, _), Map(to, _)) => fits(from.data_type(), to.data_type()),
        (Struct(from), Struct(to)) => all_fit(from, to),
        (from, to) => from == to,
    }
}

fn all_fit(from: &Fields, to: &Fields) -> bool {
    let same = |(from, to): (&FieldRef, &FieldRef)| from.name() == to.name() && fits(from.data_type(), to.data_type());
    from.len() == to.len() && from.iter().zip(to).all(same)
}
