//! `typeof(x)`: the name of a value's type, as SQL spells it.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, ScalarValue, exec_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

use crate::engine::datafusion::type_names::sql_name;

/// See the module. DuckDB, Spark and Snowflake have it; `pg_typeof` is PostgreSQL's.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct TypeOf {
    signature: Signature,
    aliases: Vec<String>,
}

impl TypeOf {
    pub(super) fn new() -> Self {
        TypeOf { signature: Signature::any(1, Volatility::Immutable), aliases: vec!["pg_typeof".to_owned()] }
    }
}

impl ScalarUDFImpl for TypeOf {
    fn name(&self) -> &'static str {
        "typeof"
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [of] = args.args.as_slice() else { return exec_err!("`typeof` takes one value") };
        Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(sql_name(&of.data_type())))))
    }
}
