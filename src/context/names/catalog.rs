//! `graph`, `model`, `context` and `builtins`: what is known of the project and of the names themselves.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::runtime_config::Ref;
use crate::artifact::resource;
use crate::base::IndexMap;
use crate::context::value_of;
use crate::jinja::{Dict, Enumerator, Environment, Error, ErrorKind, Object, Scope, State, Value};
use crate::manifest::{Manifest, ResourceType, SemanticKind, UniqueId};
use crate::session::Session;

/// `graph`: the resources of the project as the manifest has them, by kind and id.
pub(super) fn graph(manifest: &Arc<Manifest>, session: &Arc<Session>) -> Value {
    let of = |ids: Vec<UniqueId>| {
        let entries = ids.into_iter().map(|id| (id.to_string(), (id, OnceLock::new()))).collect();
        let resources = Resources { manifest: Arc::clone(manifest), session: Arc::clone(session), entries };
        Value::from_object(resources)
    };
    let nodes = |are_functions: bool| {
        let wanted = manifest.nodes.values().filter(|node| (node.resource == ResourceType::Function) == are_functions);
        of(wanted.map(|node| node.id.clone()).collect())
    };
    let semantic = |kind: SemanticKind| {
        let wanted = manifest.semantic.values().filter(|resource| resource.kind == kind);
        of(wanted.map(|resource| resource.id.clone()).collect())
    };
    let kinds = [
        ("nodes", nodes(false)),
        ("sources", of(manifest.sources.keys().cloned().collect())),
        ("exposures", of(manifest.exposures.keys().cloned().collect())),
        ("groups", of(manifest.groups.keys().cloned().collect())),
        ("metrics", semantic(SemanticKind::Metric)),
        ("semantic_models", semantic(SemanticKind::SemanticModel)),
        ("saved_queries", semantic(SemanticKind::SavedQuery)),
        ("unit_tests", of(manifest.unit_tests.keys().cloned().collect())),
        ("functions", nodes(true)),
    ];
    // Macros keep things of their own beside what there is.
    kinds.into_iter().map(|(kind, resources)| (Value::from(kind), resources)).collect::<Dict>().into()
}

/// The resources of a kind. Each is made when it is asked for, and kept.
struct Resources {
    manifest: Arc<Manifest>,
    session: Arc<Session>,
    entries: IndexMap<String, (UniqueId, OnceLock<Value>)>,
}

impl fmt::Debug for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.keys()).finish()
    }
}

impl Object for Resources {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (id, kept) = self.entries.get(key.as_str()?)?;
        let make = || resource(&self.manifest, &self.session, id).map_or(Value::from(()), |json| value_of(&json));
        Some(kept.get_or_init(make).clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.entries.keys().map(Value::from).collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// `context`: every name that a template can use, as a mapping.
pub(super) struct Everything {
    /// The macros.
    pub(super) environment: Environment,
    /// The node's names.
    pub(super) scope: Scope,
    /// What templates have put there themselves, by `context.update`: a dict.
    pub(super) written: Value,
}

impl fmt::Debug for Everything {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("context")
    }
}

impl Object for Everything {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let own = self.written.as_object().and_then(|written| written.get_value(key));
        own.or_else(|| self.environment.lookup(&self.scope, key.as_str()?))
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "update" => self.written.call_method(state, method, args),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.environment.known_names(&self.scope).into_iter().map(Value::from).collect())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// The names that `builtins` has.
const BUILTIN_NAMES: &[&str] = &[
    "adapter",
    "api",
    "column",
    "compiled_code",
    "config",
    "database",
    "dbt_metadata_envs",
    "dbt_version",
    "defer_relation",
    "diff_of_two_dicts",
    "env",
    "env_var",
    "exceptions",
    "execute",
    "flags",
    "fromjson",
    "fromyaml",
    "function",
    "graph",
    "invocation_args_dict",
    "invocation_id",
    "load_agate_table",
    "load_result",
    "local_md5",
    "log",
    "metric",
    "model",
    "modules",
    "post_hooks",
    "pre_hooks",
    "print",
    "project_name",
    "ref",
    "render",
    "return",
    "run_started_at",
    "schema",
    "selected_resources",
    "set",
    "set_strict",
    "source",
    "sql",
    "store_raw_result",
    "store_result",
    "submit_python_job",
    "target",
    "this",
    "thread_id",
    "tojson",
    "toyaml",
    "try_or_compiler_error",
    "validation",
    "var",
    "write",
    "zip",
    "zip_strict",
];

/// `builtins`: dbt's own names, also where a macro of the project has taken one.
pub(super) struct Builtins {
    /// The globals.
    pub(super) environment: Environment,
    /// The node's names.
    pub(super) names: Value,
    /// The project.
    pub(super) session: Arc<Session>,
}

impl fmt::Debug for Builtins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("builtins")
    }
}

impl Object for Builtins {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let own = self.names.as_object().and_then(|names| names.get_value_by_str(name));
        let found = own.or_else(|| self.environment.global(name))?;
        Some(match name {
            "ref" => Value::from_object(Ref { function: found, session: Arc::clone(&self.session) }),
            _ => found,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(BUILTIN_NAMES)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
