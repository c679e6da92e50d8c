//! A sum, difference, product or quotient that does not fit its type is an error, of whole numbers and of decimals.
//!
//! DataFusion wraps round: of the largest whole number plus one it makes the smallest. Of decimals it gives digits that their type does
//! not have, which are then lost; decimals whose types leave room for every result are left to it.
//!
//! It has a checked form of these operators, but no way to ask for it; the rule puts functions that compute the same in their place.

use arrow::array::{Array, ArrayRef, AsArray, Datum};
use arrow::compute::kernels::numeric;
use arrow::error::ArrowError;
use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Decimal128Type};
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{DFSchema, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::binary::BinaryTypeCoercer;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::interval_arithmetic::{Interval, apply_operator};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, cast,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::sql::sqlparser::ast::BinaryOperator;

use super::rewritten::rewritten;
use super::type_names::sql_name;

/// See the module. It runs after the rules that settle the types.
#[derive(Debug)]
pub(super) struct Overflow;

impl AnalyzerRule for Overflow {
    fn name(&self) -> &'static str {
        "overflow"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewritten(plan, |expr| operator(expr).is_some(), checked)
    }
}

/// The operator of an expression that may overflow. The negative is a difference from zero.
fn operator(expr: &Expr) -> Option<Operator> {
    use Operator::{Divide, Minus, Multiply, Plus};
    match expr {
        Expr::BinaryExpr(BinaryExpr { op: op @ (Plus | Minus | Multiply | Divide), .. }) => Some(*op),
        Expr::Negative(_) => Some(Minus),
        _ => None,
    }
}

fn checked(expr: Expr, columns: &DFSchema) -> Result<Transformed<Expr>> {
    let Some(op) = operator(&expr) else { return Ok(Transformed::no(expr)) };
    let computed = match &expr {
        Expr::BinaryExpr(BinaryExpr { left, right, .. }) => overflowing(left, op, right, columns),
        Expr::Negative(of) => number(of, columns).filter(DataType::is_integer),
        _ => None,
    };
    let Some(computed) = computed else { return Ok(Transformed::no(expr)) };
    let (left, right) = match expr {
        Expr::BinaryExpr(BinaryExpr { left, right, .. }) => (*left, *right),
        Expr::Negative(of) => (Expr::Literal(ScalarValue::new_zero(&computed)?, None), *of),
        other => return Ok(Transformed::no(other)),
    };
    Ok(Transformed::yes(ScalarUDF::from(Checked::new(op, computed)).call(vec![left, right])))
}

/// The type of what is computed, where it is one that may overflow: whole numbers, and decimals of 38 digits that the result could have
/// more of.
fn overflowing(left: &Expr, op: Operator, right: &Expr, columns: &DFSchema) -> Option<DataType> {
    let right = number(right, columns)?;
    let left = number(left, columns)?;
    match (&left, &right) {
        (DataType::Decimal128(precision, scale), DataType::Decimal128(other, other_scale)) => {
            let whole = i16::from(*precision) - i16::from(*scale);
            let other_whole = i16::from(*other) - i16::from(*other_scale);
            let digits = match op {
                Operator::Multiply => i16::from(*precision) + i16::from(*other),
                // Four digits more behind the point, and those of the divisor before it.
                Operator::Divide => i16::from(*precision) + 4 + i16::from(*other_scale),
                _ => {
                    let scale = i16::from(*scale.max(other_scale));
                    whole.max(other_whole) + scale + 1
                }
            };
            (digits > i16::from(DECIMAL128_MAX_PRECISION))
                .then(|| BinaryTypeCoercer::new(&left, &op, &right).get_result_type().ok())
                .flatten()
        }
        (left, right) if left.is_integer() && right.is_integer() && op != Operator::Divide => Some(left.clone()),
        _ => None,
    }
}

/// The type of a number that is whole or decimal. That of a chain is told by its last link, so that long ones are not gone through again
/// and again.
fn number(expr: &Expr, columns: &DFSchema) -> Option<DataType> {
    if let Expr::ScalarFunction(ScalarFunction { func, .. }) = expr
        && let Some(link) = func.inner().downcast_ref::<Checked>()
    {
        return Some(link.computed.clone());
    }
    let known = expr.get_type(columns).ok()?;
    (known.is_integer() || matches!(known, DataType::Decimal128(..))).then_some(known)
}

/// A sum, difference or product of two whole numbers of one type, or one of two decimals, or their quotient.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    op: Operator,
    computed: DataType,
    signature: Signature,
}

impl Checked {
    fn new(op: Operator, computed: DataType) -> Self {
        Checked { op, computed, signature: Signature::user_defined(Volatility::Immutable) }
    }

    /// The result, all of whose digits its type has.
    fn compute(&self, left: &dyn Datum, right: &dyn Datum) -> Result<ArrayRef> {
        let computed = match self.op {
            Operator::Plus => numeric::add(left, right),
            Operator::Minus => numeric::sub(left, right),
            Operator::Multiply => numeric::mul(left, right),
            _ => numeric::div(left, right),
        };
        match (&self.computed, computed) {
            (DataType::Decimal128(..), Err(ArrowError::ArithmeticOverflow(_))) => self.overflow(),
            (DataType::Decimal128(precision, _), Ok(computed)) => {
                let bound = 10_u128.pow(u32::from(*precision));
                let digits = computed.as_primitive::<Decimal128Type>();
                let is_over = |value: &i128| value.unsigned_abs() >= bound;
                // What is computed of nulls counts for nothing, but only a few batches have to be gone through for that.
                let overflows = digits.values().iter().any(is_over)
                    && (0..digits.len()).any(|row| digits.is_valid(row) && is_over(&digits.value(row)));
                if overflows { self.overflow() } else { Ok(computed) }
            }
            (_, computed) => Ok(computed?),
        }
    }

    fn overflow(&self) -> Result<ArrayRef> {
        let what = match self.op {
            Operator::Plus => "a sum",
            Operator::Minus => "a difference",
            Operator::Multiply => "a product",
            _ => "a quotient",
        };
        exec_err!(
            "overflow: {what} does not fit `{}`; cast what it is made of to types with fewer digits, or to `double`",
            sql_name(&self.computed)
        )
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &'static str {
        match self.op {
            Operator::Plus => "add",
            Operator::Minus => "subtract",
            Operator::Multiply => "multiply",
            _ => "divide",
        }
    }

    /// As that of the operator.
    fn schema_name(&self, args: &[Expr]) -> Result<String> {
        let [left, right] = args else { return plan_err!("`{}` takes two numbers", self.op) };
        Ok(format!("{} {} {}", left.schema_name(), self.op, right.schema_name()))
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Those of the operator have been settled already.
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        Ok(given.to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.computed.clone())
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else { return exec_err!("`{}` takes two numbers", self.op) };
        let computed = match (left, right) {
            (ColumnarValue::Array(left), ColumnarValue::Array(right)) => self.compute(left, right),
            (ColumnarValue::Array(left), ColumnarValue::Scalar(right)) => self.compute(left, &right.to_scalar()?),
            (ColumnarValue::Scalar(left), ColumnarValue::Array(right)) => self.compute(&left.to_scalar()?, right),
            (ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)) => {
                let computed = self.compute(&left.to_scalar()?, &right.to_scalar()?)?;
                return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&computed, 0)?));
            }
        };
        Ok(ColumnarValue::Array(computed?))
    }

    fn evaluate_bounds(&self, inputs: &[&Interval]) -> Result<Interval> {
        let [left, right] = inputs else { return exec_err!("`{}` takes two numbers", self.op) };
        if !self.computed.is_integer() {
            return Interval::make_unbounded(&self.computed);
        }
        apply_operator(&self.op, left, right)
    }

    fn output_ordering(&self, inputs: &[ExprProperties]) -> Result<SortProperties> {
        let [left, right] = inputs else { return Ok(SortProperties::Unordered) };
        Ok(match self.op {
            Operator::Plus => left.sort_properties.add(&right.sort_properties),
            Operator::Minus => left.sort_properties.sub(&right.sort_properties),
            _ => SortProperties::Unordered,
        })
    }
}

/// Plans the difference of two numbers without a sign as one with a sign: `row_number() over (…) - row_number() over (…)`.
#[derive(Debug)]
pub(super) struct Differences;

impl ExprPlanner for Differences {
    fn plan_binary_op(&self, expr: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        // A type that cannot be told is another planner's to report.
        let has_no_sign = |expr: &Expr| expr.get_type(schema).is_ok_and(|known| known.is_unsigned_integer());
        if expr.op != BinaryOperator::Minus || !has_no_sign(&expr.right) || !has_no_sign(&expr.left) {
            return Ok(PlannerResult::Original(expr));
        }
        let RawBinaryExpr { op, left, right } = expr;
        let (left, right) = (cast(left, DataType::Int64), cast(right, DataType::Int64));
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }
}
