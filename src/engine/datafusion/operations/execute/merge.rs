//! `merge into`: rows of a table are updated, deleted and inserted by comparing them with those of a query, in one commit.
//!
//! The query runs once, into a temporary file. When it has no rows and no clause is about rows that it lacks, nothing is written.

use std::sync::Arc;

use datafusion::common::{Column, DFSchema};
use datafusion::logical_expr::{Expr, cast};
use datafusion::prelude::DataFrame;
use datafusion::sql::sqlparser::ast::{
    self, Merge, MergeAction, MergeClause, MergeClauseKind, MergeInsertExpr, MergeInsertKind, TableFactor,
};
use deltalake::delta_datafusion::DeltaColumn;
use deltalake::operations::merge::MergeBuilder;
use serde_json::json;

use super::target::{Target, column_name, expression, folded};
use super::{unsupported, update};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::operations::layout;
use crate::engine::datafusion::operations::write::Uncommitted;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::datafusion::staging::Staged;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::{EngineError, ErrorKind, Outcome};

/// What is done with a row.
enum Action {
    Update(Vec<(String, ast::Expr)>),
    Delete,
    Insert(Vec<(String, ast::Expr)>),
}

/// `when … then …`.
struct Clause {
    kind: Kind,
    condition: Option<ast::Expr>,
    action: Action,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Matched,
    NotMatched,
    NotMatchedBySource,
}

/// The clauses of a merge, in their order.
pub(super) struct Clauses(Vec<Clause>);

impl Clauses {
    /// Matched rows are deleted.
    pub(super) fn delete_matched() -> Self {
        Clauses(vec![Clause { kind: Kind::Matched, condition: None, action: Action::Delete }])
    }

    /// Matched rows are updated.
    pub(super) fn update_matched(values: Vec<(String, ast::Expr)>) -> Self {
        Clauses(vec![Clause { kind: Kind::Matched, condition: None, action: Action::Update(values) }])
    }

    fn of(target: &Target, clauses: &[MergeClause]) -> Result<Self, EngineError> {
        let clause = |clause: &MergeClause| {
            let kind = match clause.clause_kind {
                MergeClauseKind::Matched => Kind::Matched,
                MergeClauseKind::NotMatched | MergeClauseKind::NotMatchedByTarget => Kind::NotMatched,
                MergeClauseKind::NotMatchedBySource => Kind::NotMatchedBySource,
            };
            let action = match (&clause.action, kind) {
                (MergeAction::Insert(insert), Kind::NotMatched) => Action::Insert(inserted(target, insert)?),
                (MergeAction::Update(set), Kind::Matched | Kind::NotMatchedBySource)
                    if set.update_predicate.is_none() && set.delete_predicate.is_none() =>
                {
                    Action::Update(update::assignments(target, &set.assignments)?)
                }
                (MergeAction::Delete { .. }, Kind::Matched | Kind::NotMatchedBySource) => Action::Delete,
                (action, _) => return Err(unsupported(&format!("when {} then {action}", clause.clause_kind))),
            };
            Ok(Clause { kind, condition: clause.predicate.clone(), action })
        };
        clauses.iter().map(clause).collect::<Result<Vec<_>, _>>().map(Clauses)
    }

    fn needs_rows(&self) -> bool {
        self.0.iter().all(|clause| clause.kind != Kind::NotMatchedBySource)
    }
}

/// The columns that are inserted, with their values.
fn inserted(target: &Target, insert: &MergeInsertExpr) -> Result<Vec<(String, ast::Expr)>, EngineError> {
    let columns = if insert.columns.is_empty() {
        target.schema.fields().iter().map(|field| field.name().clone()).collect()
    } else {
        insert.columns.iter().map(column_name).collect::<Result<Vec<_>, _>>()?
    };
    let MergeInsertKind::Values(values) = &insert.kind else { return Err(unsupported("insert row")) };
    let [values] = values.rows.as_slice() else { return Err(unsupported("insert of several rows")) };
    let values = &values.content;
    if values.len() != columns.len() {
        let message = format!("`insert` names {} columns and gives {} values", columns.len(), values.len());
        return Err(EngineError::new(ErrorKind::Plan, message));
    }
    if let Some(unknown) = columns.iter().find(|column| target.schema.index_of(column).is_err()) {
        return Err(EngineError::new(ErrorKind::Plan, format!("`{}` has no column `{unknown}`", target.relation)));
    }
    Ok(columns.into_iter().zip(values.iter().cloned()).collect())
}

/// Runs the statement.
///
/// # Errors
/// When a part cannot be planned or fails, a row matches more than once, or the lake cannot be written to.
pub(super) async fn merge(cx: &Context, merge: &Merge, gate: &Gate) -> Result<Outcome, EngineError> {
    if merge.output.is_some() {
        return Err(unsupported("merge with `output`"));
    }
    let target = Target::of(cx, &merge.table).await?;
    let clauses = Clauses::of(&target, &merge.clauses)?;
    run(cx, target, &merge.source, &merge.on, clauses, gate).await
}

/// Compares the rows of a table with those of a source and does what the clauses say.
///
/// # Errors
/// As [`merge`].
pub(super) async fn run(
    cx: &Context,
    target: Target,
    source: &TableFactor,
    on: &ast::Expr,
    clauses: Clauses,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let alias = source_alias(source)?;
    let plan = cx.session.plan(&format!("select * from {source}")).await?;
    let schema = storable_schema(plan.schema().as_arrow())?;
    let rows = RowSource::new(Arc::clone(&schema), gate.stop());
    let staged = Staged::fill(cx, &plan, &rows).await.map_err(|error| rows.explain(error))?;
    if rows.rows() == 0 && clauses.needs_rows() {
        return Ok(Outcome { rows: Some(0), ..Outcome::default() });
    }
    let source = DFSchema::try_from_qualified_schema(alias.as_str(), &schema)?;
    let both = target.columns()?.join(&source)?;
    let table = cx.tables.gated(&target.relation, target.table.clone(), gate)?;
    let rows = staged.read(cx, gate.stop())?;
    let merging = Merging { cx, target: &target, alias: &alias, source, both };
    let uncommitted = Uncommitted::watch(cx, &target.relation, gate)?;
    let mut outcome = uncommitted.unless_stopped(merging.run(&table, rows, on, clauses)).await?;
    outcome.response.insert("bytes_written".to_owned(), json!(uncommitted.bytes_written()));
    Ok(outcome)
}

fn source_alias(source: &TableFactor) -> Result<String, EngineError> {
    let alias = match source {
        TableFactor::Table { alias: Some(alias), .. } | TableFactor::Derived { alias: Some(alias), .. } => {
            Some(folded(&alias.name))
        }
        TableFactor::Table { name, .. } => name.0.last().and_then(|part| part.as_ident()).map(folded),
        _ => None,
    };
    alias.ok_or_else(|| {
        EngineError::new(ErrorKind::Plan, "the source of a merge needs a name").help("write `using (…) as source`")
    })
}

struct Merging<'a> {
    cx: &'a Context,
    target: &'a Target,
    alias: &'a str,
    source: DFSchema,
    both: DFSchema,
}

impl Merging<'_> {
    async fn run(
        &self,
        table: &deltalake::DeltaTable,
        rows: DataFrame,
        on: &ast::Expr,
        clauses: Clauses,
    ) -> Result<Outcome, EngineError> {
        let cx = self.cx;
        let on = expression(cx, on, &self.both).await?;
        let mut builder = MergeBuilder::new(table.log_store(), Some(table.snapshot()?.snapshot().clone()), on, rows)
            .with_source_alias(self.alias)
            .with_target_alias(&self.target.alias)
            .with_writer_properties(layout::writer_properties_of(table)?)
            .with_session_state(Arc::new(cx.session.state()));
        for clause in clauses.0 {
            builder = self.add(builder, clause).await?;
        }
        let (table, metrics) = builder.await?;
        let relation = &self.target.relation;
        cx.tables.remember(&relation.schema, &relation.identifier, &table);
        let changes = [
            ("rows_inserted", metrics.num_target_rows_inserted),
            ("rows_updated", metrics.num_target_rows_updated),
            ("rows_deleted", metrics.num_target_rows_deleted),
        ];
        let rows = changes.iter().map(|(_, rows)| *rows as u64).sum();
        let mut outcome = Outcome { rows: Some(rows), ..Outcome::default() };
        outcome.response.insert("version".to_owned(), json!(table.version()));
        for (name, rows) in changes.into_iter().filter(|(_, rows)| *rows > 0) {
            outcome.response.insert(name.to_owned(), json!(rows));
        }
        Ok(outcome)
    }

    /// The values of columns, each of its column's type.
    async fn values(
        &self,
        values: Vec<(String, ast::Expr)>,
        columns: &DFSchema,
    ) -> Result<Vec<(DeltaColumn, Expr)>, EngineError> {
        let mut found = Vec::new();
        for (name, value) in values {
            let field = self.target.schema.field_with_name(&name)?;
            let value = cast(expression(self.cx, &value, columns).await?, field.data_type().clone());
            found.push((DeltaColumn::from(Column::from_name(name)), value));
        }
        Ok(found)
    }

    async fn add(&self, builder: MergeBuilder, clause: Clause) -> Result<MergeBuilder, EngineError> {
        let own = self.target.columns()?;
        let columns = match clause.kind {
            Kind::Matched => &self.both,
            Kind::NotMatched => &self.source,
            Kind::NotMatchedBySource => &own,
        };
        let condition = match clause.condition {
            Some(condition) => Some(expression(self.cx, &condition, columns).await?),
            None => None,
        };
        Ok(match (clause.kind, clause.action) {
            (Kind::Matched, Action::Update(set)) => {
                let set = self.values(set, columns).await?;
                builder.when_matched_update(|update| fill_update(update, condition, set))?
            }
            (Kind::NotMatchedBySource, Action::Update(set)) => {
                let set = self.values(set, columns).await?;
                builder.when_not_matched_by_source_update(|update| fill_update(update, condition, set))?
            }
            (Kind::NotMatchedBySource, Action::Delete) => {
                builder.when_not_matched_by_source_delete(|delete| match condition {
                    Some(condition) => delete.predicate(condition),
                    None => delete,
                })?
            }
            (_, Action::Delete) => builder.when_matched_delete(|delete| match condition {
                Some(condition) => delete.predicate(condition),
                None => delete,
            })?,
            (_, Action::Insert(set) | Action::Update(set)) => {
                let set = self.values(set, columns).await?;
                builder.when_not_matched_insert(|mut insert| {
                    if let Some(condition) = condition {
                        insert = insert.predicate(condition);
                    }
                    set.into_iter().fold(insert, |insert, (column, value)| insert.set(column, value))
                })?
            }
        })
    }
}

fn fill_update(
    mut update: deltalake::operations::merge::UpdateBuilder,
    condition: Option<Expr>,
    set: Vec<(DeltaColumn, Expr)>,
) -> deltalake::operations::merge::UpdateBuilder {
    if let Some(condition) = condition {
        update = update.predicate(condition);
    }
    set.into_iter().fold(update, |update, (column, value)| update.update(column, value))
}
