//! `mode(x)`: the value that most rows have; of several, the one that came first. Nulls count for nothing, as in all databases.

use std::mem::{size_of, size_of_val};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::Int64Type;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDFImpl, Signature, Volatility};
use indexmap::IndexMap;

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Mode {
    signature: Signature,
}

impl Mode {
    pub(super) fn new() -> Self {
        Mode { signature: Signature::any(1, Volatility::Immutable) }
    }
}

impl AggregateUDFImpl for Mode {
    fn name(&self) -> &'static str {
        "mode"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [of] => Ok(of.clone()),
            _ => exec_err!("`mode` takes one value"),
        }
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let list = |name: &str, item: &DataType| {
            Arc::new(Field::new_list(format!("mode_{name}"), Field::new_list_field(item.clone(), true), true))
        };
        Ok(vec![list("values", args.return_type()), list("counts", &DataType::Int64)])
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Counts { data_type: args.return_type().clone(), counts: IndexMap::new() }))
    }
}

/// How many rows have which value.
#[derive(Debug)]
struct Counts {
    data_type: DataType,
    counts: IndexMap<ScalarValue, i64>,
}

impl Counts {
    fn add(&mut self, values: &dyn Array, count: impl Fn(usize) -> i64) -> Result<()> {
        for row in (0..values.len()).filter(|row| values.is_valid(*row)) {
            *self.counts.entry(ScalarValue::try_from_array(values, row)?).or_default() += count(row);
        }
        Ok(())
    }
}

impl Accumulator for Counts {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        let [values] = values else { return exec_err!("`mode` takes one value") };
        self.add(values, |_| 1)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let values: Vec<_> = self.counts.keys().cloned().collect();
        let counts: Vec<_> = self.counts.values().map(|count| ScalarValue::Int64(Some(*count))).collect();
        let values = ScalarValue::new_list_nullable(&values, &self.data_type);
        let counts = ScalarValue::new_list_nullable(&counts, &DataType::Int64);
        Ok(vec![ScalarValue::List(values), ScalarValue::List(counts)])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        let [values, counts] = states else { return exec_err!("`mode` has two lists as its state") };
        for (values, counts) in values.as_list::<i32>().iter().zip(counts.as_list::<i32>().iter()) {
            let (Some(values), Some(counts)) = (values, counts) else { continue };
            let counts = counts.as_primitive::<Int64Type>();
            self.add(&values, |row| counts.value(row))?;
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        // The first of the greatest: `max_by_key` would give the last.
        let most = self.counts.iter().rev().max_by_key(|(_, count)| **count);
        most.map_or_else(|| ScalarValue::try_from(&self.data_type), |(value, _)| Ok(value.clone()))
    }

    fn size(&self) -> usize {
        let values: usize = self.counts.keys().map(|value| value.size() + size_of::<(usize, i64)>()).sum();
        size_of_val(self) + values
    }
}
