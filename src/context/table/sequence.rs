//! Rows, columns, and the sequences of them: values by position and by name.

use std::fmt;
use std::sync::Arc;

use super::ColumnType;
use crate::jinja::{
    Arguments, Dict, Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Tuple, Value, mutable, repr, text,
};

/// What a sequence is.
#[derive(Clone, Debug)]
enum Kind {
    Row,
    Column { index: usize, name: String, data_type: ColumnType },
    Mapped,
    Tables { key: String },
}

/// Values that may have names.
#[derive(Clone, Debug)]
pub(in crate::context) struct Sequence {
    kind: Kind,
    keys: Option<Arc<[String]>>,
    values: Vec<Value>,
}

impl Sequence {
    /// A row with the names of its columns.
    pub(super) fn row(names: &Arc<[String]>, values: &[Value]) -> Self {
        Sequence { kind: Kind::Row, keys: Some(Arc::clone(names)), values: values.to_vec() }
    }

    /// A column of a table.
    pub(super) fn column(index: usize, name: &str, data_type: ColumnType, values: Vec<Value>) -> Self {
        Sequence { kind: Kind::Column { index, name: name.to_owned(), data_type }, keys: None, values }
    }

    /// The rows or the columns of a table.
    pub(super) fn mapped(keys: Option<Arc<[String]>>, values: Vec<Value>) -> Self {
        Sequence { kind: Kind::Mapped, keys, values }
    }

    /// The tables that a grouping gives.
    pub(super) fn tables(key: &str, keys: Vec<String>, values: Vec<Value>) -> Self {
        Sequence { kind: Kind::Tables { key: key.to_owned() }, keys: Some(keys.into()), values }
    }

    fn find(&self, key: &Value) -> Option<Value> {
        let position = match key.as_str() {
            Some(name) => self.keys.as_ref()?.iter().position(|own| own == name)?,
            None => {
                let index = key.as_i64().filter(|_| key.is_integer())?;
                let len = i64::try_from(self.values.len()).ok()?;
                usize::try_from(if index < 0 { index + len } else { index }).ok()?
            }
        };
        self.values.get(position).cloned()
    }

    fn keys(&self) -> Value {
        match &self.keys {
            Some(keys) => Value::from(Tuple::from(keys.iter().map(Value::from).collect::<Vec<_>>())),
            None => Value::from(()),
        }
    }

    fn pairs(&self) -> Vec<(Value, Value)> {
        let keys = self.keys.iter().flat_map(|keys| keys.iter());
        keys.map(Value::from).zip(self.values.iter().cloned()).collect()
    }

    fn column_method(&self, method: &str) -> Option<Value> {
        let tuple = |values: Vec<Value>| Value::from(Tuple::from(values));
        let present = || self.values.iter().filter(|value| !value.is_none()).cloned().collect::<Vec<_>>();
        let sorted = |mut values: Vec<Value>| {
            // Missing values come last.
            values.sort_by(|one, other| one.is_none().cmp(&other.is_none()).then_with(|| one.cmp(other)));
            values
        };
        Some(match method {
            "values_distinct" => {
                let mut seen = crate::base::HashSet::default();
                tuple(self.values.iter().filter(|value| seen.insert((*value).clone())).cloned().collect())
            }
            "values_without_nulls" => tuple(present()),
            "values_sorted" => mutable(Value::from(sorted(self.values.clone()))),
            "values_without_nulls_sorted" => mutable(Value::from(sorted(present()))),
            _ => return None,
        })
    }
}

impl Object for Sequence {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (&self.kind, key.as_str()) {
            (Kind::Column { name, .. }, Some("name")) => Some(Value::from(name)),
            (Kind::Column { index, .. }, Some("index")) => Some(Value::from(*index)),
            (Kind::Column { data_type, .. }, Some("data_type")) => Some(Value::from(data_type.to_string())),
            (Kind::Tables { key }, Some("key_name")) => Some(Value::from(key)),
            _ => self.find(key),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.values.len())
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("values", args)?;
        Ok(match method {
            "values" => Value::from(Tuple::from(self.values.clone())),
            "keys" => self.keys(),
            "items" => {
                let pairs = self.pairs().into_iter().map(|(key, value)| Value::from(Tuple::from([key, value])));
                Value::from(Tuple::from(pairs.collect::<Vec<_>>()))
            }
            "dict" => self.pairs().into_iter().collect::<Dict>().into(),
            "get" => {
                let found = self.find(&args.required(0, "key")?);
                found.or_else(|| args.get(1, "default")).unwrap_or_else(|| Value::from(()))
            }
            _ => {
                let found = matches!(self.kind, Kind::Column { .. }).then(|| self.column_method(method)).flatten();
                found.ok_or_else(|| Error::from(ErrorKind::UnknownMethod))?
            }
        })
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.kind {
            Kind::Row => "Row",
            Kind::Column { .. } => "Column",
            Kind::Mapped => "MappedSequence",
            Kind::Tables { .. } => "TableSet",
        };
        let shown: Vec<String> = self.values.iter().take(5).map(repr).collect();
        let more = if self.values.len() > 5 { ", ..." } else { "" };
        write!(f, "<agate.{name}: ({}{more})>", shown.join(", "))
    }
}

impl From<Sequence> for Value {
    fn from(sequence: Sequence) -> Value {
        Value::from_object(sequence)
    }
}

/// The name of a group: what the value of its key prints as.
pub(super) fn group_name(value: &Value) -> String {
    text(value)
}
