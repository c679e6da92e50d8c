//! What the template of a node gives: its own SQL, and what it did while it was rendered.

use std::sync::{Arc, PoisonError};

use super::Compiler;
use crate::context::{Door, NodeNames, Surroundings, argument_templates, test_arguments};
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Rendering, Scope, Value, calls_in};
use crate::manifest::{GenericTest, Node, ResourceType, Template, TestKind, UniqueId};
use crate::parse::is_overridden;

/// The macro that gives the rows that a test looks at.
const WHERE_SUBQUERY: &str = "get_where_subquery";

/// What a Python model needs besides its own function.
const PYTHON_POSTFIX: &str = "{{ py_script_postfix(model) }}";

/// A node's own SQL, without the ephemeral models that it reads.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The SQL.
    pub sql: String,
    /// The ephemeral models that it asked for, in the order in which it did. What stands in no branch that was taken is not among
    /// them.
    pub reads: Vec<UniqueId>,
    /// The macros that the template called itself.
    pub macros: Vec<UniqueId>,
    /// Whether the template asked the engine: another answer may give other SQL.
    pub is_introspective: bool,
}

impl Compiler {
    /// Renders the template of a node.
    pub(super) fn render_in(&self, node: &Arc<Node>, scope: &Scope) -> Result<Rendered, Diagnostic> {
        let environment = &self.parsed.surroundings.environment;
        let sources = &self.parsed.surroundings.session.sources;
        let (sql, macros) = match (&node.template, node.template_span(sources)) {
            _ if let Some(TestKind::Generic(test)) = &node.test => self.render_test(node, test, scope)?,
            // What is not SQL is no template.
            (_, Some(span)) if node.language() == "python" => {
                let file = sources.get(span.file);
                let own = file.text().get(span.range()).unwrap_or_default();
                match node.resource {
                    ResourceType::Model => {
                        let (postfix, macros) = taken(environment.render_text(PYTHON_POSTFIX, node.span, scope))?;
                        (format!("{own}\n\n\n{postfix}"), macros)
                    }
                    _ => (own.to_owned(), Vec::new()),
                }
            }
            (_, Some(span)) => taken(environment.render(span, scope))?,
            (Template::Text(text), _) => taken(environment.render_text(text, node.span, scope))?,
            _ => Default::default(),
        };
        let names = scope.names.downcast_object_ref::<NodeNames>();
        let reads = names.map(|names| names.ephemerals.lock().unwrap_or_else(PoisonError::into_inner).clone());
        let door = names.and_then(|names| names.door.as_ref());
        let is_introspective = door.is_some_and(Door::was_asked);
        Ok(Rendered { sql, reads: reads.unwrap_or_default(), macros, is_introspective })
    }

    /// Calls the macro of a generic test with its arguments.
    fn render_test(
        &self,
        node: &Node,
        test: &GenericTest,
        scope: &Scope,
    ) -> Result<(String, Vec<UniqueId>), Diagnostic> {
        let environment = &self.parsed.surroundings.environment;
        let kwargs = test_arguments(environment, scope, &test.arguments, node.span, || self.tested(node, test, scope))?;
        let kwargs: Vec<(&str, Value)> = kwargs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let name = match &test.namespace {
            Some(namespace) => format!("{namespace}.test_{}", test.name),
            None => format!("test_{}", test.name),
        };
        let value = environment
            .call(&name, &[], &kwargs, scope)
            .map_err(|diagnostic| diagnostic.frame(format!("in test `{}`", node.name), Some(node.span)))?;
        // What the arguments call, the inner calls first, then the test itself.
        let templates = test.arguments.values().flat_map(argument_templates);
        let called = templates.flat_map(|text| calls_in(&text).into_iter().rev()).chain([name]);
        let mut macros = Vec::new();
        for id in called.filter_map(|name| environment.macro_named(&node.package, &name)).map(UniqueId::of_macro) {
            if !macros.contains(&id) {
                macros.push(id);
            }
        }
        Ok((value.to_string(), macros))
    }

    /// The `model` of a test: the relation under test, or the rows of it that the config `where` keeps.
    fn tested(&self, node: &Node, test: &GenericTest, scope: &Scope) -> Result<Value, Diagnostic> {
        let model = test.arguments.get("model").and_then(|model| model.as_str());
        if let Some(model) = model.filter(|_| self.own_tested) {
            return self.parsed.surroundings.environment.native(model, node.span, scope);
        }
        let names = scope.names.downcast_object_ref::<NodeNames>();
        let value = names.zip(test.attached.as_ref()).and_then(|(names, id)| names.relation(id)).ok_or_else(|| {
            Diagnostic::error(codes::INTERNAL, format!("test `{}` is on nothing", node.name)).at(node.span)
        })?;
        let value = value.into_value();
        if node.config.test.as_ref().is_none_or(|test| test.filter.is_none()) {
            return Ok(value);
        }
        self.parsed.surroundings.environment.call(WHERE_SUBQUERY, &[value], &[], scope)
    }
}

/// Whether the project has its own version of what the relation under test is made by.
pub(super) fn has_own_tested(surroundings: &Surroundings) -> bool {
    ["ref", "source", WHERE_SUBQUERY].iter().any(|name| is_overridden(surroundings, name))
}

/// The text of a rendering and the macros that it called.
fn taken(rendering: Rendering<'_>) -> Result<(String, Vec<UniqueId>), Diagnostic> {
    let macros = rendering.calls.into_iter().map(UniqueId::of_macro).collect();
    Ok((rendering.text?, macros))
}
