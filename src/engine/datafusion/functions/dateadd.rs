//! `dateadd(part, count, moment)`: the moment so many parts later.

use std::sync::Arc;

use arrow::array::{Array, AsArray, TimestampMicrosecondArray};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use super::part::{Parts, moment_type, out_of_range, takes_moments, texts};

/// See the module. A date is a moment, its midnight.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateAdd {
    signature: Signature,
    aliases: Vec<String>,
}

impl DateAdd {
    pub(super) fn new() -> Self {
        DateAdd { signature: Signature::user_defined(Volatility::Immutable), aliases: vec!["date_add".to_owned()] }
    }
}

impl ScalarUDFImpl for DateAdd {
    fn name(&self) -> &'static str {
        "dateadd"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _, moment] => {
                takes_moments("dateadd", std::slice::from_ref(moment))?;
                Ok(vec![DataType::Utf8, DataType::Int64, moment_type(moment)])
            }
            _ => plan_err!("`dateadd` takes a part, a number and a date: `dateadd('day', 1, d)`"),
        }
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        match given {
            [_, _, moment] => Ok(moment_type(moment)),
            _ => plan_err!("`dateadd` takes three arguments"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [names, counts, moments] = arrays.as_slice() else { return exec_err!("`dateadd` takes three arguments") };
        let zone = match moments.data_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        let (names, counts) = (texts(names)?, counts.as_primitive::<Int64Type>());
        let moments = moments.as_primitive::<TimestampMicrosecondType>();
        let mut parts = Parts::default();
        let added = (0..moments.len()).map(|row| {
            let Some(part) = parts.of(&names, row)? else { return Ok(None) };
            if counts.is_null(row) || moments.is_null(row) {
                return Ok(None);
            }
            let added = part.add(moments.value(row), counts.value(row));
            added.map(Some).ok_or_else(|| out_of_range("dateadd"))
        });
        let added = added.collect::<Result<TimestampMicrosecondArray>>()?;
        Ok(ColumnarValue::Array(Arc::new(added.with_timezone_opt(zone))))
    }
}
