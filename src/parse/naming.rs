//! Database, schema and name of a node's relation, as the naming macros say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Context;
use crate::diagnostic::Diagnostic;
use crate::jinja::{Environment, MacroInfo, Scope, Value};
use crate::load::BUILT_IN;
use crate::manifest::NodeConfig;

/// The naming macros. A macro that does not look at its node gives one answer per custom name, which is kept.
pub(super) struct Naming {
    sees_node: HashMap<&'static str, bool>,
    known: Mutex<Answers>,
}

/// By macro, package and custom name.
type Answers = HashMap<(&'static str, Arc<str>, Option<String>), String>;

/// The full name of a node.
pub(super) struct Name {
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) alias: String,
}

const MACROS: [&str; 3] = ["generate_database_name", "generate_schema_name", "generate_alias_name"];

impl Naming {
    /// Looks at the macros of an environment.
    pub(super) fn new(environment: &Environment) -> Self {
        let independent = |found: &MacroInfo| {
            let names = environment.names_in(found.body);
            names.iter().all(|name| INDEPENDENT.contains(&name.split('.').next().unwrap_or_default()))
        };
        let sees_node = MACROS.into_iter().map(|name| {
            // dbt takes these three from the root project, whatever package the node is in. The built-in ones only dispatch.
            let sees = match environment.macro_named("", name) {
                Some(found) if found.package.as_ref() != BUILT_IN => !independent(found),
                _ => implementations(environment, name).any(|found| !independent(found)),
            };
            (name, sees)
        });
        Naming { sees_node: sees_node.collect(), known: Mutex::default() }
    }

    /// The name of a node.
    pub(super) fn of(
        &self,
        cx: &Context<'_>,
        scope: &Scope,
        config: &NodeConfig,
        name: &str,
    ) -> Result<Name, Diagnostic> {
        let alias = match (&config.alias, self.sees_more_than_name(cx)) {
            (None, false) => name.to_owned(),
            (alias, _) => self.call(cx, scope, "generate_alias_name", alias.as_deref())?,
        };
        Ok(Name {
            database: self.call(cx, scope, "generate_database_name", config.database.as_deref())?,
            schema: self.call(cx, scope, "generate_schema_name", config.schema.as_deref())?,
            alias,
        })
    }

    /// Whether the alias macro is another than the built-in one, which gives the node its own name.
    fn sees_more_than_name(&self, cx: &Context<'_>) -> bool {
        let environment = &cx.surroundings.environment;
        let found = environment.macro_named("", "generate_alias_name").into_iter();
        let mut all = found.chain(implementations(environment, "generate_alias_name"));
        all.any(|found| found.package.as_ref() != BUILT_IN)
    }

    fn call(
        &self,
        cx: &Context<'_>,
        scope: &Scope,
        name: &'static str,
        custom: Option<&str>,
    ) -> Result<String, Diagnostic> {
        let key = (name, Arc::clone(&scope.package), custom.map(str::to_owned));
        let keeps = !self.sees_node.get(name).copied().unwrap_or(true);
        if keeps && let Some(known) = self.known().get(&key) {
            return Ok(known.clone());
        }
        let custom = custom.map_or(Value::from(()), Value::from);
        let node = scope.names.get_attr("model").unwrap_or_default();
        let value = cx.surroundings.environment.call(name, &[custom, node], &[], scope)?;
        let text = value.to_string().trim().to_owned();
        if keeps {
            self.known().insert(key, text.clone());
        }
        Ok(text)
    }

    fn known(&self) -> MutexGuard<'_, Answers> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The macros that `dispatch` could choose for a name.
fn implementations<'e>(environment: &'e Environment, name: &'static str) -> impl Iterator<Item = &'e MacroInfo> {
    environment.macros().filter(move |found| found.name.strip_suffix(name).is_some_and(|prefix| prefix.ends_with("__")))
}

/// Names that are the same for every node of a package.
const INDEPENDENT: &[&str] = &[
    "target",
    "var",
    "env_var",
    "custom_schema_name",
    "custom_database_name",
    "custom_alias_name",
    "default_schema",
    "default_database",
    "exceptions",
    "log",
    "return",
    "none",
];
