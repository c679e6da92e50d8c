//! dbt's `Relation` as templates see it.

use std::fmt;
use std::sync::Arc;

use crate::engine::RelationKind;
use crate::jinja::{Error, ErrorKind, Object, ObjectRepr, State, Value};
use crate::sql::{Dialect, Relation};

use super::function::Arguments;

/// A relation in a template: prints as its quoted name, has `database`, `schema`, `identifier` and the rest as attributes.
#[derive(Clone, Debug)]
pub struct RelationValue {
    relation: Relation,
    dialect: Dialect,
    kind: Option<RelationKind>,
    /// Printed instead of the name: a subquery, the name of a common table expression.
    text: Option<String>,
    shown: [bool; 3],
}

impl RelationValue {
    /// The relation of this name.
    #[must_use]
    pub fn new(relation: Relation, dialect: Dialect) -> Self {
        RelationValue { relation, dialect, kind: None, text: None, shown: [true; 3] }
    }

    /// The same with what the catalog says it is.
    #[must_use]
    pub fn with_kind(mut self, kind: Option<RelationKind>) -> Self {
        self.kind = kind;
        self
    }

    /// The same, printed as this text.
    #[must_use]
    pub fn printed_as(mut self, text: String) -> Self {
        self.text = Some(text);
        self
    }

    /// As a value for templates.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::from_object(self)
    }

    /// The relation behind a template's value, if it is one.
    #[must_use]
    pub fn of(value: &Value) -> Option<Relation> {
        value.downcast_object_ref::<RelationValue>().map(|value| value.relation.clone())
    }

    fn parts(&self) -> [&String; 3] {
        [&self.relation.database, &self.relation.schema, &self.relation.identifier]
    }

    fn is(&self, kind: RelationKind) -> Value {
        Value::from(self.kind == Some(kind))
    }

    fn include(&self, arguments: &Arguments) -> Self {
        let mut shown = self.shown;
        for (position, name) in ["database", "schema", "identifier"].into_iter().enumerate() {
            if let Some(value) = arguments.get(position, name) {
                shown[position] = value.is_true();
            }
        }
        RelationValue { shown, ..self.clone() }
    }
}

impl fmt::Display for RelationValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = &self.text {
            return f.write_str(text);
        }
        let shown = self.parts().into_iter().zip(self.shown).filter(|(_, shown)| *shown);
        let quoted: Vec<String> = shown.map(|(part, _)| self.dialect.quote(part)).collect();
        f.write_str(&quoted.join("."))
    }
}

impl Object for RelationValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "database" => Value::from(&self.relation.database),
            "schema" => Value::from(&self.relation.schema),
            "identifier" | "name" | "table" | "alias" => Value::from(&self.relation.identifier),
            "type" => match self.kind {
                Some(RelationKind::Table) => Value::from("table"),
                Some(RelationKind::View) => Value::from("view"),
                Some(RelationKind::External) => Value::from("external"),
                None => Value::from(()),
            },
            "is_table" => self.is(RelationKind::Table),
            "is_view" => self.is(RelationKind::View),
            "is_cte" => Value::from(self.text.is_some()),
            "is_materialized_view" => Value::from(false),
            _ => return None,
        })
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        match method {
            "render" => Ok(Value::from(self.to_string())),
            "include" => Ok(self.include(&Arguments::of("include", args)?).into_value()),
            "without_identifier" => {
                let mut shown = self.shown;
                shown[2] = false;
                Ok(RelationValue { shown, ..(**self).clone() }.into_value())
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
