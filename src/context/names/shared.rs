//! What the names of parsing and of compiling have in common.

use std::sync::Arc;

use crate::context::adapter::Adapter;
use crate::context::api::api;
use crate::context::function::{Arguments, function};
use crate::context::{Door, flags_value, target_value, value_of};
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Environment, Error, Value, raise};
use crate::session::Session;

/// The version of dbt whose language this is; packages compare it.
const DBT_VERSION: &str = "1.11.0";

/// The names of a node's template, for the hint of an error about one that does not exist.
pub(super) const NODE_NAMES: &[&str] = &[
    "adapter",
    "api",
    "config",
    "database",
    "dbt_version",
    "execute",
    "flags",
    "invocation_id",
    "load_result",
    "model",
    "project_name",
    "ref",
    "run_started_at",
    "schema",
    "source",
    "store_raw_result",
    "store_result",
    "target",
    "this",
    "var",
];

/// The node that a template belongs to.
#[derive(Clone, Debug)]
pub struct Subject {
    /// `model.package.name`.
    pub unique_id: String,
    /// Its name.
    pub name: String,
    /// Its package.
    pub package: Arc<str>,
    /// dbt's word for its kind.
    pub resource_type: &'static str,
    /// Package, folders, name.
    pub fqn: Vec<String>,
    /// Its file, relative to the project.
    pub original_path: String,
}

/// What surrounds every node of a project.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Target, variables, flags.
    pub session: Arc<Session>,
    /// Macros.
    pub environment: Environment,
    /// Macro search order: namespace → packages.
    pub dispatch: Arc<[(String, Vec<String>)]>,
}

impl Surroundings {
    /// The names that do not depend on the phase.
    pub(super) fn get(&self, key: &str, subject: &Subject, door: Option<&Door>) -> Option<Value> {
        let session = &self.session;
        Some(match key {
            "target" => target_value(&session.target, &session.secrets),
            "flags" => flags_value(&session.flags),
            "database" => Value::from(&session.target.database),
            "schema" => Value::from(&session.target.schema),
            "project_name" => Value::from(&session.project),
            "invocation_id" => Value::from(&session.invocation_id),
            "run_started_at" => Value::from(session.started_at.to_string()),
            "dbt_version" => Value::from(DBT_VERSION),
            "model" => subject_value(subject),
            "var" => {
                let session = Arc::clone(session);
                let package = Arc::clone(&subject.package);
                function("var", move |_, args| var(&session, &package, &args))
            }
            "api" => api(session),
            "adapter" => Value::from_object(Adapter {
                session: Arc::clone(session),
                environment: self.environment.clone(),
                dispatch: Arc::clone(&self.dispatch),
                door: door.cloned(),
            }),
            _ => return None,
        })
    }
}

fn subject_value(subject: &Subject) -> Value {
    Value::from_pairs([
        ("unique_id", Value::from(&subject.unique_id)),
        ("name", Value::from(&subject.name)),
        ("package_name", Value::from(subject.package.as_ref())),
        ("resource_type", Value::from(subject.resource_type)),
        ("fqn", subject.fqn.iter().map(Value::from).collect()),
        ("original_file_path", Value::from(&subject.original_path)),
    ])
}

fn var(session: &Session, package: &str, args: &Arguments) -> Result<Value, Error> {
    let name = args.required_text(0, "name")?;
    if let Some(json) = session.vars.get(package, &name) {
        return Ok(value_of(json));
    }
    args.get(1, "default").ok_or_else(|| {
        let message = format!("variable `{name}` is not defined");
        raise(
            Diagnostic::error(codes::VAR_MISSING, message)
                .help(format!("define it under `vars:`, pass `--vars`, or give a default: `var('{name}', …)`"))
                .suggest_near(&name, session.vars.names(package)),
        )
    })
}
