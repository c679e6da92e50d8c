//! Functions that are the same in every template.

mod collection;
mod exceptions;
mod flow;
mod serial;

use std::sync::Arc;

use super::function::function;
use super::modules::Modules;
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Builder, CallSite, Value, raise};
use crate::source::World;

/// Whether secrets may be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// In profiles and package files.
    Allowed,
    /// Everywhere else: what is rendered there is written to disk.
    Forbidden,
}

/// The prefix of variables that hold secrets.
pub const SECRET_PREFIX: &str = "DBT_ENV_SECRET";

/// Adds the functions to an environment.
pub fn add(builder: &mut Builder, world: &Arc<dyn World>) {
    builder.global("env_var", env_var(Arc::clone(world), Secrets::Forbidden));
    builder.global("exceptions", exceptions::value());
    builder.global("modules", Modules::value(Arc::clone(world)));
    let functions = [serial::functions(), collection::functions(), flow::functions()];
    for (name, value) in functions.into_iter().flatten() {
        builder.global(name, value);
    }
}

/// `env_var(name, default)`.
#[must_use]
pub fn env_var(world: Arc<dyn World>, secrets: Secrets) -> Value {
    function("env_var", move |state, args| {
        let name = args.required_text(0, "var")?;
        if let Some(site) = CallSite::of(state) {
            site.reads_variable(&name);
        }
        if secrets == Secrets::Forbidden && name.starts_with(SECRET_PREFIX) {
            let message = format!("the secret `{name}` may only be used in `profiles.yml`");
            return Err(raise(Diagnostic::error(codes::ENV_VAR_SECRET, message)));
        }
        if let Some(value) = world.env(&name) {
            return Ok(Value::from(value));
        }
        args.get(1, "default").ok_or_else(|| {
            let message = format!("environment variable `{name}` is not set");
            raise(
                Diagnostic::error(codes::ENV_VAR_MISSING, message)
                    .help(format!("set it, or give a default: `env_var('{name}', '…')`")),
            )
        })
    })
}
