//! The table that a statement changes, and expressions over its columns.

use std::ops::ControlFlow;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{DFSchema, TableReference};
use datafusion::logical_expr::Expr;
use datafusion::sql::sqlparser::ast::{self, Ident, ObjectName, Query, Visit, Visitor};
use deltalake::DeltaTable;

use super::unsupported;
use crate::engine::EngineError;
use crate::engine::datafusion::casts;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::operations::{in_lake, open_table};
use crate::engine::datafusion::user_functions;
use crate::sql::Relation;

/// A table that a statement changes.
pub(super) struct Target {
    /// Its name.
    pub(super) relation: Relation,
    /// Itself, at its latest version.
    pub(super) table: DeltaTable,
    /// Its columns.
    pub(super) schema: SchemaRef,
    /// The name that the statement calls it by.
    pub(super) alias: String,
}

impl Target {
    /// The table of this name.
    ///
    /// # Errors
    /// When there is no such table in the lake.
    pub(super) async fn open(cx: &Context, name: &ObjectName) -> Result<Self, EngineError> {
        let relation = resolve(cx, &cx.session.table_reference(name)?);
        in_lake(cx, &relation)?;
        let table = open_table(cx, &relation).await?;
        let schema = table.snapshot()?.snapshot().arrow_schema();
        let alias = relation.identifier.clone();
        Ok(Target { relation, table, schema, alias })
    }

    /// The table that a statement names as its target.
    ///
    /// # Errors
    /// As [`Target::open`], or when the target is no table.
    pub(super) async fn of(cx: &Context, factor: &ast::TableFactor) -> Result<Self, EngineError> {
        let ast::TableFactor::Table { name, alias, .. } = factor else { return Err(unsupported("this target")) };
        let target = Target::open(cx, name).await?;
        let alias = alias.as_ref().map_or_else(|| target.alias.clone(), |alias| folded(&alias.name));
        Ok(Target { alias, ..target })
    }

    /// Its columns under the name that the statement calls it by, for expressions.
    ///
    /// # Errors
    /// Never for the columns of a table.
    pub(super) fn columns(&self) -> Result<DFSchema, EngineError> {
        Ok(DFSchema::try_from_qualified_schema(self.alias.as_str(), &self.schema)?)
    }
}

/// The relation that a name in a statement means.
pub(in crate::engine::datafusion::operations) fn resolve(cx: &Context, name: &TableReference) -> Relation {
    let full = name.clone().resolve(&cx.settings.database, &cx.settings.schema);
    Relation::new(full.catalog.as_ref(), full.schema.as_ref(), full.table.as_ref())
}

/// A name as SQL reads it: in lower case unless it is quoted.
pub(super) fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_lowercase(),
    }
}

/// The name of a column that a statement assigns to.
///
/// # Errors
/// When the name is not one of a column.
pub(super) fn column_name(name: &ObjectName) -> Result<String, EngineError> {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.map(folded).ok_or_else(|| unsupported(&format!("a column named `{name}`")))
}

/// An expression over these columns; it must not hold queries.
///
/// # Errors
/// When it cannot be planned.
pub(super) async fn expression(cx: &Context, expression: &ast::Expr, columns: &DFSchema) -> Result<Expr, EngineError> {
    let planned = user_functions::expression(&cx.session.state(), expression, columns).await?;
    Ok(casts::with_whole_moments(planned, columns)?)
}

/// Whether a part of a statement holds a query: such an expression needs a plan of its own.
pub(super) fn holds_query(part: &impl Visit) -> bool {
    struct Found;
    impl Visitor for Found {
        type Break = ();
        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }
    part.visit(&mut Found).is_break()
}
