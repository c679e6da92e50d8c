//! dbt's `Relation` as templates see it.

mod class;
mod methods;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::engine::RelationKind;
use crate::jinja::{DynObject, Enumerator, Error, Object, ObjectRepr, State, Value};
use crate::sql::{Dialect, Quoting, Relation};

pub(super) use class::RelationClass;

/// A relation in a template: prints as its name, has `database`, `schema`, `identifier` and the rest as attributes. A part of the name
/// that is `None` is not printed.
#[derive(Clone, Debug)]
pub struct RelationValue {
    parts: [Option<String>; 3],
    dialect: Dialect,
    quoted: [bool; 3],
    included: [bool; 3],
    /// dbt's word for what it is.
    kind: Option<Cow<'static, str>>,
    /// Printed instead of the name: a subquery, the name of a common table expression.
    text: Option<String>,
    /// The view of an information schema.
    view: Option<String>,
    /// How many rows of it are read; all without.
    limit: Option<u64>,
    /// The rows of it that are read; all without.
    filter: Option<String>,
}

/// The parts of a name, as templates call them.
const PARTS: [&str; 3] = ["database", "schema", "identifier"];

impl RelationValue {
    /// The relation of this name, every part quoted. A database that is empty is none.
    #[must_use]
    pub fn new(relation: Relation, dialect: Dialect) -> Self {
        let Relation { database, schema, identifier } = relation;
        let database = Some(database).filter(|database| !database.is_empty());
        Self::of_parts([database, Some(schema), Some(identifier)], dialect)
    }

    fn of_parts(parts: [Option<String>; 3], dialect: Dialect) -> Self {
        RelationValue {
            parts,
            dialect,
            quoted: [true; 3],
            included: [true; 3],
            kind: None,
            text: None,
            view: None,
            limit: None,
            filter: None,
        }
    }

    /// The same with these parts quoted.
    #[must_use]
    pub fn quoting(mut self, quoting: Quoting) -> Self {
        self.quoted = quoting.parts();
        self
    }

    /// The same as a function.
    #[must_use]
    pub fn of_function(mut self) -> Self {
        self.kind = Some(Cow::Borrowed("function"));
        self
    }

    /// The same with what the catalog says it is.
    #[must_use]
    pub fn with_kind(mut self, kind: Option<RelationKind>) -> Self {
        self.kind = kind.map(|kind| {
            Cow::Borrowed(match kind {
                RelationKind::Table => "table",
                RelationKind::View => "view",
                RelationKind::External => "external",
            })
        });
        self
    }

    /// The same, printed as this text.
    #[must_use]
    pub fn printed_as(mut self, text: String) -> Self {
        self.text = Some(text);
        self
    }

    /// The same, of which only so many rows are read.
    #[must_use]
    pub fn limited_to(mut self, limit: Option<u64>) -> Self {
        self.limit = limit;
        self
    }

    /// The same, of which only the rows are read for which a condition holds.
    #[must_use]
    pub fn filtered(mut self, filter: Option<String>) -> Self {
        self.filter = filter;
        self
    }

    /// As a value for templates.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::from_object(self)
    }

    /// The relation behind a template's value, if it is one; parts that it does not have are empty.
    #[must_use]
    pub fn of(value: &Value) -> Option<Relation> {
        let found = value.downcast_object_ref::<RelationValue>()?;
        let [database, schema, identifier] = found.parts.clone().map(Option::unwrap_or_default);
        Some(Relation { database, schema, identifier })
    }

    /// The name without what else is printed of it.
    fn name(&self) -> String {
        let parts = self.parts.iter().zip(self.included).zip(self.quoted);
        let parts = parts.filter_map(|((part, included), quoted)| {
            let part = part.as_ref().filter(|_| included)?;
            Some(if quoted { self.dialect.quote(part) } else { part.clone() })
        });
        parts.chain(self.view.clone()).collect::<Vec<_>>().join(".")
    }

    /// What is printed of it, or a subquery that reads only some rows of that.
    fn limited(&self) -> String {
        let whole = self.text.clone().unwrap_or_else(|| self.name());
        let filter = self.filter.as_ref().map_or_else(String::new, |filter| format!(" where {filter}"));
        match self.limit {
            None if filter.is_empty() => whole,
            None => format!("(select * from {whole}{filter})"),
            Some(0) => format!("(select * from {whole} where false limit 0)"),
            Some(limit) => format!("(select * from {whole}{filter} limit {limit})"),
        }
    }

    fn is(&self, kind: &str) -> Value {
        Value::from(self.kind.as_deref() == Some(kind))
    }

    fn policy(flags: [bool; 3]) -> Value {
        Value::from_pairs(PARTS.into_iter().zip(flags.map(Value::from)))
    }

    fn part(&self, at: usize) -> Value {
        self.parts[at].as_ref().map_or_else(|| Value::from(()), Value::from)
    }
}

impl fmt::Display for RelationValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.limited())
    }
}

impl Object for RelationValue {
    // As in dbt, where packages test for it.
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "database" => self.part(0),
            "schema" => self.part(1),
            "identifier" | "name" | "table" => self.part(2),
            "path" => Value::from_pairs(PARTS.into_iter().enumerate().map(|(at, name)| (name, self.part(at)))),
            "type" => self.kind.as_deref().map_or_else(|| Value::from(()), Value::from),
            "quote_character" => Value::from(self.dialect.quote("").chars().next().unwrap_or('"').to_string()),
            "quote_policy" => Self::policy(self.quoted),
            "include_policy" => Self::policy(self.included),
            "information_schema_view" => self.view.as_ref().map_or_else(|| Value::from(()), Value::from),
            "limit" => self.limit.map_or_else(|| Value::from(()), Value::from),
            "metadata" => methods::metadata(),
            "is_table" => self.is("table"),
            "is_view" => self.is("view"),
            "is_cte" => Value::from(self.kind.as_deref() == Some("cte") || self.text.is_some()),
            "is_materialized_view" => self.is("materialized_view"),
            "is_dynamic_table" => self.is("dynamic_table"),
            "is_pointer" => self.is("pointer_table"),
            "is_function" => self.is("function"),
            "can_be_renamed" | "can_be_replaced" => Value::from(matches!(self.kind.as_deref(), Some("table" | "view"))),
            other => return class::constant(other),
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["path", "type", "quote_character", "include_policy", "quote_policy"])
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<RelationValue>()?;
        let key = |one: &RelationValue| {
            (one.parts.clone(), one.kind.clone(), one.quoted, one.included, one.text.clone(), one.view.clone())
        };
        Some(key(self).cmp(&key(other)))
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        methods::call(self, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
