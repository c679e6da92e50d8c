//! Names in YAML files: variables and the environment.

use std::sync::Arc;

use crate::context::function::{Arguments, fail, function};
use crate::context::globals::{Secrets, env_var};
use crate::context::value_of;
use crate::jinja::{Error, Object, Value};
use crate::session::Vars;
use crate::source::World;

/// What YAML files can see.
#[derive(Clone)]
pub struct DocumentNames {
    /// Where the environment comes from.
    pub world: Arc<dyn World>,
    /// Whether secrets may be read.
    pub secrets: Secrets,
    /// Variables that are known by now: for profiles and project files those of the command line.
    pub vars: Vars,
    /// The package of the file.
    pub package: String,
    /// `target`, once it is known.
    pub target: Option<Value>,
}

impl std::fmt::Debug for DocumentNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentNames").field("package", &self.package).finish_non_exhaustive()
    }
}

impl Object for DocumentNames {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "env_var" => Some(env_var(Arc::clone(&self.world), self.secrets)),
            "target" => self.target.clone(),
            "var" => {
                let names = Arc::clone(self);
                Some(function("var", move |_, args| names.var(&args)))
            }
            _ => None,
        }
    }
}

impl DocumentNames {
    fn var(&self, args: &Arguments) -> Result<Value, Error> {
        let name = args.required_text(0, "name")?;
        match self.vars.get(&self.package, &name) {
            Some(json) => Ok(value_of(json)),
            None => args.get(1, "default").ok_or_else(|| fail(format!("variable `{name}` is not defined"))),
        }
    }
}
