//! `array_sum(list)` and `list_sum(list)`: the sum of a list's elements, in the type that `sum` has for them. Nulls count for nothing; of
//! no elements there is no sum.
//!
//! DataFusion's own makes floating-point numbers of all, which whole numbers and decimals do not fit.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, ArrowNumericType, AsArray, PrimitiveArray};
use arrow::compute::{sum, sum_checked};
use arrow::datatypes::{Decimal128Type, DecimalType, Float64Type, Int64Type};
use datafusion::arrow::datatypes::{DECIMAL128_MAX_PRECISION, DataType, Field};
use datafusion::common::{Result, exec_datafusion_err, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::engine::datafusion::type_names::sql_name;

/// See the module.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct ListSum {
    signature: Signature,
    aliases: Vec<String>,
}

impl ListSum {
    pub(super) fn new() -> Self {
        ListSum { signature: Signature::user_defined(Volatility::Immutable), aliases: vec!["list_sum".to_owned()] }
    }
}

/// The type of the sum of elements; those whose sums are not known here are floating-point numbers.
fn summed(item: &DataType) -> DataType {
    match item {
        DataType::Decimal128(_, scale) => DataType::Decimal128(DECIMAL128_MAX_PRECISION, *scale),
        item if item.is_signed_integer() || item.is_unsigned_integer() => DataType::Int64,
        _ => DataType::Float64,
    }
}

/// The type of a list's elements.
fn item(list: &DataType) -> Option<&DataType> {
    match list {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => Some(item.data_type()),
        DataType::Null => Some(&DataType::Null),
        _ => None,
    }
}

impl ScalarUDFImpl for ListSum {
    fn name(&self) -> &'static str {
        "array_sum"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [list] if item(list).is_some_and(|item| item.is_numeric() || item.is_null()) => {
                let item = item(list).map_or(DataType::Float64, summed);
                Ok(vec![DataType::List(Arc::new(Field::new_list_field(item, true)))])
            }
            _ => plan_err!("`array_sum` takes a list of numbers"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [list] => Ok(item(list).map_or(DataType::Float64, summed)),
            _ => plan_err!("`array_sum` takes a list of numbers"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [lists] = arrays.as_slice() else { return exec_err!("`array_sum` takes one list") };
        let of = args.return_type();
        let overflow = || exec_datafusion_err!("overflow: the sum of a list does not fit `{}`", sql_name(of));
        let fits = |sum: i128| Decimal128Type::is_valid_decimal_precision(sum, DECIMAL128_MAX_PRECISION);
        Ok(ColumnarValue::Array(match of {
            DataType::Int64 => sums::<Int64Type>(lists, |items| sum_checked(items).map_err(|_| overflow()))?,
            DataType::Decimal128(..) => sums::<Decimal128Type>(lists, |items| match sum_checked(items) {
                Ok(sum) if sum.is_none_or(fits) => Ok(sum),
                _ => Err(overflow()),
            })?,
            _ => sums::<Float64Type>(lists, |items| Ok(sum(items)))?,
        }))
    }
}

/// The sum of each list.
fn sums<T: ArrowNumericType>(
    lists: &ArrayRef,
    sum: impl Fn(&PrimitiveArray<T>) -> Result<Option<T::Native>>,
) -> Result<ArrayRef> {
    let lists = lists.as_list::<i32>();
    let of_row = |row: usize| match lists.is_valid(row) {
        true => sum(lists.value(row).as_primitive::<T>()),
        false => Ok(None),
    };
    let sums = (0..lists.len()).map(of_row).collect::<Result<PrimitiveArray<T>>>()?;
    Ok(Arc::new(sums.with_data_type(lists.value_type())))
}
