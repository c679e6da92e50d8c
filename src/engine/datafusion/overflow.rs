//! A sum, difference or product of whole numbers that does not fit its type is an error. DataFusion wraps round: of the largest number
//! plus one it makes the smallest.
//!
//! It has a checked form of these operators, but no way to ask for it; the rule puts functions that compute the same in their place.

use arrow::array::Datum;
use arrow::compute::kernels::numeric;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue, exec_err, plan_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::interval_arithmetic::{Interval, apply_operator};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    BinaryExpr, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility, cast,
};
use datafusion::optimizer::AnalyzerRule;
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// See the module. It runs after the rules that settle the types.
#[derive(Debug)]
pub(super) struct Overflow;

impl AnalyzerRule for Overflow {
    fn name(&self) -> &'static str {
        "overflow"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        Ok(plan.transform_up_with_subqueries(check_node)?.data)
    }
}

fn check_node(plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
    let mut computes = false;
    plan.apply_expressions(|expr| {
        computes |= expr.exists(|expr| Ok(operator(expr).is_some()))?;
        Ok(if computes { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    })?;
    if !computes {
        return Ok(Transformed::no(plan));
    }
    let columns = merge_schema(&plan.inputs());
    let names = NamePreserver::new(&plan);
    plan.map_expressions(|expr| {
        let name = names.save(&expr);
        Ok(expr.transform_up(|expr| checked(expr, &columns))?.update_data(|expr| name.restore(expr)))
    })
}

/// The operator of an expression that may overflow. The negative is a difference from zero.
fn operator(expr: &Expr) -> Option<Operator> {
    match expr {
        Expr::BinaryExpr(BinaryExpr { op: op @ (Operator::Plus | Operator::Minus | Operator::Multiply), .. }) => {
            Some(*op)
        }
        Expr::Negative(_) => Some(Operator::Minus),
        _ => None,
    }
}

fn checked(expr: Expr, columns: &DFSchema) -> Result<Transformed<Expr>> {
    let Some(op) = operator(&expr) else { return Ok(Transformed::no(expr)) };
    let (left, right) = match expr {
        Expr::BinaryExpr(BinaryExpr { left, right, .. }) if is_whole(&right, columns) && is_whole(&left, columns) => {
            (*left, *right)
        }
        Expr::Negative(of) if is_whole(&of, columns) => {
            (Expr::Literal(ScalarValue::new_zero(&of.get_type(columns)?)?, None), *of)
        }
        other => return Ok(Transformed::no(other)),
    };
    Ok(Transformed::yes(ScalarUDF::from(Checked::new(op)).call(vec![left, right])))
}

/// Whether an expression is a whole number. That of a chain is told by its last link, so that long ones are not gone through again and
/// again.
fn is_whole(expr: &Expr, columns: &DFSchema) -> bool {
    match expr {
        Expr::ScalarFunction(ScalarFunction { func, .. }) if func.inner().is::<Checked>() => true,
        other => other.get_type(columns).is_ok_and(|known| known.is_integer()),
    }
}

/// A sum, difference or product of two whole numbers of one type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Checked {
    op: Operator,
    signature: Signature,
}

impl Checked {
    fn new(op: Operator) -> Self {
        Checked { op, signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &'static str {
        match self.op {
            Operator::Plus => "add",
            Operator::Minus => "subtract",
            _ => "multiply",
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

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [left, _] => Ok(left.clone()),
            _ => plan_err!("`{}` takes two numbers", self.op),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else { return exec_err!("`{}` takes two numbers", self.op) };
        let compute = |left: &dyn Datum, right: &dyn Datum| match self.op {
            Operator::Plus => numeric::add(left, right),
            Operator::Minus => numeric::sub(left, right),
            _ => numeric::mul(left, right),
        };
        let computed = match (left, right) {
            (ColumnarValue::Array(left), ColumnarValue::Array(right)) => compute(left, right),
            (ColumnarValue::Array(left), ColumnarValue::Scalar(right)) => compute(left, &right.to_scalar()?),
            (ColumnarValue::Scalar(left), ColumnarValue::Array(right)) => compute(&left.to_scalar()?, right),
            (ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)) => {
                let computed = compute(&left.to_scalar()?, &right.to_scalar()?)?;
                return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&computed, 0)?));
            }
        };
        Ok(ColumnarValue::Array(computed?))
    }

    fn evaluate_bounds(&self, inputs: &[&Interval]) -> Result<Interval> {
        let [left, right] = inputs else { return exec_err!("`{}` takes two numbers", self.op) };
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
