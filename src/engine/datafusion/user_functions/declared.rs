//! What the planner knows of a function of the project's own: name, arguments, result. It is never invoked: the body takes its place.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, internal_err, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::Called;
use super::body::Body;

/// The function as DataFusion sees it.
///
/// # Errors
/// When two arguments have one name.
pub(super) fn udf(called: &Called, body: &Body) -> Result<ScalarUDF> {
    let volatility = match called.function.volatility.as_deref() {
        Some("immutable") => Volatility::Immutable,
        Some("stable") => Volatility::Stable,
        _ => Volatility::Volatile,
    };
    let names = body.arguments.iter().map(|argument| argument.name.clone()).collect();
    Ok(ScalarUDF::from(Declared {
        name: called.name.to_string(),
        signature: Signature::user_defined(volatility).with_parameter_names(names)?,
        arguments: body.arguments.iter().map(|argument| argument.data_type.clone()).collect(),
        required: body.arguments.iter().filter(|argument| argument.default.is_none()).count(),
        returns: body.returns.clone(),
    }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Declared {
    name: String,
    signature: Signature,
    arguments: Vec<DataType>,
    required: usize,
    returns: DataType,
}

impl ScalarUDFImpl for Declared {
    fn name(&self) -> &str {
        &self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        let (given, most) = (given.len(), self.arguments.len());
        if given < self.required || given > most {
            let wanted = match self.required == most {
                true => format!("{most}"),
                false => format!("{} to {most}", self.required),
            };
            return plan_err!("function `{}` takes {wanted} arguments, not {given}", self.name);
        }
        Ok(self.arguments[..given].to_vec())
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(self.returns.clone())
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        internal_err!("function `{}` was not put in place", self.name)
    }
}
