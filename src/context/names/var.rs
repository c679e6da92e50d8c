//! `var`: variables of the project, of packages and of the command line.

use std::fmt;
use std::sync::Arc;

use crate::context::value_of;
use crate::diagnostic::{Diagnostic, Severity, codes};
use crate::jinja::{self, Arguments, CallSite, Error, ErrorKind, Object, ObjectRepr, State, Value, raise};
use crate::manifest::UnitTest;
use crate::session::Session;

/// `var(name, default)` and `var.has_var(name)`.
pub(super) struct Var {
    /// Where the variables are.
    pub(super) session: Arc<Session>,
    /// The package whose node asks.
    pub(super) package: Arc<str>,
    /// Whether the node is only read: as in dbt, what is missing is then `None`. The user is told.
    pub(super) reading: bool,
    /// The unit test that runs, whose variables come first.
    pub(super) test: Option<Arc<UnitTest>>,
}

impl Var {
    fn get(&self, name: &str) -> Option<&serde_json::Value> {
        let given = self.test.as_ref().and_then(|test| test.vars.get(name));
        given.or_else(|| self.session.vars.get(&self.package, name))
    }

    fn missing(&self, name: &str) -> Diagnostic {
        Diagnostic::error(codes::VAR_MISSING, format!("variable `{name}` is not defined"))
            .help(format!("define it under `vars:`, pass `--vars`, or give a default: `var('{name}', …)`"))
            .suggest_near(name, self.session.vars.names(&self.package))
    }
}

impl fmt::Debug for Var {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<function var>")
    }
}

impl Object for Var {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("var", args)?;
        let name = args.required_text(0, "var_name")?;
        let site = CallSite::of(state);
        match (self.get(&name), args.get(1, "default")) {
            (Some(serde_json::Value::String(text)), _) if jinja::is_template(text) => match site {
                Some(site) => site.render_made(text).map(Value::from).map_err(raise),
                None => Ok(Value::from(text)),
            },
            (Some(json), _) => Ok(value_of(json)),
            (None, Some(default)) => Ok(default),
            (None, None) if self.reading => {
                if let Some(site) = site {
                    site.note(self.missing(&name).with_severity(Severity::Warning));
                }
                Ok(Value::from(()))
            }
            (None, None) => Err(raise(self.missing(&name))),
        }
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "has_var" => {
                let name = Arguments::of("has_var", args)?.required_text(0, "var_name")?;
                Ok(Value::from(self.get(&name).is_some()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
