//! `builtins.ref.config`: what packages that look behind dbt's names find out about the project there.

use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::context::value_of;
use crate::jinja::{Error, ErrorKind, Object, ObjectRepr, State, Value};
use crate::session::Session;

/// `builtins.ref`: the function, with the project beside it.
pub(super) struct Ref {
    /// The function.
    pub(super) function: Value,
    /// The project.
    pub(super) session: Arc<Session>,
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.function, f)
    }
}

impl Object for Ref {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        (key.as_str() == Some("config")).then(|| config(&self.session))
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.function.call(state, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

fn config(session: &Session) -> Value {
    let package =
        |(name, version): &(String, Option<String>)| (name.clone(), json!({"project_name": name, "version": version}));
    let dependencies: Map<String, Json> = session.packages.iter().map(package).collect();
    let root = session.packages.first();
    let facts = json!({
        "project_name": session.project,
        "version": root.and_then(|(_, version)| version.as_ref()),
        "dependencies": dependencies,
        "args": session.flags.all(),
        "cli_vars": session.vars.cli(),
        "target_name": session.target.name,
    });
    let facts = value_of(&facts);
    let vars = Value::from_object(Written(session.vars.root().clone()));
    Value::from_pairs(
        ["project_name", "version", "dependencies", "args", "cli_vars", "target_name"]
            .into_iter()
            .map(|key| (key, facts.get_attr(key).unwrap_or_default()))
            .chain([("vars", vars)]),
    )
}

/// The variables of the project file, as an object that can only be made a mapping of.
#[derive(Debug)]
struct Written(Map<String, Json>);

impl Object for Written {
    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, name: &str, _: &[Value]) -> Result<Value, Error> {
        match name {
            "to_dict" => Ok(value_of(&json!({"vars": self.0}))),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}
