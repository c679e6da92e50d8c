//! Conditions that no row of a table may break.
//!
//! They are kept in the metadata of the table's first column, so that they come and go with its columns in one commit, and looked at
//! wherever rows are written into the table: whatever statement wrote them.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::common::ToDFSchema;
use datafusion::execution::SessionState;
use datafusion::physical_expr::PhysicalExpr;

use crate::engine::{Check, EngineError, ErrorKind};

/// The key under which they are kept.
const KEY: &str = "transform.checks";

/// The columns with these conditions kept on the first of them, and no others.
pub(super) fn set(mut fields: Vec<Field>, checks: &[Check]) -> Schema {
    for field in &mut fields {
        field.metadata_mut().remove(KEY);
    }
    if let (Some(first), false) = (fields.first_mut(), checks.is_empty()) {
        let kept: Vec<(Option<&str>, &str)> =
            checks.iter().map(|check| (check.name.as_deref(), check.expression.as_str())).collect();
        let mut metadata = first.metadata().clone();
        metadata.insert(KEY.to_owned(), serde_json::to_string(&kept).unwrap_or_default());
        first.set_metadata(metadata);
    }
    Schema::new(fields)
}

/// The conditions of a table, ready to be looked at.
pub(super) struct Checks(Vec<Planned>);

struct Planned {
    name: String,
    expression: Arc<dyn PhysicalExpr>,
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|check| &check.name)).finish()
    }
}

impl Checks {
    /// Those that are kept on these columns.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`] when one cannot be planned.
    pub(super) fn of(state: &SessionState, schema: &SchemaRef) -> Result<Self, EngineError> {
        let kept = schema.fields().iter().find_map(|field| field.metadata().get(KEY));
        let kept: Vec<(Option<String>, String)> =
            kept.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let columns = Arc::clone(schema).to_dfschema()?;
        let planned = |(name, expression): (Option<String>, String)| {
            let name = name.unwrap_or_else(|| expression.clone());
            let plan = || {
                let logical = state.create_logical_expr(&expression, &columns)?;
                state.create_physical_expr(logical, &columns)
            };
            let expression = plan().map_err(|error| {
                let error = EngineError::from(error);
                EngineError { message: format!("check `{name}`: {}", error.message), position: None, ..error }
            })?;
            Ok(Planned { name, expression })
        };
        kept.into_iter().map(planned).collect::<Result<Vec<_>, EngineError>>().map(Checks)
    }

    /// Looks at rows.
    ///
    /// # Errors
    /// [`ErrorKind::Execution`] naming the condition that a row breaks.
    pub(super) fn look(&self, batch: &RecordBatch) -> Result<(), EngineError> {
        for check in &self.0 {
            let held = check.expression.evaluate(batch)?.into_array(batch.num_rows())?;
            let is_broken = match held.data_type() {
                DataType::Boolean => held.as_boolean().iter().any(|held| held == Some(false)),
                DataType::Null => false,
                other => {
                    let message = format!("check `{}` is no condition: it is `{other}`", check.name);
                    return Err(EngineError::new(ErrorKind::Plan, message));
                }
            };
            if is_broken {
                let message = format!("a row violates check constraint `{}`", check.name);
                return Err(EngineError::new(ErrorKind::Execution, message));
            }
        }
        Ok(())
    }
}
