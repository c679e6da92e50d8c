//! Casts as PostgreSQL, DuckDB, Snowflake and BigQuery have them, where DataFusion's own give other values.
//!
//! A number with a fraction is rounded to a whole one, half away from zero; DataFusion cuts the fraction off. A timestamp is written with
//! a space, `2024-01-01 10:00:00`, and with the offset of its zone where it has one, `2024-01-01 10:00:00+00`; DataFusion writes a `T`.
//! Of a text without seconds, `2024-01-01 10:00`, the minute is the full one; DataFusion refuses it.
//!
//! A decimal that loses digits is cast as before, but out of the optimizer's sight: of `cast(d as decimal(10, 2)) = 1.23` it would make
//! `d = 1.23`. So is the time of a timestamp, by which it would leave out files: times do not grow with the timestamps. All other casts
//! stay what they are, so that it knows them.

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;

use arrow::array::timezone::Tz;
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, StringArray};
use arrow::compute::{CastOptions, cast, cast_with_options};
use arrow::datatypes::{Float64Type, Int64Type};
use chrono::{DateTime, Offset, TimeZone};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, TimeUnit};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion::logical_expr::{
    Cast, ColumnarValue, Expr, ExprSchemable, LogicalPlan, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, TryCast, Volatility, lit,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::optimizer::analyzer::type_coercion::TypeCoercionRewriter;

use super::rewritten::rewritten;

/// See the module. It runs after the rules that insert casts.
#[derive(Debug)]
pub(super) struct Casts;

impl AnalyzerRule for Casts {
    fn name(&self) -> &'static str {
        "casts"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewritten(plan, |expr| parts(expr).is_some_and(|(_, to)| is_target(to)), recast)
    }
}

/// What a cast casts, and to what.
fn parts(expr: &Expr) -> Option<(&Expr, &DataType)> {
    match expr {
        Expr::Cast(Cast { expr, field }) | Expr::TryCast(TryCast { expr, field }) => Some((expr, field.data_type())),
        _ => None,
    }
}

/// Whether there are casts to a type that are other ones here.
fn is_target(to: &DataType) -> bool {
    to.is_integer() || to.is_string() || to.is_decimal() || is_moment(to) || is_time(to)
}

/// Whether a cast is another one here.
fn differs(from: &DataType, to: &DataType) -> bool {
    match (scale(from), scale(to)) {
        (Some(scale), None) => scale > 0 && to.is_integer(),
        (Some(scale), Some(wanted)) => wanted < scale,
        (None, _) => {
            from.is_floating() && to.is_integer()
                || is_moment(from) && (to.is_string() || is_time(to))
                || from.is_string() && is_moment(to)
        }
    }
}

fn is_moment(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(..))
}

fn is_time(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Time32(_) | DataType::Time64(_))
}

/// How many digits of a decimal are behind its point.
fn scale(data_type: &DataType) -> Option<i8> {
    match data_type {
        DataType::Decimal32(_, scale)
        | DataType::Decimal64(_, scale)
        | DataType::Decimal128(_, scale)
        | DataType::Decimal256(_, scale) => Some(*scale),
        _ => None,
    }
}

fn recast(expr: Expr, columns: &DFSchema) -> Result<Transformed<Expr>> {
    let Some((of, to)) = parts(&expr).filter(|(_, to)| is_target(to)) else { return Ok(Transformed::no(expr)) };
    // A type that cannot be told is another rule's to report.
    if !of.get_type(columns).is_ok_and(|from| differs(&from, to)) {
        return Ok(Transformed::no(expr));
    }
    let tries = matches!(expr, Expr::TryCast(_));
    let function = ScalarUDF::from(Recast::new(to.clone(), tries));
    Ok(Transformed::yes(function.call(vec![of.clone()])))
}

/// An expression that is planned by itself, without the rules: texts in it that are moments have their seconds, and moments without a zone
/// have that of the columns that they stand beside, which the table format asks for.
///
/// # Errors
/// When types do not fit each other.
pub(super) fn with_whole_moments(expr: Expr, columns: &DFSchema) -> Result<Expr> {
    let completed = |text: &ScalarValue| match text.try_as_str().flatten().map(with_seconds) {
        Some(Cow::Owned(whole)) => Some(lit(whole)),
        _ => None,
    };
    let is_zoned = |kind: &DataType| matches!(kind, DataType::Timestamp(_, Some(_)));
    let has_zones = columns.fields().iter().any(|field| is_zoned(field.data_type()));
    let is_moment = |expr: &Expr| match expr {
        Expr::Literal(value, _) => matches!(value.data_type(), DataType::Timestamp(..)),
        Expr::Cast(Cast { field, .. }) | Expr::TryCast(TryCast { field, .. }) => {
            matches!(field.data_type(), DataType::Timestamp(..))
        }
        _ => false,
    };
    let is_short = |expr: &Expr| matches!(expr, Expr::Literal(text, _) if completed(text).is_some());
    let lacks = |expr: &Expr| Ok(is_short(expr) || has_zones && is_moment(expr));
    if !expr.exists(lacks)? {
        return Ok(expr);
    }
    let coerced = expr.rewrite(&mut TypeCoercionRewriter::new(columns))?.data;
    let whole = coerced.transform_up(|expr| match &expr {
        Expr::Cast(Cast { expr: of, field }) | Expr::TryCast(TryCast { expr: of, field })
            if matches!(field.data_type(), DataType::Timestamp(..)) =>
        {
            let Expr::Literal(text, _) = of.as_ref() else { return Ok(Transformed::no(expr)) };
            match completed(text) {
                Some(whole) => Ok(Transformed::yes(whole.cast_to(field.data_type(), columns)?)),
                None => Ok(Transformed::no(expr)),
            }
        }
        _ => Ok(Transformed::no(expr)),
    })?;
    Ok(whole.data)
}

/// The cast of a number to one with fewer digits behind its point, of a timestamp to a text or a time, or of a text to a timestamp. One
/// that is tried gives null where it fails.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Recast {
    to: DataType,
    tries: bool,
    signature: Signature,
}

impl Recast {
    fn new(to: DataType, tries: bool) -> Self {
        Recast { to, tries, signature: Signature::user_defined(Volatility::Immutable) }
    }

    fn cast(&self, array: &ArrayRef) -> Result<ArrayRef> {
        if let (DataType::Timestamp(unit, zone), true) = (array.data_type(), self.to.is_string()) {
            return Ok(cast(&written(array, *unit, zone.as_deref(), self.tries)?, &self.to)?);
        }
        let options = CastOptions { safe: self.tries, ..CastOptions::default() };
        if array.data_type().is_string() {
            let moments = cast_with_options(array, &self.to, &options);
            let is_done = moments.as_ref().is_ok_and(|moments| moments.null_count() == array.null_count());
            return if is_done { Ok(moments?) } else { Ok(cast_with_options(&completed(array)?, &self.to, &options)?) };
        }
        let numbers = if self.to.is_integer() { &rounded(array)? } else { array };
        Ok(cast_with_options(numbers, &self.to, &options)?)
    }
}

impl ScalarUDFImpl for Recast {
    fn name(&self) -> &'static str {
        if self.tries { "try_cast" } else { "cast" }
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The type is what chose the cast.
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        Ok(given.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.to.clone())
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let is_nullable = self.tries || args.arg_fields.iter().any(|field| field.is_nullable());
        Ok(Arc::new(Field::new(self.name(), self.to.clone(), is_nullable)))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        match args.args.as_slice() {
            [ColumnarValue::Array(array)] => Ok(ColumnarValue::Array(self.cast(array)?)),
            [ColumnarValue::Scalar(scalar)] => {
                let array = self.cast(&scalar.to_array()?)?;
                Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?))
            }
            _ => exec_err!("a cast is one of one value"),
        }
    }
}

/// Numbers without their fractions. Arrow rounds decimals whose scale becomes smaller; with as many digits as before, all of them fit.
fn rounded(numbers: &ArrayRef) -> Result<ArrayRef> {
    let whole = match numbers.data_type() {
        DataType::Decimal32(precision, _) => DataType::Decimal32(*precision, 0),
        DataType::Decimal64(precision, _) => DataType::Decimal64(*precision, 0),
        DataType::Decimal128(precision, _) => DataType::Decimal128(*precision, 0),
        DataType::Decimal256(precision, _) => DataType::Decimal256(*precision, 0),
        _ => {
            let numbers = cast(numbers, &DataType::Float64)?;
            let rounded: PrimitiveArray<Float64Type> = numbers.as_primitive::<Float64Type>().unary(f64::round);
            return Ok(Arc::new(rounded));
        }
    };
    Ok(cast(numbers, &whole)?)
}

/// Texts of moments with their seconds.
fn completed(texts: &ArrayRef) -> Result<ArrayRef> {
    let texts = cast(texts, &DataType::Utf8)?;
    let completed = texts.as_string::<i32>().iter().map(|text| Some(with_seconds(text?)));
    Ok(Arc::new(completed.collect::<StringArray>()))
}

/// `2024-01-01 10:00` with its seconds, before a zone; any other text as it is, without spaces around it.
fn with_seconds(text: &str) -> Cow<'_, str> {
    const MINUTES: &str = "dddd-dd-dd.dd:dd";
    let written = text.trim();
    let fits = |(letter, shape): (char, char)| match shape {
        'd' => letter.is_ascii_digit(),
        '.' => matches!(letter, ' ' | 'T' | 't'),
        other => letter == other,
    };
    let is_whole = written.len() >= MINUTES.len() && written.chars().zip(MINUTES.chars()).all(fits);
    match is_whole.then(|| written.split_at_checked(MINUTES.len())).flatten() {
        Some((moment, zone)) if !zone.starts_with(|next: char| next.is_ascii_digit() || matches!(next, ':' | '.')) => {
            Cow::Owned(format!("{moment}:00{zone}"))
        }
        _ => Cow::Borrowed(written),
    }
}

/// Moments as texts: what clocks show in the zone, and its offset.
fn written(moments: &ArrayRef, unit: TimeUnit, zone: Option<&str>, tries: bool) -> Result<ArrayRef> {
    let zone = match zone {
        Some(name) => Some(name.parse::<Tz>().map_err(|_| exec_datafusion_err!("there is no time zone `{name}`"))?),
        None => None,
    };
    let counts = cast(moments, &DataType::Int64)?;
    let mut text = String::new();
    let texts = counts.as_primitive::<Int64Type>().iter().map(|count| {
        let Some(count) = count else { return Ok(None) };
        text.clear();
        match write(&mut text, count, unit, zone.as_ref()) {
            Some(()) => Ok(Some(text.clone())),
            None if tries => Ok(None),
            None => exec_err!("a timestamp is out of the range of dates"),
        }
    });
    Ok(Arc::new(texts.collect::<Result<StringArray>>()?))
}

/// Writes one moment; `None` where no date can hold it.
fn write(text: &mut String, count: i64, unit: TimeUnit, zone: Option<&Tz>) -> Option<()> {
    let (to_second, nanoseconds) = match unit {
        TimeUnit::Second => (1, 1_000_000_000),
        TimeUnit::Millisecond => (1_000, 1_000_000),
        TimeUnit::Microsecond => (1_000_000, 1_000),
        TimeUnit::Nanosecond => (1_000_000_000, 1),
    };
    let behind = u32::try_from(count.rem_euclid(to_second) * nanoseconds).ok()?;
    let moment = DateTime::from_timestamp(count.div_euclid(to_second), behind)?.naive_utc();
    let offset = zone.map(|zone| zone.offset_from_utc_datetime(&moment).fix());
    let shown = match offset {
        Some(offset) => moment.checked_add_offset(offset)?,
        None => moment,
    };
    write!(text, "{} {}", shown.date(), shown.time()).ok()?;
    if behind > 0 {
        text.truncate(text.trim_end_matches('0').len());
    }
    if let Some(offset) = offset {
        write!(text, "{offset}").ok()?;
        // Of whole hours the hours are enough.
        if text.ends_with(":00") {
            text.truncate(text.len() - 3);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_put_before_the_zone() {
        for (text, wanted) in [
            ("2024-01-01 10:00", "2024-01-01 10:00:00"),
            (" 2024-01-01T10:00+02:00 ", "2024-01-01T10:00:00+02:00"),
            ("2024-01-01 10:00 Europe/Athens", "2024-01-01 10:00:00 Europe/Athens"),
            ("2024-01-01 10:00:30", "2024-01-01 10:00:30"),
            ("2024-01-01 10:001", "2024-01-01 10:001"),
            ("2024-01-01", "2024-01-01"),
            ("2024-01-01 10:0é", "2024-01-01 10:0é"),
        ] {
            assert_eq!(with_seconds(text), wanted);
        }
    }

    #[test]
    fn moments_are_written_with_a_space() {
        let noon = 1_704_103_200_i64;
        for (count, unit, zone, wanted) in [
            (noon, TimeUnit::Second, None, "2024-01-01 10:00:00"),
            (noon * 1_000_000 + 1_500, TimeUnit::Microsecond, None, "2024-01-01 10:00:00.0015"),
            (noon * 1_000 + 500, TimeUnit::Millisecond, Some("UTC"), "2024-01-01 10:00:00.5+00"),
            (noon, TimeUnit::Second, Some("Asia/Kolkata"), "2024-01-01 15:30:00+05:30"),
            (noon, TimeUnit::Second, Some("-08:00"), "2024-01-01 02:00:00-08"),
            (-1, TimeUnit::Nanosecond, None, "1969-12-31 23:59:59.999999999"),
        ] {
            let zone = zone.map(|name| name.parse::<Tz>().unwrap());
            let mut text = String::new();
            write(&mut text, count, unit, zone.as_ref()).unwrap();
            assert_eq!(text, wanted);
        }
        assert!(write(&mut String::new(), i64::MAX, TimeUnit::Second, None).is_none());
    }
}
