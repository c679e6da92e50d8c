//! Merges the rows of a query into a table by a key.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::common::{Column, DFSchema};
use datafusion::execution::SessionState;
use datafusion::logical_expr::{Expr, lit};
use datafusion::prelude::DataFrame;
use deltalake::DeltaTable;
use deltalake::delta_datafusion::DeltaColumn;
use deltalake::operations::merge::MergeBuilder;
use serde_json::json;

use super::insert::insert;
use super::layout;
use super::merge_key;
use super::write::Uncommitted;
use super::{in_lake, widen};
use crate::engine::datafusion::assignment;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::staging::Staged;
use crate::engine::{EngineError, ErrorKind, Merge, Outcome};
use crate::sql::Relation;

/// What conditions of the project call the query and the table, as SQL reads names without quotes.
pub(super) const SOURCE: &str = "dbt_internal_source";
/// See [`SOURCE`].
pub(super) const TARGET: &str = "dbt_internal_dest";

/// Merges rows: those whose key is in the table are updated, others inserted. Without a key all are inserted.
///
/// The query runs once, into a temporary file: its keys are checked before the table is touched.
///
/// # Errors
/// [`ErrorKind::DuplicateKey`] when the query has a key twice, and as [`insert`].
pub(super) async fn merge(
    cx: &Context,
    relation: &Relation,
    query: &str,
    merge: &Merge,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    if merge.unique_key.is_empty() {
        return insert(cx, relation, query, gate).await;
    }
    in_lake(cx, relation)?;
    let plan = cx.session.plan(query).await?;
    let table = widen::widened(cx, relation, plan.schema().as_arrow(), gate).await?;
    let columns = Columns::new(&table.snapshot()?.snapshot().arrow_schema(), plan.schema().as_arrow(), merge)?;
    let rows = RowSource::new(Arc::clone(&columns.source), gate.stop());
    let staged = Staged::fill(cx, &plan, &rows).await?;
    merge_key::check(staged.read(cx, gate.stop())?, &columns.key).await?;
    let uncommitted = Uncommitted::watch(cx, relation, gate)?;
    let table = cx.tables.gated(relation, table, gate)?;
    let merging = columns.merge(cx, relation, &table, staged.read(cx, gate.stop())?);
    let mut outcome = uncommitted.unless_stopped(merging).await?;
    outcome.response.insert("bytes_written".to_owned(), json!(uncommitted.bytes_written()));
    Ok(outcome)
}

/// Which columns a merge reads and writes, as the table spells them.
struct Columns {
    /// The table's columns.
    source: SchemaRef,
    key: Vec<String>,
    updated: Vec<String>,
    predicates: Vec<String>,
}

impl Columns {
    fn new(table: &SchemaRef, query: &Schema, merge: &Merge) -> Result<Self, EngineError> {
        let key = known(table, &merge.unique_key, "unique_key")?;
        let only = known(table, &merge.update_columns, "merge_update_columns")?;
        let except =
            |name: &String| merge.exclude_columns.iter().any(|other| other.to_lowercase() == name.to_lowercase());
        if let Some(column) = key.iter().find(|column| query.index_of(column).is_err()) {
            return Err(unknown(column, "unique_key", "the query"));
        }
        assignment::check(query, table)?;
        let is_updated =
            |name: &String| (only.is_empty() || only.contains(name)) && !except(name) && !key.contains(name);
        let names = table.fields().iter().map(|field| field.name());
        let updated = names.filter(|name| is_updated(name)).cloned().collect();
        Ok(Columns { source: Arc::clone(table), key, updated, predicates: merge.predicates.clone() })
    }

    async fn merge(
        &self,
        cx: &Context,
        relation: &Relation,
        table: &DeltaTable,
        rows: DataFrame,
    ) -> Result<Outcome, EngineError> {
        let matched = self.key.iter().map(|key| column(TARGET, key).eq(column(SOURCE, key)));
        let both = DFSchema::try_from_qualified_schema(TARGET, &self.source)?
            .join(&DFSchema::try_from_qualified_schema(SOURCE, &self.source)?)?;
        let state = cx.session.state();
        let further = self.predicates.iter().map(|predicate| condition(&state, predicate, &both));
        let further = further.collect::<Result<Vec<_>, _>>()?;
        let predicate = matched.chain(further).reduce(Expr::and).unwrap_or_else(|| lit(false));
        let mut builder =
            MergeBuilder::new(table.log_store(), Some(table.snapshot()?.snapshot().clone()), predicate, rows)
                .with_source_alias(SOURCE)
                .with_target_alias(TARGET)
                .with_writer_properties(layout::writer_properties_of(table)?)
                .with_session_state(Arc::new(cx.session.state()));
        if !self.updated.is_empty() {
            builder = builder.when_matched_update(|update| {
                self.updated.iter().fold(update, |update, name| update.update(bare(name), column(SOURCE, name)))
            })?;
        }
        builder = builder.when_not_matched_insert(|insert| {
            let fields = self.source.fields().iter();
            fields.fold(insert, |insert, field| insert.set(bare(field.name()), column(SOURCE, field.name())))
        })?;
        let (table, metrics) = builder.await?;
        cx.tables.remember(&relation.schema, &relation.identifier, &table);
        let (inserted, updated) = (metrics.num_target_rows_inserted, metrics.num_target_rows_updated);
        let mut outcome = Outcome { rows: Some((inserted + updated) as u64), ..Outcome::default() };
        outcome.response.insert("version".to_owned(), json!(table.version()));
        outcome.response.insert("rows_inserted".to_owned(), json!(inserted));
        outcome.response.insert("rows_updated".to_owned(), json!(updated));
        Ok(outcome)
    }
}

/// The columns that an option names, as the table spells them. Names without quotes are lower case in SQL but not in a config,
/// so case does not matter where it decides nothing.
pub(super) fn known(table: &Schema, columns: &[String], option: &str) -> Result<Vec<String>, EngineError> {
    let find = |wanted: &String| {
        let names = || table.fields().iter().map(|field| field.name());
        let exact = names().find(|name| *name == wanted);
        // A table's columns never differ in case alone.
        exact.or_else(|| names().find(|name| name.to_lowercase() == wanted.to_lowercase())).cloned()
    };
    columns.iter().map(|column| find(column).ok_or_else(|| unknown(column, option, "the table"))).collect()
}

/// A condition of the project over these columns.
///
/// # Errors
/// When it cannot be planned; the message names it.
pub(super) fn condition(state: &SessionState, text: &str, columns: &DFSchema) -> Result<Expr, EngineError> {
    state.create_logical_expr(text, columns).map_err(|error| {
        let error = EngineError::from(error);
        EngineError { message: format!("the predicate `{text}`: {}", error.message), position: None, ..error }
    })
}

pub(super) fn column(table: &str, name: &str) -> Expr {
    Expr::Column(Column::new(Some(table), name))
}

/// A column of the table, taken as it is spelt: as text it would be parsed, and its case folded.
pub(super) fn bare(name: &str) -> DeltaColumn {
    DeltaColumn::from(Column::from_name(name))
}

fn unknown(column: &str, option: &str, place: &str) -> EngineError {
    EngineError::new(ErrorKind::Plan, format!("`{option}` names column `{column}`, which {place} does not have"))
}
