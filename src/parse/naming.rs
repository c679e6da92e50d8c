//! Database, schema and name of a node's relation, as the naming macros say.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Context;
use crate::artifact;
use crate::base::HashMap;
use crate::context::value_of;
use crate::diagnostic::Diagnostic;
use crate::jinja::{BUILT_IN, Environment, MacroInfo, Scope, Value};
use crate::manifest::Node;

/// The naming macros. A macro that does not look at its node gives one answer per custom name, which is kept.
pub(super) struct Naming {
    /// The macro of a component, for nodes of a package that has one of its own and for all others.
    macros: HashMap<(&'static str, Option<Arc<str>>), NamingMacro>,
    known: Mutex<Answers>,
}

struct NamingMacro {
    /// `package.name`, or only the name for the built-in one.
    qualified: String,
    sees_node: bool,
    is_built_in: bool,
}

/// By macro, package and custom name.
type Answers = HashMap<(&'static str, Arc<str>, Option<String>), String>;

const ALIAS: &str = "generate_alias_name";
const MACROS: [&str; 3] = ["generate_database_name", "generate_schema_name", ALIAS];

impl Naming {
    /// Looks at the macros of an environment. A package's nodes are named by its own macros, all others by those of the `root`
    /// project, else by the built-in ones.
    pub(super) fn new(environment: &Environment, root: &str) -> Self {
        let mut macros = HashMap::default();
        let sees_node = |found: &MacroInfo| {
            let names = environment.names_in(found.body);
            names.iter().any(|name| !INDEPENDENT.contains(&name.split('.').next().unwrap_or_default()))
        };
        for found in environment.macros() {
            let Some(component) = MACROS.into_iter().find(|name| *name == found.name) else { continue };
            let package = found.package.as_ref();
            let of = (package != root && package != BUILT_IN).then(|| Arc::clone(&found.package));
            if package == BUILT_IN && macros.contains_key(&(component, None)) {
                continue;
            }
            let mut own = NamingMacro {
                qualified: format!("{package}.{component}"),
                sees_node: sees_node(found),
                is_built_in: package == BUILT_IN,
            };
            if own.is_built_in {
                // It only dispatches.
                own.sees_node = implementations(environment, component).any(sees_node);
                own.is_built_in =
                    implementations(environment, component).all(|found| found.package.as_ref() == BUILT_IN);
            }
            macros.insert((component, of), own);
        }
        Naming { macros, known: Mutex::default() }
    }

    /// Names a node: database, then schema, then the name in it, each macro looking at a node that has what those before it gave.
    /// `scope` makes what they see besides.
    pub(super) fn name(
        &self,
        cx: &Context<'_>,
        node: &mut Node,
        scope: impl Fn(&Node) -> Scope,
    ) -> Result<(), Diagnostic> {
        let package: Arc<str> = node.package.as_str().into();
        let call = |component: &'static str, node: &Node, custom: Option<&str>| {
            self.call(cx, (&package, component), (node, custom), || scope(node))
        };
        node.database = call(MACROS[0], node, node.config.database.as_deref())?;
        node.schema = call(MACROS[1], node, node.config.schema.as_deref())?;
        // The built-in macro gives the node its own name.
        let is_built_in = self.find(ALIAS, &package).is_some_and(|found| found.is_built_in);
        node.alias = match (&node.config.alias, is_built_in, &node.version) {
            (None, true, Some(version)) => format!("{}_v{}", node.name, version.to_string().replace('.', "_")),
            (None, true, None) => node.name.clone(),
            (alias, ..) => call(ALIAS, node, alias.as_deref())?,
        };
        Ok(())
    }

    fn find(&self, component: &'static str, package: &Arc<str>) -> Option<&NamingMacro> {
        self.macros.get(&(component, Some(Arc::clone(package)))).or_else(|| self.macros.get(&(component, None)))
    }

    fn call(
        &self,
        cx: &Context<'_>,
        (package, component): (&Arc<str>, &'static str),
        (node, custom): (&Node, Option<&str>),
        scope: impl Fn() -> Scope,
    ) -> Result<String, Diagnostic> {
        let found = self.find(component, package);
        let key = (component, Arc::clone(package), custom.map(str::to_owned));
        let keeps = found.is_some_and(|found| !found.sees_node);
        if keeps && let Some(known) = self.known().get(&key) {
            return Ok(known.clone());
        }
        let name = found.map_or(component, |found| &found.qualified);
        let custom = custom.map_or(Value::from(()), Value::from);
        let node = if keeps { Value::UNDEFINED } else { value_of(&artifact::unlisted(cx.session, node)) };
        let value = cx.surroundings.environment.call(name, &[custom, node], &[], &scope())?;
        let text = if value.is_none() { String::new() } else { value.to_string().trim().to_owned() };
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
