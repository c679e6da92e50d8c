//! `api.Relation`: how templates make relations.

use std::fmt;
use std::sync::Arc;

use super::{RelationValue, methods};
use crate::context::function::{Arguments, fail};
use crate::jinja::{Error, ErrorKind, Object, ObjectRepr, State, Value, mutable};
use crate::session::Session;
use crate::sql::{Dialect, Quoting, cte_name};

/// `api.Relation`.
#[derive(Debug)]
pub(in crate::context) struct RelationClass {
    dialect: Dialect,
    quoting: Quoting,
}

impl RelationClass {
    /// The class for the session's engine.
    pub(in crate::context) fn new(session: &Session) -> Self {
        RelationClass { dialect: session.dialect, quoting: session.quoting }
    }

    /// The class of a relation.
    pub(super) fn like(relation: &RelationValue) -> Self {
        RelationClass { dialect: relation.dialect, quoting: relation.quoted.into() }
    }

    /// `create(database=, schema=, identifier=, type=, quote_policy={…})`.
    fn create(&self, arguments: &Arguments) -> Result<RelationValue, Error> {
        let parts = [arguments.text(0, "database")?, arguments.text(1, "schema")?, arguments.text(2, "identifier")?];
        let mut made = RelationValue::of_parts(parts, self.dialect).quoting(self.quoting);
        made.kind = arguments.get(3, "type").as_ref().and_then(methods::kind);
        for (name, value) in arguments.named() {
            match name.as_str() {
                "quote_policy" => methods::merge_flags(&mut made.quoted, value),
                "include_policy" => methods::merge_flags(&mut made.included, value),
                "limit" => made.limit = u64::try_from(value.clone()).ok(),
                _ => {}
            }
        }
        Ok(made)
    }

    /// The relation of a node of the manifest: what has `database`, `schema` and `alias` or `identifier`.
    fn of_node(&self, node: &Value) -> Result<RelationValue, Error> {
        let text = |name: &str| {
            let value = node.get_attr(name).unwrap_or_default();
            (!value.is_none() && !value.is_undefined()).then(|| value.to_string())
        };
        let identifier = text("identifier").or_else(|| text("alias")).or_else(|| text("name"));
        if identifier.is_none() {
            return Err(fail("a relation is made from a node, which has a name"));
        }
        Ok(RelationValue::of_parts([text("database"), text("schema"), identifier], self.dialect).quoting(self.quoting))
    }
}

/// Calls what the class itself can do.
pub(super) fn call(class: &RelationClass, method: &str, args: &[Value]) -> Result<Value, Error> {
    let arguments = |function| Arguments::of(function, args);
    Ok(match method {
        "create" => class.create(&arguments("Relation.create")?)?.into_value(),
        "create_from" | "create_from_node" | "create_from_source" => {
            let arguments = arguments("Relation.create_from")?;
            // The config comes first; it says nothing that the session does not know.
            let positional = arguments.positional();
            let node = positional.get(1).or_else(|| positional.first()).cloned();
            let node = node.or_else(|| arguments.get(usize::MAX, "relation_config"));
            let mut made = class.of_node(&node.ok_or_else(|| fail("`create_from` needs a node"))?)?;
            made.kind = arguments.get(usize::MAX, "type").as_ref().and_then(methods::kind);
            made.into_value()
        }
        "create_ephemeral_from" | "create_ephemeral_from_node" => {
            let arguments = arguments("Relation.create_ephemeral_from")?;
            let node = arguments.positional().last().cloned();
            let node = node.or_else(|| arguments.get(usize::MAX, "relation_config"));
            let made = class.of_node(&node.ok_or_else(|| fail("`create_ephemeral_from` needs a node"))?)?;
            let name = cte_name(made.parts[2].as_deref().unwrap_or_default());
            let parts = [None, None, Some(name)];
            let kind = Some("cte".into());
            RelationValue { parts, quoted: [false; 3], kind, ..made }.into_value()
        }
        "add_ephemeral_prefix" => {
            let name = arguments("Relation.add_ephemeral_prefix")?.required_text(0, "name")?;
            Value::from(cte_name(&name))
        }
        "scd_args" => {
            let arguments = arguments("Relation.scd_args")?;
            let key = arguments.required(0, "primary_key")?;
            let mut keys: Vec<Value> = match key.as_str() {
                Some(_) => vec![key],
                None => key.try_iter()?.collect(),
            };
            keys.push(arguments.required(1, "updated_at")?);
            mutable(Value::from(keys))
        }
        "get_default_quote_policy" => RelationValue::policy(class.quoting.parts()),
        "get_default_include_policy" => RelationValue::policy([true; 3]),
        _ => return Err(Error::from(ErrorKind::UnknownMethod)),
    })
}

/// The names of the kinds of relations.
pub(super) fn constant(name: &str) -> Option<Value> {
    Some(Value::from(match name {
        "Table" => "table",
        "View" => "view",
        "CTE" => "cte",
        "MaterializedView" => "materialized_view",
        "External" => "external",
        "PointerTable" => "pointer_table",
        "Function" => "function",
        "DynamicTable" => "dynamic_table",
        _ => return None,
    }))
}

impl Object for RelationClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        constant(key.as_str()?)
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        call(self, "create", args)
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        call(self, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class Relation>")
    }
}
