//! The names that speak of the node itself: `model`, its hooks, its SQL, the graph around it.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::catalog::{Builtins, Everything, graph};
use super::var::Var;
use super::{NodeNames, ParseNames};
use crate::artifact::{resource, unlisted};
use crate::context::function::{fail, function};
use crate::context::{RelationValue, database_value, value_of};
use crate::jinja::{Dict, Scope, Value, mutable};
use crate::sql::Relation;

impl NodeNames {
    /// The names while a node is compiled or run.
    pub(super) fn rest(self: &Arc<Self>, key: &str) -> Option<Value> {
        let environment = &self.surroundings.environment;
        let names = || Value::from_dyn_object(Arc::clone(self));
        Some(match key {
            "model" => self.model(),
            "graph" => {
                let session = &self.surroundings.session;
                self.surroundings.kept.graph(|| graph(&self.manifest, session))
            }
            "context" => {
                let scope = Scope::new(self.node.package.as_str(), names());
                let written = self.written.clone();
                Value::from_object(Everything { environment: environment.clone(), scope, written })
            }
            "builtins" => {
                let session = Arc::clone(&self.surroundings.session);
                Value::from_object(Builtins { environment: environment.clone(), names: names(), session })
            }
            "database" => database_value(&self.node.database),
            "schema" => Value::from(&self.node.schema),
            "pre_hooks" => self.hooks("pre-hook"),
            "post_hooks" => self.hooks("post-hook"),
            // Known only once the node is compiled: hooks and materializations see it.
            "sql" | "compiled_code" => Value::from(()),
            "defer_relation" => {
                let elsewhere = self.deferral.as_ref().and_then(|deferral| deferral.relations.get(&self.node.id));
                let session = &self.surroundings.session;
                let value = |relation: &Relation| RelationValue::new(relation.clone(), session.dialect);
                elsewhere.map_or(Value::from(()), |found| value(found).quoting(session.quoting).into_value())
            }
            "load_agate_table" => function("load_agate_table", |_, _| {
                Err(fail("`load_agate_table` reads the file of a seed, in its materialization"))
            }),
            _ => return None,
        })
    }

    /// The node as it stands in the manifest, without what is nothing.
    fn model(&self) -> Value {
        let session = &self.surroundings.session;
        let found = resource(&self.manifest, session, &self.node.id);
        filled(found.unwrap_or_else(|| unlisted(session, &self.node)))
    }

    /// Hooks as dicts with their SQL.
    fn hooks(&self, key: &str) -> Value {
        let hook = |hook: &Json| match hook {
            Json::Object(hook) => {
                let mut hook = hook.clone();
                hook.entry("transaction").or_insert(Json::Bool(true));
                value_of(&Json::Object(hook))
            }
            sql => value_of(&json!({"sql": sql, "transaction": true})),
        };
        let found = self.node.config.values.get(key).or_else(|| self.node.config.values.get(&key.replace('-', "_")));
        mutable(match found {
            None | Some(Json::Null) => Value::from(Vec::<Value>::new()),
            Some(Json::Array(hooks)) => hooks.iter().map(hook).collect(),
            Some(one) => std::iter::once(hook(one)).collect(),
        })
    }
}

impl ParseNames {
    /// The names while a node is only read.
    pub(super) fn rest(self: &Arc<Self>, key: &str) -> Option<Value> {
        let (surroundings, subject) = self.node();
        let environment = &surroundings.environment;
        let names = || Value::from_dyn_object(Arc::clone(self));
        Some(match key {
            "model" => filled(unlisted(&surroundings.session, self.unread()?)),
            "var" => Value::from_object(Var {
                session: Arc::clone(&surroundings.session),
                package: Arc::clone(&subject.package),
                reading: true,
                test: None,
            }),
            // As in dbt: there are no nodes yet.
            "graph" => Dict::default().into(),
            "context" => {
                let scope = Scope::new(Arc::clone(&subject.package), names());
                let written = self.written();
                Value::from_object(Everything { environment: environment.clone(), scope, written })
            }
            "builtins" => {
                let session = Arc::clone(&surroundings.session);
                Value::from_object(Builtins { environment: environment.clone(), names: names(), session })
            }
            "pre_hooks" | "post_hooks" => mutable(Value::from(Vec::<Value>::new())),
            "sql" | "compiled_code" => Value::from(()),
            _ => return None,
        })
    }
}

/// A node without entries that are nothing; those of `columns` and `config` stay as they are but for that.
fn filled(node: Json) -> Value {
    match node {
        Json::Object(map) => value_of(&Json::Object(without_nulls(map))),
        other => value_of(&other),
    }
}

fn without_nulls(map: Map<String, Json>) -> Map<String, Json> {
    let keep = |(_, value): &(String, Json)| !value.is_null();
    map.into_iter()
        .filter(keep)
        .map(|(key, value)| match value {
            Json::Object(inner) if key != "meta" => (key, Json::Object(without_nulls(inner))),
            other => (key, other),
        })
        .collect()
}
