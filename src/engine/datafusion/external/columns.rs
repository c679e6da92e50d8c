//! The columns of a source table: those that are declared, or all that its files have.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::execution::SessionState;
use datafusion::logical_expr::type_coercion::binary::type_union_coercion;

use super::shape::Shape;
use crate::engine::datafusion::session::data_type;
use crate::engine::{DeclaredColumn, EngineError};

/// A declared column, its type resolved.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    /// Its name.
    pub(super) name: String,
    /// Its type, where one is declared.
    pub(super) data_type: Option<DataType>,
}

/// Resolves the types of declared columns.
///
/// # Errors
/// [`ErrorKind::Plan`](crate::engine::ErrorKind::Plan) naming the column whose type does not exist.
pub(super) fn declared(state: &SessionState, columns: &[DeclaredColumn]) -> Result<Vec<Declared>, EngineError> {
    let resolve = |column: &DeclaredColumn| {
        let resolved = column.data_type.as_deref().map(|text| data_type(state, text, &column.name)).transpose()?;
        Ok(Declared { name: column.name.clone(), data_type: resolved })
    };
    columns.iter().map(resolve).collect()
}

/// The type to read a column of a text file with: as declared, else text.
pub(super) fn declared_type(declared: &[Declared], name: &str) -> DataType {
    let exact = declared.iter().find(|column| column.name == name);
    let found = exact.or_else(|| declared.iter().find(|column| column.name.eq_ignore_ascii_case(name)));
    found.and_then(|column| column.data_type.clone()).unwrap_or(DataType::Utf8View)
}

/// The first declared column that is not among `names`.
pub(super) fn missing<'a, 'n>(
    declared: &'a [Declared],
    names: impl Iterator<Item = &'n str> + Clone,
) -> Option<&'a str> {
    let there = |wanted: &str| names.clone().any(|name| name.eq_ignore_ascii_case(wanted));
    declared.iter().map(|column| column.name.as_str()).find(|name| !there(name))
}

/// Where a column is in a schema: by its exact name, else by its name in another case.
pub(super) fn find(schema: &Schema, name: &str) -> Option<usize> {
    let fields = schema.fields();
    let exact = fields.iter().position(|field| field.name() == name);
    exact.or_else(|| fields.iter().position(|field| field.name().eq_ignore_ascii_case(name)))
}

/// The columns of the whole table: the declared ones, or all that its files have; then the partitions.
pub(super) fn table_schema(declared: &[Declared], shapes: &[Shape], partitions: &[FieldRef]) -> SchemaRef {
    let found = union(shapes.iter().flat_map(|shape| shape.schema.fields()));
    let mut fields: Vec<FieldRef> = if declared.is_empty() {
        found
    } else {
        let in_files = Schema::new(found);
        let field = |column: &Declared| {
            let in_files = || find(&in_files, &column.name).map(|at| in_files.field(at).data_type().clone());
            let data_type = column.data_type.clone().or_else(in_files).unwrap_or(DataType::Utf8View);
            Arc::new(Field::new(&column.name, data_type, true))
        };
        declared.iter().map(field).collect()
    };
    fields.retain(|field| partitions.iter().all(|partition| partition.name() != field.name()));
    fields.extend(partitions.iter().cloned());
    Arc::new(Schema::new(fields))
}

/// The columns of several files by name, each with a type that holds the values of all.
pub(super) fn union<'f>(columns: impl Iterator<Item = &'f FieldRef>) -> Vec<FieldRef> {
    let mut fields: Vec<Field> = Vec::new();
    for field in columns {
        match fields.iter_mut().find(|known| known.name() == field.name()) {
            None => fields.push(field.as_ref().clone()),
            Some(known) => {
                let both = type_union_coercion(known.data_type(), field.data_type()).unwrap_or(DataType::Utf8View);
                *known = Field::new(field.name(), both, true);
            }
        }
    }
    fields.into_iter().map(Arc::new).collect()
}
