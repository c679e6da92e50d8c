//! The result of a query as templates see it: like the agate tables of dbt.

mod cells;
mod print;
mod sequence;
mod transform;

use std::fmt;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::record_batch::RecordBatch;

use crate::context::function::{fail, function};
use crate::diagnostic::Diagnostic;
use crate::jinja::{Arguments, Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Tuple, Value, mutable, raise};

pub(super) use sequence::Sequence;

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ColumnType {
    Boolean,
    Date,
    DateTime,
    Integer,
    Number,
    Text,
}

/// A table of values. It never changes; whatever selects or sorts makes a new one.
#[derive(Clone, Debug)]
pub(super) struct Table {
    names: Arc<[String]>,
    types: Arc<[ColumnType]>,
    /// Each with a value for every column.
    rows: Vec<Arc<[Value]>>,
}

/// The function `load_agate_table`: the rows of a seed's file, read when it is called.
pub fn load_agate_table(
    read: impl Fn() -> Result<(SchemaRef, Vec<RecordBatch>), Diagnostic> + Send + Sync + 'static,
) -> Value {
    function("load_agate_table", move |_, _| {
        let (schema, batches) = read().map_err(raise)?;
        Table::new(&schema, &batches).map(Value::from_object).map_err(|error| fail(error.to_string()))
    })
}

impl Table {
    /// The rows of these batches.
    pub(super) fn new(schema: &Schema, batches: &[RecordBatch]) -> Result<Self, arrow::error::ArrowError> {
        let names = schema.fields().iter().map(|field| field.name().clone()).collect();
        let types = schema.fields().iter().map(|field| cells::column_type(field.data_type())).collect();
        let mut rows = Vec::new();
        for batch in batches {
            let columns = batch.columns().iter().map(cells::values).collect::<Result<Vec<_>, _>>()?;
            let row = |at: usize| columns.iter().map(|column| column[at].clone()).collect();
            rows.extend((0..batch.num_rows()).map(row));
        }
        Ok(Table { names, types, rows })
    }

    /// The rows as tuples, as `load_result(…).data` has them.
    pub(super) fn matrix(&self) -> Value {
        mutable(self.rows.iter().map(|row| Value::from(Tuple::from(row.to_vec()))).collect())
    }

    fn row(&self, row: &Arc<[Value]>) -> Value {
        Sequence::row(&self.names, row).into()
    }

    fn rows(&self) -> Vec<Value> {
        self.rows.iter().map(|row| self.row(row)).collect()
    }

    fn column(&self, at: usize) -> Value {
        let values = self.rows.iter().map(|row| row[at].clone()).collect();
        Sequence::column(at, &self.names[at], self.types[at], values).into()
    }

    fn columns(&self) -> Value {
        let columns = (0..self.names.len()).map(|at| self.column(at)).collect();
        Sequence::mapped(Some(Arc::clone(&self.names)), columns).into()
    }

    /// The position of a column that is given by name or number.
    fn position(&self, column: &Value) -> Option<usize> {
        match column.as_str() {
            Some(name) => self.names.iter().position(|own| own == name),
            None => column.as_usize().filter(|at| *at < self.names.len()),
        }
    }
}

impl Object for Table {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let Some(name) = key.as_str() else {
            return self.rows.get(key.as_usize()?).map(|row| self.row(row));
        };
        let texts = |texts: Vec<Value>| Value::from(Tuple::from(texts));
        match name {
            "columns" => Some(self.columns()),
            "rows" => Some(Sequence::mapped(None, self.rows()).into()),
            "column_names" => Some(texts(self.names.iter().map(Value::from).collect())),
            "column_types" => Some(texts(self.types.iter().map(|one| Value::from(one.to_string())).collect())),
            "row_names" => Some(Value::from(())),
            _ => None,
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.rows.len())
    }

    fn call_method(self: &Arc<Self>, state: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let args = Arguments::of("table", args)?;
        match self.transformed(state, method, &args)? {
            Some(value) => Ok(value),
            None => self.printed(method, &args)?.ok_or_else(|| Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.structure())
    }
}

impl From<Table> for Value {
    fn from(table: Table) -> Value {
        Value::from_object(table)
    }
}

impl fmt::Display for ColumnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
