//! `coalesce` of dates and texts, as in `coalesce(valid_to, '9999-12-31')`: the texts are read as dates. DataFusion's own refuses it.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::functions::core;
use datafusion::logical_expr::simplify::{ExprSimplifyResult, SimplifyContext};
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// DataFusion's, but for the types that it takes.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Coalesce {
    signature: Signature,
    inner: Arc<ScalarUDF>,
}

impl Coalesce {
    pub(super) fn new() -> Self {
        Coalesce { signature: Signature::user_defined(Volatility::Immutable), inner: core::coalesce() }
    }
}

impl ScalarUDFImpl for Coalesce {
    fn name(&self) -> &'static str {
        "coalesce"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(given).or_else(|error| {
            let is_text = |one: &&DataType| matches!(one, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
            let mut others = given.iter().filter(|one| !is_text(one) && !one.is_null());
            match others.next() {
                Some(first) if first.is_temporal() && others.all(|other| other == first) => {
                    Ok(vec![first.clone(); given.len()])
                }
                _ => Err(error),
            }
        })
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        self.inner.return_type(given)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn simplify(&self, args: Vec<Expr>, info: &SimplifyContext) -> Result<ExprSimplifyResult> {
        self.inner.simplify(args, info)
    }

    fn conditional_arguments<'a>(&self, args: &'a [Expr]) -> Option<(Vec<&'a Expr>, Vec<&'a Expr>)> {
        self.inner.conditional_arguments(args)
    }

    fn short_circuits(&self) -> bool {
        self.inner.short_circuits()
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        self.inner.invoke_with_args(args)
    }
}
