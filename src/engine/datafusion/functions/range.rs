//! `range(…)` and `generate_series(…)` over timestamps, in microseconds as all timestamps here.

use std::sync::Arc;

use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::functions_nested::range::{gen_series_udf, range_udf};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature};

use super::part::moment_type;

/// DataFusion's own, whose lists of timestamps have nanoseconds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Range {
    inner: Arc<ScalarUDF>,
}

impl Range {
    /// Both functions.
    pub(super) fn all() -> [Self; 2] {
        [Range { inner: range_udf() }, Range { inner: gen_series_udf() }]
    }
}

impl ScalarUDFImpl for Range {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok(match self.inner.inner().return_type(given)? {
            DataType::List(item) if matches!(item.data_type(), DataType::Timestamp(..)) => {
                let of_item = moment_type(item.data_type());
                DataType::List(Arc::new(item.as_ref().clone().with_data_type(of_item)))
            }
            other => other,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let wanted = args.return_type().clone();
        let made = self.inner.inner().invoke_with_args(args)?;
        if made.data_type() == wanted { Ok(made) } else { made.cast_to(&wanted, None) }
    }
}
