//! What a node reads in place of what the project has: the rows of a unit test, or nothing but columns.

use std::sync::Arc;

use super::NodeNames;
use super::var::Var;
use crate::base::HashMap;
use crate::context::function::function;
use crate::context::{RelationValue, value_of};
use crate::diagnostic::{Diagnostic, codes};
use crate::jinja::{Error, Value, raise};
use crate::manifest::{UniqueId, UnitTest};

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// The names of the expressions that stand for nodes and sources.
    pub inputs: HashMap<UniqueId, String>,
    /// The unit test that gives them: its model reads nothing else, and sees the test's variables.
    pub test: Option<Arc<UnitTest>>,
}

impl NodeNames {
    /// What stands for a node or source, if something does. The model of a unit test reads nothing that is not given.
    pub(super) fn stand_in(
        &self,
        id: &UniqueId,
        name: &str,
        relation: impl FnOnce() -> RelationValue,
    ) -> Result<Option<Value>, Error> {
        let Some(given) = &self.given else { return Ok(None) };
        match (given.inputs.get(id), &given.test) {
            (Some(expression), _) => Ok(Some(relation().printed_as(expression.clone()).into_value())),
            (None, Some(test)) => Err(raise(self.not_given(test, id, name))),
            (None, None) => Ok(None),
        }
    }

    fn not_given(&self, test: &UnitTest, id: &UniqueId, name: &str) -> Diagnostic {
        let input = match self.manifest.sources.get(id) {
            Some(source) => format!("source('{}', '{}')", source.source, source.name),
            None => format!("ref('{name}')"),
        };
        let message = format!("unit test `{}` gives no rows of `{name}`, which `{}` reads", test.name, test.model);
        Diagnostic::error(codes::UNIT_TEST, message)
            .at(test.span)
            .help(format!("add `- input: {input}` to `given`, with `rows: []` if there are none"))
    }

    /// What a unit test says of a name of the context.
    pub(super) fn overridden(self: &Arc<Self>, key: &str) -> Option<Value> {
        let given = self.given.as_ref()?;
        let test = given.test.as_ref()?;
        Some(match key {
            // As in dbt: a model that does not exist yet is nothing.
            "this" => match given.inputs.get(test.tested()?) {
                Some(expression) => self.relation_of(&self.node).printed_as(expression.clone()).into_value(),
                None => Value::from(()),
            },
            "var" => Value::from_object(Var {
                session: Arc::clone(&self.surroundings.session),
                package: self.node.package.as_str().into(),
                reading: false,
                test: Some(Arc::clone(test)),
            }),
            "env_var" => {
                let (test, real) = (Arc::clone(test), self.surroundings.environment.global("env_var")?);
                function("env_var", move |state, args| {
                    let name = args.required_text(0, "var")?;
                    match test.env_vars.get(&name) {
                        Some(value) => Ok(value_of(value)),
                        None => {
                            let asked = std::iter::once(Value::from(name)).chain(args.get(1, "default"));
                            real.call(state, &asked.collect::<Vec<_>>())
                        }
                    }
                })
            }
            _ => return None,
        })
    }
}
