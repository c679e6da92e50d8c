//! Functions that the project declares, as the lake will have them.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use crate::engine::analysis::{DeclaredArgument, DeclaredFunction};
use crate::engine::datafusion::lake::{Argument, Function};
use crate::engine::datafusion::user_functions::Functions;
use crate::engine::{EngineError, ErrorKind};
use crate::sql::Relation;

/// The functions that were declared, by schema and name.
#[derive(Debug, Default)]
pub(super) struct DeclaredFunctions(RwLock<HashMap<(String, String), Function>>);

impl DeclaredFunctions {
    pub(super) fn insert(&self, name: Relation, function: DeclaredFunction) {
        let argument = |argument: DeclaredArgument| {
            let DeclaredArgument { name, data_type, default } = argument;
            Argument { name, data_type, default }
        };
        let DeclaredFunction { arguments, returns, body } = function;
        let arguments = arguments.into_iter().map(argument).collect();
        let function = Function { arguments, returns, body, volatility: None, schema: name.schema.clone() };
        let mut declared = self.0.write().unwrap_or_else(PoisonError::into_inner);
        declared.insert((name.schema, name.identifier), function);
    }
}

impl Functions for DeclaredFunctions {
    fn function(&self, schema: &str, name: &str) -> Result<Option<Function>, EngineError> {
        let declared = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Ok(declared.get(&(schema.to_owned(), name.to_owned())).cloned())
    }

    /// It may be there all the same: made by hand, or by another project.
    fn missing(&self, name: &str) -> EngineError {
        EngineError::new(ErrorKind::Unsupported, format!("`{name}` is no function of the project"))
    }
}
