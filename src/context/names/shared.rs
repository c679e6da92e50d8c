//! What the names of parsing and of compiling have in common.

use std::sync::Arc;

use super::kept::Kept;
use super::var::Var;
use crate::context::adapter::Adapter;
use crate::context::api::{api, column_class};
use crate::context::modules::date_time_at;
use crate::context::{Door, database_value, flags_value, target_value, value_of};
use crate::jinja::{Environment, Value};
use crate::manifest::Version;
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
    "function",
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
    /// Its version, if it is one of several of its model.
    pub version: Option<Version>,
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
    /// What is made once for all nodes.
    pub kept: Kept,
}

impl Surroundings {
    /// The names that do not depend on the phase.
    pub(super) fn get(&self, key: &str, subject: &Subject, door: Option<&Door>) -> Option<Value> {
        let session = &self.session;
        Some(match key {
            "target" => target_value(&session.target, &session.secrets),
            "flags" => flags_value(&session.flags),
            "database" => database_value(&session.target.database),
            "schema" => Value::from(&session.target.schema),
            "project_name" => Value::from(&session.project),
            "invocation_id" => Value::from(&session.invocation_id),
            "run_started_at" => date_time_at(session.started_at),
            "env" => target_value(&session.target, &session.secrets),
            "thread_id" => Value::from(std::thread::current().name().unwrap_or("MainThread")),
            "dbt_metadata_envs" => metadata_variables(session),
            "invocation_args_dict" => {
                Value::from_pairs(session.flags.all().iter().map(|(name, json)| (name.as_str(), value_of(json))))
            }
            "selected_resources" => self.kept.selected(),
            "defer_relation" => Value::from(()),
            "dbt_version" => Value::from(DBT_VERSION),
            "model" => subject_value(subject),
            "api" => api(session),
            "column" => column_class(session),
            "var" => Value::from_object(Var {
                session: Arc::clone(session),
                package: Arc::clone(&subject.package),
                reading: false,
                test: None,
            }),
            "adapter" => Value::from_object(Adapter {
                session: Arc::clone(session),
                dispatch: Arc::clone(&self.dispatch),
                door: door.cloned(),
                asked: self.kept.asked(),
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
        ("version", subject.version.as_ref().map_or(Value::from(()), |version| value_of(version.as_json()))),
    ])
}

/// The variables of the environment that go to artifacts, without their prefix.
fn metadata_variables(session: &Session) -> Value {
    const PREFIX: &str = "DBT_ENV_CUSTOM_ENV_";
    let mut names = session.world.env_names();
    names.sort();
    let found = names.iter().filter_map(|name| Some((name.strip_prefix(PREFIX)?, session.world.env(name)?)));
    Value::from_pairs(found.map(|(name, value)| (name, Value::from(value))))
}
