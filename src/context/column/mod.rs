//! dbt's `Column` as templates see it.

mod class;

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::context::function::{Arguments, fail};
use crate::jinja::{DynObject, Error, ErrorKind, Object, ObjectRepr, State, Value, mutable};
use crate::session::Session;

pub(super) use class::ColumnClass;

/// Columns by name and type as SQL writes it, as templates see them.
#[must_use]
pub fn columns_value(session: &Session, columns: &[(String, String)]) -> Value {
    let class = ColumnClass::new(session);
    list(columns.iter().map(|(name, sql_type)| ColumnValue::described(&class, name, sql_type)).collect())
}

/// A list of columns that templates can add to.
pub(super) fn list(columns: Vec<ColumnValue>) -> Value {
    mutable(columns.into_iter().map(ColumnValue::into_value).collect())
}

/// A column: a name, and a type with its sizes apart.
#[derive(Clone, Debug)]
pub(super) struct ColumnValue {
    class: Arc<ColumnClass>,
    name: String,
    /// The type without sizes.
    dtype: String,
    char_size: Option<u64>,
    precision: Option<i64>,
    scale: Option<i64>,
}

impl ColumnValue {
    /// A column with a type as SQL writes it, sizes included.
    pub(super) fn described(class: &Arc<ColumnClass>, name: &str, sql_type: &str) -> Self {
        let bare = ColumnValue {
            class: Arc::clone(class),
            name: name.to_owned(),
            dtype: sql_type.to_owned(),
            char_size: None,
            precision: None,
            scale: None,
        };
        let Some((dtype, sizes)) = sql_type.strip_suffix(')').and_then(|text| text.split_once('(')) else {
            return bare;
        };
        let sizes: Option<Vec<i64>> = sizes.split(',').map(|size| size.trim().parse().ok()).collect();
        let dtype = dtype.trim_end().to_owned();
        match sizes.as_deref() {
            Some([size]) if class.is_string(&dtype) => {
                ColumnValue { dtype, char_size: u64::try_from(*size).ok(), ..bare }
            }
            Some([precision]) => ColumnValue { dtype, precision: Some(*precision), scale: Some(0), ..bare },
            Some([precision, scale]) => ColumnValue { dtype, precision: Some(*precision), scale: Some(*scale), ..bare },
            _ => bare,
        }
    }

    /// As a value for templates.
    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The type as SQL writes it.
    pub(super) fn data_type(&self) -> String {
        if self.class.is_string(&self.dtype) {
            self.class.sized_string(&self.dtype, self.char_size)
        } else if self.class.is_numeric(&self.dtype) {
            self.class.numeric_type(&self.dtype, self.precision, self.scale)
        } else {
            self.dtype.clone()
        }
    }

    fn string_size(&self) -> Result<u64, Error> {
        if !self.class.is_string(&self.dtype) {
            return Err(fail(format!("column `{}` is no text, so it has no size of one", self.name)));
        }
        Ok(self.char_size.filter(|_| self.dtype != "text").unwrap_or(256))
    }

    fn can_expand_to(&self, other: &ColumnValue) -> bool {
        matches!((self.string_size(), other.string_size()), (Ok(own), Ok(others)) if others > own)
    }

    fn method(&self, method: &str, args: &[Value]) -> Result<Value, Error> {
        let class = &self.class;
        Ok(match method {
            "is_string" => Value::from(class.is_string(&self.dtype)),
            "is_numeric" => Value::from(class.is_numeric(&self.dtype)),
            "is_integer" => Value::from(class.is_integer(&self.dtype)),
            "is_float" => Value::from(class.is_float(&self.dtype)),
            "is_number" => Value::from(
                class.is_integer(&self.dtype) || class.is_numeric(&self.dtype) || class.is_float(&self.dtype),
            ),
            "string_size" => Value::from(self.string_size()?),
            "can_expand_to" => {
                let other = Arguments::of("Column.can_expand_to", args)?.required(0, "other_column")?;
                let other = other.downcast_object_ref::<ColumnValue>();
                Value::from(other.is_some_and(|other| self.can_expand_to(other)))
            }
            "literal" => {
                let value = Arguments::of("Column.literal", args)?.required(0, "value")?;
                Value::from(format!("{value}::{}", self.data_type()))
            }
            "get" => {
                let arguments = Arguments::of("Column.get", args)?;
                let found = Object::get_value(&Arc::new(self.clone()), &arguments.required(0, "key")?);
                found.or_else(|| arguments.get(1, "default")).unwrap_or_else(|| Value::from(()))
            }
            other => return class.method(other, args),
        })
    }
}

impl Object for ColumnValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let number = |number: Option<i64>| number.map_or_else(|| Value::from(()), Value::from);
        Some(match key.as_str()? {
            "name" | "column" => Value::from(&self.name),
            "quoted" => Value::from(self.class.quote(&self.name)),
            "dtype" => Value::from(&self.dtype),
            "data_type" | "expanded_data_type" => Value::from(self.data_type()),
            "char_size" => self.char_size.map_or_else(|| Value::from(()), Value::from),
            "numeric_precision" => number(self.precision),
            "numeric_scale" => number(self.scale),
            "mode" => Value::from("NULLABLE"),
            "fields" => Value::from(Vec::<Value>::new()),
            _ => return None,
        })
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<ColumnValue>()?;
        let key = |one: &ColumnValue| (one.name.clone(), one.dtype.clone(), one.char_size, one.precision, one.scale);
        Some(key(self).cmp(&key(other)))
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        self.method(method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Column {} ({})>", self.name, self.data_type())
    }
}

/// The error for a method that there is none of; minijinja adds the words.
fn unknown_method() -> Error {
    Error::from(ErrorKind::UnknownMethod)
}
