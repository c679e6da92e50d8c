//! Macros that run for a node whose SQL is known: a materialization of the project's own, the comment of its statements.

use std::sync::{Arc, PoisonError};

use super::{Compiled, Compiler};
use crate::context::NodeNames;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Engine, registry};
use crate::jinja::{BUILT_IN, Dict, MacroInfo, Scope, Value};
use crate::manifest::{Materialized, Node};

/// What a materialization came to.
#[derive(Clone, Debug)]
pub struct Materialization {
    /// What the macro returned.
    pub returned: Value,
    /// What its statement `main` gave, if it ran one.
    pub main: Option<Value>,
}

/// What a macro is called that is to run in the place of the built-in materialization.
#[derive(Clone, Debug)]
pub struct OwnMaterialization {
    /// Its package and name.
    pub name: String,
    /// What messages say of it.
    pub what: String,
}

/// The names by which the comment's text is known while it is rendered.
const COMMENT_MACRO: (&str, &str) = (
    "{%- macro query_comment_macro(connection_name, node) -%}\n",
    "{% endmacro %}{{ query_comment_macro(connection_name, node) }}",
);

impl Compiler {
    /// The same, its templates asking another engine.
    #[must_use]
    pub fn with_engine(&self, engine: Arc<dyn Engine>) -> Self {
        Compiler { door: self.door.as_ref().map(|door| door.with_engine(engine)), ..self.clone() }
    }

    /// The macro that makes the node's relation, if the project or a package has one: for the engine, for those that it descends from, for
    /// all. A package's does not take the place of a built-in materialization; the project's own does.
    #[must_use]
    pub fn own_materialization(&self, node: &Node) -> Option<OwnMaterialization> {
        let (environment, session) = (&self.parsed.surroundings.environment, &self.parsed.surroundings.session);
        let materialized = &node.config.materialized;
        let name = materialized.as_str();
        let is_built_in = !matches!(materialized, Materialized::Snapshot | Materialized::Other(_));
        let is_of_project = |found: &MacroInfo| found.package.as_ref() == session.project;
        let may_stand_in =
            |found: &&MacroInfo| found.package.as_ref() != BUILT_IN && (!is_built_in || is_of_project(found));
        let of_adapter = |adapter: &str| {
            let own_name = format!("materialization_{name}_{adapter}");
            environment.macros_named(&own_name).filter(may_stand_in).min_by_key(|found| !is_of_project(found))
        };
        let found = registry::macro_prefixes(&session.target.kind).find_map(of_adapter)?;
        let name = format!("{}.{}", found.package, found.name);
        Some(OwnMaterialization { name, what: format!("materialized {}", materialized.as_str()) })
    }

    /// Runs the macro of a materialization, whose statements change the engine: call it on a blocking thread. It sees the names of the
    /// node and `extra`.
    ///
    /// # Errors
    /// The first failure of the macro or of its statements.
    pub fn materialize(
        &self,
        node: &Arc<Node>,
        compiled: &Compiled,
        name: &str,
        mut extra: Vec<(&'static str, Value)>,
    ) -> Result<Materialization, Diagnostic> {
        let sql = Value::from(&compiled.sql);
        let model = self.names(node, compiled.is_incremental);
        let model = Value::from_object(model).get_attr("model").unwrap_or_default();
        let known: Dict = pairs(&model)
            .into_iter()
            .chain([(Value::from("compiled_code"), sql.clone()), (Value::from("compiled"), Value::from(true))])
            .collect();
        extra.extend([("sql", sql.clone()), ("compiled_code", sql), ("model", known.into())]);
        let names = Arc::new(NodeNames { extra, ..self.names(node, compiled.is_incremental) });
        let scope = Scope::new(node.package.as_str(), Value::from_dyn_object(Arc::clone(&names)));
        let returned = self.parsed.surroundings.environment.call(name, &[], &[], &scope)?;
        let main = names.results.lock().unwrap_or_else(PoisonError::into_inner).get("main").cloned();
        Ok(Materialization { returned, main })
    }

    /// The comment that the project has on the statements of a node, rendered; `None` where it has none. `connection` is what
    /// the node's connection is called, which is its id; without one it is the command's own, which is of no node.
    ///
    /// # Errors
    /// When its template fails, or what it gives would end the comment.
    pub fn query_comment(&self, node: &Arc<Node>, connection: Option<&str>) -> Result<Option<String>, Diagnostic> {
        let Some(config) = &self.parsed.surroundings.session.query_comment else { return Ok(None) };
        let without_engine = Compiler { door: None, ..self.clone() };
        let model = match connection {
            Some(_) => Value::from_object(without_engine.names(node, false)).get_attr("model").unwrap_or_default(),
            None => Value::from(()),
        };
        let extra = vec![("connection_name", Value::from(connection.unwrap_or("master"))), ("node", model)];
        let names = NodeNames { extra, ..without_engine.names(node, false) };
        let session = &self.parsed.surroundings.session;
        let scope = Scope::new(session.project.as_str(), Value::from_object(names));
        let (before, after) = COMMENT_MACRO;
        let text = format!("{before}{}{after}", config.comment);
        let comment = self.parsed.surroundings.environment.render_text(&text, config.span, &scope).text?;
        let comment = comment.trim();
        if comment.contains("*/") {
            let message = format!("the `query-comment` contains `*/`, which would end it: {comment}");
            return Err(Diagnostic::error(codes::CONFIG_VALUE, message).at(config.span));
        }
        Ok((!comment.is_empty()).then(|| comment.to_owned()))
    }
}

fn pairs(map: &Value) -> Vec<(Value, Value)> {
    let keys = map.try_iter().into_iter().flatten();
    keys.filter_map(|key| Some((key.clone(), map.get_item(&key).ok()?))).collect()
}
