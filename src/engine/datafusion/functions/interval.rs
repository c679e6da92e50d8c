//! An interval times a number, and a date and an interval, as PostgreSQL and DuckDB have them: `interval '1 day' * n`,
//! `date '2024-01-31' + interval '36 hours'`.

use std::sync::Arc;

use arrow::array::{Array, AsArray, IntervalMonthDayNanoArray};
use arrow::datatypes::{Float64Type, Int64Type, IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::arrow::datatypes::{DataType, IntervalUnit, TimeUnit};
use datafusion::common::{DFSchema, Result, ScalarValue, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

const INTERVAL: DataType = DataType::Interval(IntervalUnit::MonthDayNano);

/// Plans the product of an interval and a number; DataFusion itself has none.
#[derive(Debug)]
pub(super) struct Multiples;

impl ExprPlanner for Multiples {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        if expr.op != BinaryOperator::Multiply {
            return Ok(PlannerResult::Original(expr));
        }
        // A type that cannot be told is another planner's to report.
        let types = (expr.left.get_type(schema), expr.right.get_type(schema));
        let (interval, number) = match types {
            (Ok(DataType::Interval(_)), Ok(number)) if number.is_numeric() => (expr.left, expr.right),
            (Ok(number), Ok(DataType::Interval(_))) if number.is_numeric() => (expr.right, expr.left),
            _ => return Ok(PlannerResult::Original(expr)),
        };
        let function = ScalarUDF::from(Multiply { signature: Signature::user_defined(Volatility::Immutable) });
        Ok(PlannerResult::Planned(function.call(vec![interval, number])))
    }
}

/// Plans a date and an interval that may have hours as a moment and an interval: of a date DataFusion makes a date, without the hours.
#[derive(Debug)]
pub(super) struct Moves;

impl ExprPlanner for Moves {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let is_move = matches!(expr.op, BinaryOperator::Plus | BinaryOperator::Minus);
        // A type that cannot be told is another planner's to report.
        let is = |expr: &Expr, wanted: fn(&DataType) -> bool| expr.get_type(schema).is_ok_and(|known| wanted(&known));
        let is_date = |expr: &Expr| is(expr, |known| matches!(known, DataType::Date32 | DataType::Date64));
        let has_hours =
            |expr: &Expr| is(expr, |known| matches!(known, DataType::Interval(_))) && !is_of_days(expr, schema);
        let moment = |date: Expr| cast(date, DataType::Timestamp(TimeUnit::Microsecond, None));
        let RawBinaryExpr { op, left, right } = expr;
        let (left, right) = match is_move {
            true if is_date(&left) && has_hours(&right) => (moment(left), right),
            true if is_date(&right) && has_hours(&left) => (left, moment(right)),
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// Whether an interval is known to have months and days alone: as it is written, or so many times that.
fn is_of_days(interval: &Expr, schema: &DFSchema) -> bool {
    match interval {
        Expr::Literal(ScalarValue::IntervalYearMonth(_), _) => true,
        Expr::Literal(ScalarValue::IntervalDayTime(written), _) => written.is_none_or(|it| it.milliseconds == 0),
        Expr::Literal(ScalarValue::IntervalMonthDayNano(written), _) => written.is_none_or(|it| it.nanoseconds == 0),
        Expr::Negative(of) => is_of_days(of, schema),
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.inner().is::<Multiply>() => match args.as_slice() {
            [of, number] => is_of_days(of, schema) && number.get_type(schema).is_ok_and(|known| known.is_integer()),
            _ => false,
        },
        _ => false,
    }
}

/// The product.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Multiply {
    signature: Signature,
}

impl ScalarUDFImpl for Multiply {
    fn name(&self) -> &'static str {
        "interval_multiply"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let [_, number] = given else { return plan_err!("a product has two factors") };
        Ok(vec![INTERVAL, if number.is_integer() { DataType::Int64 } else { DataType::Float64 }])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(INTERVAL)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [intervals, numbers] = arrays.as_slice() else { return exec_err!("a product has two factors") };
        let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
        let products = (0..intervals.len()).map(|row| {
            if intervals.is_null(row) || numbers.is_null(row) {
                return Ok(None);
            }
            let interval = intervals.value(row);
            let product = match numbers.as_primitive_opt::<Int64Type>() {
                Some(numbers) => multiple(interval, numbers.value(row)),
                None => product(interval, numbers.as_primitive::<Float64Type>().value(row)),
            };
            let too_long = || exec_datafusion_err!("overflow: the product of an interval and a number is too long");
            product.map(Some).ok_or_else(too_long)
        });
        Ok(ColumnarValue::Array(Arc::new(products.collect::<Result<IntervalMonthDayNanoArray>>()?)))
    }
}

const DAY: i128 = 86_400_000_000_000;

/// So many times an interval; `None` where no interval is as long.
fn multiple(interval: IntervalMonthDayNano, number: i64) -> Option<IntervalMonthDayNano> {
    let times = |part: i64| i128::from(part) * i128::from(number);
    made(times(interval.months.into()), times(interval.days.into()), times(interval.nanoseconds))
}

/// What is left of a month counts as days of thirty to the month, what is left of a day as time.
fn product(interval: IntervalMonthDayNano, number: f64) -> Option<IntervalMonthDayNano> {
    #[expect(clippy::cast_precision_loss, reason = "of a product with a number that is itself no more precise")]
    let (time, day) = (interval.nanoseconds as f64, DAY as f64);
    let months = f64::from(interval.months) * number;
    let days = f64::from(interval.days) * number + months.fract() * 30.0;
    let nanoseconds = time * number + days.fract() * day;
    #[expect(clippy::cast_possible_truncation, reason = "what is too long for this is too long for an interval")]
    let whole = |part: f64| part.is_finite().then_some(part as i128);
    made(whole(months)?, whole(days)?, whole(nanoseconds.round())?)
}

/// An interval; where its time does not fit, the whole days of it are days.
fn made(months: i128, days: i128, nanoseconds: i128) -> Option<IntervalMonthDayNano> {
    let (days, nanoseconds) = match i64::try_from(nanoseconds) {
        Ok(nanoseconds) => (days, nanoseconds),
        Err(_) => (days.checked_add(nanoseconds / DAY)?, i64::try_from(nanoseconds % DAY).ok()?),
    };
    Some(IntervalMonthDayNano::new(i32::try_from(months).ok()?, i32::try_from(days).ok()?, nanoseconds))
}
