//! `date_trunc(part, moment)` of any moment that a timestamp can hold.

use std::sync::Arc;

use arrow::array::{AsArray, TimestampMicrosecondArray};
use arrow::datatypes::TimestampMicrosecondType;
use datafusion::arrow::datatypes::{DataType, FieldRef, TimeUnit};
use datafusion::common::{Result, ScalarValue};
use datafusion::functions::datetime::date_trunc::DateTruncFunc;
use datafusion::logical_expr::sort_properties::{ExprProperties, SortProperties};
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDFImpl, Signature};

use super::part::{Part, out_of_range};

/// DataFusion's own goes by nanoseconds, which end in the year 2262. It keeps the moments of a zone, and times of a day.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DateTrunc {
    inner: DateTruncFunc,
}

impl DateTrunc {
    pub(super) fn new() -> Self {
        DateTrunc { inner: DateTruncFunc::new() }
    }
}

impl ScalarUDFImpl for DateTrunc {
    fn name(&self) -> &'static str {
        "date_trunc"
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn output_ordering(&self, input: &[ExprProperties]) -> Result<SortProperties> {
        self.inner.output_ordering(input)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((part, moments)) = in_utc(&args.args) else { return self.inner.invoke_with_args(args) };
        let zone = match args.return_type() {
            DataType::Timestamp(_, zone) => zone.clone(),
            _ => None,
        };
        let start = |moment| part.start(moment).ok_or_else(|| out_of_range("date_trunc"));
        let array = moments.to_array(1)?;
        let starts: TimestampMicrosecondArray = array.as_primitive::<TimestampMicrosecondType>().try_unary(start)?;
        let starts = starts.with_timezone_opt(zone);
        Ok(match moments {
            ColumnarValue::Scalar(_) => ColumnarValue::Scalar(ScalarValue::try_from_array(&starts, 0)?),
            ColumnarValue::Array(_) => ColumnarValue::Array(Arc::new(starts)),
        })
    }
}

/// The part and the moments, where the part is a known one and the moments are microseconds of UTC or of no zone.
fn in_utc(args: &[ColumnarValue]) -> Option<(Part, &ColumnarValue)> {
    let [ColumnarValue::Scalar(part), moments] = args else { return None };
    let DataType::Timestamp(TimeUnit::Microsecond, zone) = moments.data_type() else { return None };
    let in_utc = zone.is_none_or(|zone| matches!(zone.as_ref(), "UTC" | "Z" | "+00:00"));
    let part = Part::named(part.try_as_str()??).ok()?;
    in_utc.then_some((part, moments))
}
