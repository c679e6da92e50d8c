//! The result of a query as templates see it: columns and rows, like the agate tables of dbt.

use std::fmt;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Float32Type, Float64Type, Schema};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use crate::jinja::{Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Value, mutable};

/// A table of values: `table.columns[0].values()`, `table.rows`, `table.column_names`.
#[derive(Debug)]
pub(super) struct Table {
    names: Arc<[String]>,
    rows: Vec<Value>,
}

impl Table {
    /// The rows of these batches.
    pub(super) fn new(schema: &Schema, batches: &[RecordBatch]) -> Result<Self, arrow::error::ArrowError> {
        let names: Arc<[String]> = schema.fields().iter().map(|field| field.name().clone()).collect();
        let mut rows = Vec::new();
        for batch in batches {
            let columns = batch.columns().iter().map(values).collect::<Result<Vec<_>, _>>()?;
            for row in 0..batch.num_rows() {
                let cells = columns.iter().map(|column| column[row].clone()).collect();
                rows.push(Value::from_object(Row { names: Arc::clone(&names), cells }));
            }
        }
        Ok(Table { names, rows })
    }

    fn column(&self, position: usize) -> Value {
        let cells = self.rows.iter().filter_map(|row| row.downcast_object_ref::<Row>());
        let cells = cells.map(|row| row.cells[position].clone()).collect();
        Value::from_object(Column { name: self.names[position].clone(), cells })
    }

    fn columns(&self) -> Value {
        let cells = (0..self.names.len()).map(|position| self.column(position)).collect();
        Value::from_object(Row { names: Arc::clone(&self.names), cells })
    }
}

impl Object for Table {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str()? {
            "columns" => Some(self.columns()),
            "rows" => Some(mutable(Value::from(self.rows.clone()))),
            "column_names" => Some(mutable(self.names.iter().map(Value::from).collect())),
            _ => None,
        }
    }

    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.rows.clone())
    }
}

/// A row, or the columns of a table: cells by position or by name.
#[derive(Debug)]
struct Row {
    names: Arc<[String]>,
    cells: Vec<Value>,
}

impl Object for Row {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let position = match key.as_str() {
            Some(name) => self.position(name)?,
            None => key.as_usize()?,
        };
        self.cells.get(position).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.cells.len())
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        match method {
            "values" => Ok(mutable(Value::from(self.cells.clone()))),
            "keys" => Ok(mutable(self.names.iter().map(Value::from).collect())),
            "items" | "dict" => {
                let pairs = self.names.iter().zip(&self.cells);
                Ok(mutable(pairs.map(|(name, cell)| (name.clone(), cell.clone())).collect()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

impl Row {
    fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| own == name)
    }
}

/// A column: `name` and `values()`.
#[derive(Debug)]
struct Column {
    name: String,
    cells: Vec<Value>,
}

impl Object for Column {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match key.as_str() {
            Some("name") => Some(Value::from(&self.name)),
            Some(_) => None,
            None => self.cells.get(key.as_usize()?).cloned(),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.cells.len())
    }

    fn call_method(self: &Arc<Self>, _state: &mut State<'_, '_>, method: &str, _: &[Value]) -> Result<Value, Error> {
        match method {
            "values" => Ok(mutable(Value::from(self.cells.clone()))),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// The cells of a column: numbers and booleans as such, everything else as text.
fn values(array: &ArrayRef) -> Result<Vec<Value>, arrow::error::ArrowError> {
    let options = FormatOptions::default();
    let formatter = ArrayFormatter::try_new(array, &options)?;
    (0..array.len())
        .map(|row| {
            if array.is_null(row) {
                return Ok(Value::from(()));
            }
            Ok(match array.data_type() {
                DataType::Boolean => Value::from(array.as_boolean().value(row)),
                DataType::Float64 => Value::from(array.as_primitive::<Float64Type>().value(row)),
                DataType::Float32 => Value::from(f64::from(array.as_primitive::<Float32Type>().value(row))),
                number if number.is_integer() => {
                    let text = formatter.value(row).try_to_string()?;
                    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
                }
                DataType::Decimal128(_, scale) if *scale <= 0 => {
                    let text = formatter.value(row).try_to_string()?;
                    text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
                }
                DataType::Decimal128(..) => {
                    let text = formatter.value(row).try_to_string()?;
                    text.parse::<f64>().map_or_else(|_| Value::from(text), Value::from)
                }
                _ => Value::from(formatter.value(row).try_to_string()?),
            })
        })
        .collect()
}
