//! `sum` of whole numbers, which is an error when it does not fit `bigint`. DataFusion's own wraps round; of everything else than whole
//! numbers the sum is DataFusion's.
//!
//! Groups add as fast as its own do: each addition says whether it went over, and a batch is looked at once. Which sums on the way to the
//! result there are depends on the order of the rows; numbers that only together fit may therefore fail, near the end of what `bigint` holds.

use std::mem::size_of_val;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use arrow::datatypes::Int64Type;
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

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct CheckedSum(Sum);

impl CheckedSum {
    pub(super) fn new() -> Self {
        CheckedSum(Sum::new())
    }
}

/// Whether it is whole numbers that are added.
fn is_whole(args: &AccumulatorArgs<'_>) -> bool {
    *args.return_field.data_type() == DataType::Int64
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
        match (is_whole(&args), args.is_distinct) {
            (false, _) => self.0.accumulator(args),
            (true, true) => Ok(Box::new(Distinct(self.0.accumulator(args)?))),
            (true, false) => Ok(Box::new(Total::default())),
        }
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        match is_whole(&args) && !args.is_distinct {
            true => Ok(Box::new(Total::default())),
            false => self.0.create_sliding_accumulator(args),
        }
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.0.groups_accumulator_supported(args)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        match is_whole(&args) {
            true => Ok(Box::new(Totals::new())),
            false => self.0.create_groups_accumulator(args),
        }
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

fn overflow<T>() -> Result<T> {
    exec_err!("overflow: a sum does not fit `bigint`; cast what is added, for instance to `decimal(38, 0)`")
}

/// The sum of all rows, or of those in a window.
#[derive(Debug, Default)]
struct Total {
    sum: i128,
    count: u64,
}

/// The sum of an array, and how many values it has.
fn added(values: &[ArrayRef]) -> Result<(i128, u64)> {
    let [values] = values else { return exec_err!("`sum` takes one value") };
    let values = values.as_primitive::<Int64Type>();
    let sum = match values.null_count() {
        0 => values.values().iter().map(|value| i128::from(*value)).sum(),
        _ => values.iter().flatten().map(i128::from).sum(),
    };
    Ok((sum, (values.len() - values.null_count()) as u64))
}

impl Accumulator for Total {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (sum, count) = added(values)?;
        self.sum += sum;
        self.count += count;
        Ok(())
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let (sum, count) = added(values)?;
        self.sum -= sum;
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
        match (self.count, i64::try_from(self.sum)) {
            (0, _) => Ok(ScalarValue::Int64(None)),
            (_, Ok(sum)) => Ok(ScalarValue::Int64(Some(sum))),
            (_, Err(_)) => overflow(),
        }
    }

    fn size(&self) -> usize {
        size_of_val(self)
    }
}

/// The sum of the values that differ: DataFusion's own gathers them.
#[derive(Debug)]
struct Distinct(Box<dyn Accumulator>);

impl Accumulator for Distinct {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.update_batch(values)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.0.merge_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.0.state()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let mut total = Total::default();
        if let [ScalarValue::List(values)] = self.0.state()?.as_slice() {
            total.update_batch(&[Arc::clone(values.values())])?;
        }
        total.evaluate()
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.0.size()
    }
}

/// The sums of many groups.
struct Totals {
    own: Box<dyn GroupsAccumulator>,
    overflown: Arc<AtomicBool>,
}

impl Totals {
    fn new() -> Self {
        let overflown = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&overflown);
        let add = move |sum: &mut i64, value: i64| {
            let (total, is_over) = sum.overflowing_add(value);
            *sum = total;
            if is_over {
                flag.store(true, Ordering::Relaxed);
            }
        };
        Totals { own: Box::new(PrimitiveGroupsAccumulator::<Int64Type, _>::new(&DataType::Int64, add)), overflown }
    }

    fn check(&self) -> Result<()> {
        if self.overflown.load(Ordering::Relaxed) { overflow() } else { Ok(()) }
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
        self.own.evaluate(emit_to)
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
