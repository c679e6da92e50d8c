//! `now()` and `current_timestamp`: the moment at which the statement is planned, in microseconds.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::config::ConfigOptions;
use datafusion::common::{Result, internal_err};
use datafusion::functions::datetime::now::NowFunc;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

use super::part::moment_type;

/// DataFusion's own, which gives nanoseconds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Now {
    inner: NowFunc,
}

impl Now {
    pub(super) fn new(config: &ConfigOptions) -> Self {
        Now { inner: NowFunc::new_with_config(config) }
    }
}

impl ScalarUDFImpl for Now {
    fn name(&self) -> &'static str {
        "now"
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn with_updated_config(&self, config: &ConfigOptions) -> Option<ScalarUDF> {
        Some(Now::new(config).into())
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let field = self.inner.return_field_from_args(args)?;
        let wanted = moment_type(field.data_type());
        Ok(Arc::new(field.as_ref().clone().with_data_type(wanted)))
    }

    /// Every call in a statement becomes the same literal.
    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        Ok(match self.inner.simplify(args, info)? {
            ExprSimplifyResult::Simplified(Expr::Literal(moment, metadata)) => {
                let wanted = moment_type(&moment.data_type());
                ExprSimplifyResult::Simplified(Expr::Literal(moment.cast_to(&wanted)?, metadata))
            }
            other => other,
        })
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("`now()` is a literal by the time a statement runs")
    }
}
