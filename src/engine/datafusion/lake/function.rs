//! How functions are kept: a file each, beside the views of their schema.

use serde::{Deserialize, Serialize};

use super::{Lake, encode};
use crate::engine::EngineError;

/// How the file of a function ends.
pub(super) const ENDING: &str = ".function.json";

/// A function as its file holds it: a SQL expression over arguments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine::datafusion) struct Function {
    /// Its arguments in order.
    pub(in crate::engine::datafusion) arguments: Vec<Argument>,
    /// The SQL type of its results.
    pub(in crate::engine::datafusion) returns: String,
    /// What it computes: an expression, or a query of one value.
    pub(in crate::engine::datafusion) body: String,
    /// `immutable`, `stable` or `volatile`, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine::datafusion) volatility: Option<String>,
    /// The schema of the names without one in its body, whoever calls it.
    pub(in crate::engine::datafusion) schema: String,
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::engine::datafusion) struct Argument {
    /// Its name.
    pub(in crate::engine::datafusion) name: String,
    /// Its SQL type.
    pub(in crate::engine::datafusion) data_type: String,
    /// The expression that stands for it where a call leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine::datafusion) default: Option<String>,
}

impl Lake {
    /// A function.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file when it is there and cannot be read.
    pub(in crate::engine::datafusion) fn function(
        &self,
        schema: &str,
        name: &str,
    ) -> Result<Option<Function>, EngineError> {
        self.read_json("the function", &function_file(schema, name))
    }

    /// Writes a function; it is visible, whole, when this returns.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file.
    pub(in crate::engine::datafusion) fn write_function(
        &self,
        schema: &str,
        name: &str,
        function: &Function,
    ) -> Result<(), EngineError> {
        self.make_schema_folder(schema)?;
        self.write_json("the function", &function_file(schema, name), function)
    }

    /// Removes a function; none is success.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file.
    pub(in crate::engine::datafusion) fn remove_function(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        self.remove_json("the function", &function_file(schema, name))
    }
}

fn function_file(schema: &str, name: &str) -> String {
    format!("{}/{}{ENDING}", encode(schema), encode(name))
}
