//! An interval times a number, as PostgreSQL and DuckDB have it: `interval '1 day' * n`.

use std::sync::Arc;

use arrow::array::{Array, AsArray, IntervalMonthDayNanoArray};
use arrow::datatypes::{Float64Type, IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{DFSchema, Result, exec_err};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, ExprSchemable, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
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

    fn coerce_types(&self, _: &[DataType]) -> Result<Vec<DataType>> {
        Ok(vec![INTERVAL, DataType::Float64])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(INTERVAL)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [intervals, numbers] = arrays.as_slice() else { return exec_err!("a product has two factors") };
        let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
        let numbers = numbers.as_primitive::<Float64Type>();
        let products = (0..intervals.len()).map(|row| {
            let is_null = intervals.is_null(row) || numbers.is_null(row);
            (!is_null).then(|| product(intervals.value(row), numbers.value(row)))
        });
        Ok(ColumnarValue::Array(Arc::new(products.collect::<IntervalMonthDayNanoArray>())))
    }
}

/// What is left of a month counts as days of thirty to the month, what is left of a day as time.
#[expect(clippy::cast_possible_truncation, reason = "an interval that is too long is as long as one can be")]
fn product(interval: IntervalMonthDayNano, number: f64) -> IntervalMonthDayNano {
    const DAY: f64 = 86_400e9;
    let months = f64::from(interval.months) * number;
    let days = f64::from(interval.days) * number + months.fract() * 30.0;
    #[expect(clippy::cast_precision_loss, reason = "of a product with a number that is itself no more precise")]
    let nanoseconds = interval.nanoseconds as f64 * number + days.fract() * DAY;
    IntervalMonthDayNano::new(months.trunc() as i32, days.trunc() as i32, nanoseconds.round() as i64)
}
