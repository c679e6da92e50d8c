//! Intervals compare by how long they are, as PostgreSQL and DuckDB have it: `interval '24 hours' = interval '1 day'`.
//!
//! DataFusion compares months, days and nanoseconds one by one, so that a day is never as long as the difference of two timestamps.

use std::sync::Arc;

use arrow::array::{AsArray, Decimal128Array};
use arrow::datatypes::{IntervalMonthDayNano, IntervalMonthDayNanoType};
use datafusion::arrow::datatypes::{DataType, IntervalUnit};
use datafusion::common::{DFSchema, Result, exec_err};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ExprSchemable, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};
use datafusion::sql::sqlparser::ast::BinaryOperator;

const LENGTH: DataType = DataType::Decimal128(38, 0);

/// Plans the comparison of two intervals as one of their lengths.
#[derive(Debug)]
pub(super) struct Comparisons;

impl ExprPlanner for Comparisons {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
        let RawBinaryExpr { op, left, right } = expr;
        // A type that cannot be told is another planner's to report.
        let is_interval = |expr: &Expr| {
            expr.get_type(schema).is_ok_and(|known| matches!(known, DataType::Interval(_) | DataType::Duration(_)))
        };
        let compares = matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq) && is_interval(&left) && is_interval(&right);
        let length = |expr: Expr| {
            let function = ScalarUDF::from(Length { signature: Signature::user_defined(Volatility::Immutable) });
            function.call(vec![expr])
        };
        let (left, right) = if compares { (length(left), length(right)) } else { (left, right) };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}

/// How long an interval is, in nanoseconds.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Length {
    signature: Signature,
}

impl ScalarUDFImpl for Length {
    fn name(&self) -> &'static str {
        "interval_length"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, _: &[DataType]) -> Result<Vec<DataType>> {
        Ok(vec![DataType::Interval(IntervalUnit::MonthDayNano)])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(LENGTH)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [intervals] = arrays.as_slice() else { return exec_err!("a length is that of one interval") };
        let intervals = intervals.as_primitive::<IntervalMonthDayNanoType>();
        let lengths = intervals.iter().map(|interval| interval.map(nanoseconds)).collect::<Decimal128Array>();
        Ok(ColumnarValue::Array(Arc::new(lengths.with_data_type(LENGTH))))
    }
}

/// A month counts as thirty days, a day as 24 hours.
fn nanoseconds(interval: IntervalMonthDayNano) -> i128 {
    const DAY: i128 = 86_400_000_000_000;
    let days = i128::from(interval.months) * 30 + i128::from(interval.days);
    days * DAY + i128::from(interval.nanoseconds)
}
