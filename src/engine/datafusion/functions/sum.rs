//! `sum` of whole numbers and decimals, which is an error when it does not fit its type. DataFusion's own wraps round; of everything else
//! the sum is DataFusion's.
//!
//! Groups add as fast as its own do: each addition says whether it went over, and a batch is looked at once. Which sums on the way to the
//! result there are depends on the order of the rows; numbers that only together fit may therefore fail, near the end of what the type
//! holds.

use std::fmt;
use std::marker::PhantomData;
use std::mem::size_of_val;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, ArrayRef, ArrowNativeTypeOp, ArrowPrimitiveType, AsArray, BooleanArray};
use arrow::datatypes::{Decimal128Type, Int64Type, i256};
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::functions_aggregate::sum::Sum;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDFImpl, Documentation, EmitTo, GroupsAccumulator, ReversedUDAF, SetMonotonicity, Signature,
    StatisticsArgs,
};
use datafusion_functions_aggregate_common::aggregate::groups_accumulator::prim_op::PrimitiveGroupsAccumulator;

use crate::engine::datafusion::type_names::sql_name;

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CheckedSum(Sum);

impl CheckedSum {
    pub(super) fn new() -> Self {
        CheckedSum(Sum::new())
    }
}

/// The numbers whose sums are checked: whole ones, and the digits of decimals.
trait Summand: ArrowPrimitiveType<Native: Into<i128> + TryFrom<i128>> + Send + Sync {}

impl Summand for Int64Type {}
impl Summand for Decimal128Type {}

/// What adds up to a type whose sums are checked.
fn total(data_type: &DataType) -> Option<Box<dyn Accumulator>> {
    match data_type {
        DataType::Int64 => Some(Box::new(Total::<Int64Type>::new(data_type))),
        DataType::Decimal128(..) => Some(Box::new(Total::<Decimal128Type>::new(data_type))),
        _ => None,
    }
}

/// What adds up to a type whose sums are checked, in groups.
fn totals(data_type: &DataType) -> Option<Box<dyn GroupsAccumulator>> {
    match data_type {
        DataType::Int64 => Some(Box::new(Totals::new::<Int64Type>(data_type))),
        DataType::Decimal128(..) => Some(Box::new(Totals::new::<Decimal128Type>(data_type))),
        _ => None,
    }
}

impl AggregateUDFImpl for CheckedSum {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn signature(&self) -> &Signature {
        self.0.signature()
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.0.return_type(given)
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        self.0.state_fields(args)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let data_type = args.return_field.data_type().clone();
        match total(&data_type) {
            None => self.0.accumulator(args),
            Some(total) if args.is_distinct => Ok(Box::new(Distinct { own: self.0.accumulator(args)?, total })),
            Some(total) => Ok(total),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match total(args.return_field.data_type()) {
            Some(total) if !args.is_distinct => Ok(total),
            _ => self.0.create_sliding_accumulator(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        totals(args.return_field.data_type()).map_or_else(|| self.0.create_groups_accumulator(args), Ok)
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        self.0.reverse_expr()
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        self.0.order_sensitivity()
    }

    fn documentation(&self) -> Option<&Documentation> {
        self.0.documentation()
    }

    fn set_monotonicity(&self, of: &DataType) -> SetMonotonicity {
        self.0.set_monotonicity(of)
    }

    fn value_from_stats(&self, args: &StatisticsArgs<'_>) -> Option<ScalarValue> {
        self.0.value_from_stats(args)
    }
}

/// The error of a sum that a type does not hold.
fn overflow<T>(data_type: &DataType) -> Result<T> {
    let name = sql_name(data_type);
    match data_type {
        DataType::Decimal128(_, scale) => exec_err!(
            "overflow: a sum does not fit `{name}`; cast what is added to a smaller scale, for instance `decimal(38, {})`",
            scale / 2
        ),
        _ => exec_err!("overflow: a sum does not fit `{name}`; cast what is added, for instance to `decimal(38, 0)`"),
    }
}

/// Whether a type has room for the digits of a number.
fn fits(number: i128, data_type: &DataType) -> bool {
    match data_type {
        DataType::Decimal128(precision, _) => number.unsigned_abs() < 10_u128.pow(u32::from(*precision)),
        _ => true,
    }
}

/// The sum of all rows, or of those in a window.
struct Total<T> {
    sum: i256,
    count: u64,
    data_type: DataType,
    of: PhantomData<T>,
}

impl<T: Summand> Total<T> {
    fn new(data_type: &DataType) -> Self {
        Total { sum: i256::ZERO, count: 0, data_type: data_type.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Total<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Total").field("sum", &self.sum).field("count", &self.count).finish_non_exhaustive()
    }
}

/// The sum of an array, and how many values it has.
fn added<T: Summand>(values: &[ArrayRef]) -> Result<(i256, u64)> {
    let [values] = values else { return exec_err!("`sum` takes one value") };
    let values = values.as_primitive::<T>();
    let sum = match values.null_count() {
        0 => summed(values.values().iter().map(|value| (*value).into())),
        _ => summed(values.iter().flatten().map(Into::into)),
    };
    Ok((sum, (values.len() - values.null_count()) as u64))
}

/// The sum of numbers: in the narrow type for as long as that holds it.
fn summed(numbers: impl Iterator<Item = i128>) -> i256 {
    let (mut wide, mut narrow) = (i256::ZERO, 0_i128);
    for number in numbers {
        narrow = narrow.checked_add(number).unwrap_or_else(|| {
            wide = wide.wrapping_add(i256::from_i128(narrow));
            number
        });
    }
    wide.wrapping_add(i256::from_i128(narrow))
}

impl<T: Summand> Accumulator for Total<T> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (sum, count) = added::<T>(values)?;
        self.sum = self.sum.wrapping_add(sum);
        self.count += count;
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (sum, count) = added::<T>(values)?;
        self.sum = self.sum.wrapping_sub(sum);
        self.count -= count;
        Ok(())
    }

    fn supports_retract_batch(&self) -> bool {
        true
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.update_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if self.count == 0 {
            return ScalarValue::new_primitive::<T>(None, &self.data_type);
        }
        let sum = self.sum.to_i128().filter(|sum| fits(*sum, &self.data_type));
        match sum.and_then(|sum| T::Native::try_from(sum).ok()) {
            Some(sum) => ScalarValue::new_primitive::<T>(Some(sum), &self.data_type),
            None => overflow(&self.data_type),
        }
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// The sum of the values that differ: DataFusion's own gathers them, and they are added at the end.
#[derive(Debug)]
struct Distinct {
    own: Box<dyn Accumulator>,
    total: Box<dyn Accumulator>,
}

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.own.update_batch(values)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.own.merge_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.own.state()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        if let [ScalarValue::List(values)] = self.own.state()?.as_slice() {
            self.total.update_batch(&[Arc::clone(values.values())])?;
        }
        self.total.evaluate()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.own.size() + self.total.size()
    }
}

/// The sums of many groups.
struct Totals {
    own: Box<dyn GroupsAccumulator>,
    overflown: Arc<AtomicBool>,
    data_type: DataType,
}

impl Totals {
    fn new<T: Summand>(data_type: &DataType) -> Self {
        let overflown = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&overflown);
        let add = move |sum: &mut T::Native, value: T::Native| match sum.add_checked(value) {
            Ok(total) => *sum = total,
            Err(_) => flag.store(true, Ordering::Relaxed),
        };
        let own = Box::new(PrimitiveGroupsAccumulator::<T, _>::new(data_type, add));
        Totals { own, overflown, data_type: data_type.clone() }
    }

    fn check(&self) -> Result<()> {
        if self.overflown.load(Ordering::Relaxed) { overflow(&self.data_type) } else { Ok(()) }
    }
}

impl GroupsAccumulator for Totals {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.own.update_batch(values, groups, filter, count)?;
        self.check()
    }

    fn merge_batch(&mut self, values: &[ArrayRef], groups: &[usize], count: usize) -> Result<()> {
        self.own.merge_batch(values, groups, count)?;
        self.check()
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let sums = self.own.evaluate(emit_to)?;
        let digits = sums.as_primitive_opt::<Decimal128Type>();
        let overflows = digits.is_some_and(|digits| !digits.values().iter().all(|sum| fits(*sum, &self.data_type)));
        if overflows { overflow(&self.data_type) } else { Ok(sums) }
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        self.own.state(emit_to)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.own.convert_to_state(values, filter)
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.own.size()
    }
}
