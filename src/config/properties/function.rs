//! Functions of the warehouse: their arguments and what they return.

use serde_json::{Value as Json, json};

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::source::Span;
use crate::yaml::{Fields, Node};

/// Arguments and result of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionProperties {
    /// The arguments in order.
    pub arguments: Vec<FunctionArgument>,
    /// What it returns.
    pub returns: FunctionReturns,
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionArgument {
    /// Its name.
    pub name: String,
    /// Its SQL type.
    pub data_type: String,
    /// Markdown.
    pub description: Option<String>,
    /// Its value when a call leaves it out.
    pub default_value: Option<Json>,
}

/// What a function returns.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionReturns {
    /// The SQL type.
    pub data_type: String,
    /// Markdown.
    pub description: Option<String>,
}

impl FunctionProperties {
    /// Reads `arguments:` and `returns:` of the function `name`.
    pub(super) fn read(fields: &mut Fields<'_, '_>, name: &str, owner: Span) -> Option<Self> {
        let arguments: Vec<FunctionArgument> =
            fields.list("arguments").iter().filter_map(|node| argument(node, fields.diagnostics())).collect();
        if let Some(pair) =
            arguments.windows(2).find(|pair| pair[0].default_value.is_some() && pair[1].default_value.is_none())
        {
            let message =
                format!("argument `{}` of function `{name}` has no default and follows one that has", pair[1].name);
            fields.diagnostics().push(
                Diagnostic::error(codes::CONFIG_VALUE, message)
                    .at(owner)
                    .help("arguments with a `default_value` come last"),
            );
        }
        let Some(returns) = fields.node("returns") else {
            let message = format!("function `{name}` does not say what it `returns`");
            fields.diagnostics().push(Diagnostic::error(codes::YAML_MISSING_KEY, message).at(owner));
            return None;
        };
        let mut result = Fields::of(returns, "`returns`", fields.diagnostics())?;
        let (data_type, _) = result.required_text("data_type", returns.span)?;
        let description = result.text("description");
        result.finish("`returns`");
        Some(FunctionProperties { arguments, returns: FunctionReturns { data_type, description } })
    }

    /// As the artifacts hold the arguments.
    #[must_use]
    pub fn arguments_json(&self) -> Json {
        let arguments = self.arguments.iter().map(|argument| {
            json!({
                "name": argument.name,
                "data_type": argument.data_type,
                "description": argument.description,
                "default_value": argument.default_value,
            })
        });
        Json::Array(arguments.collect())
    }
}

fn argument(node: &Node, diagnostics: &mut Diagnostics) -> Option<FunctionArgument> {
    let mut fields = Fields::of(node, "an argument", diagnostics)?;
    let (name, _) = fields.required_text("name", node.span)?;
    let (data_type, _) = fields.required_text("data_type", node.span)?;
    let argument = FunctionArgument {
        name,
        data_type,
        description: fields.text("description"),
        default_value: fields.node("default_value").map(Node::to_json),
    };
    fields.finish(&format!("argument `{}`", argument.name));
    Some(argument)
}
