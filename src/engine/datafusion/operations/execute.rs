//! Runs a statement of the user's own: a hook, an operation, a `run_query` that is not a query.
//!
//! Statements that change relations are routed to the operations; DataFusion's own versions of them would keep everything in
//! memory, or do nothing at all.

use std::sync::Arc;

use datafusion::common::{DFSchema, TableReference, ToDFSchema};
use datafusion::logical_expr::{DdlStatement, DmlStatement, Expr, LogicalPlan, WriteOp};
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{self, Statement as Sql};
use deltalake::DeltaTable;
use deltalake::delta_datafusion::DeltaColumn;
use futures::TryStreamExt;
use serde_json::json;

use super::create_table::replace_by_plan;
use super::create_view::create_view;
use super::insert::insert_plan;
use super::write::Uncommitted;
use super::{drop, in_lake, no_table};
use crate::engine::datafusion::cancelled;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Outcome};
use crate::sql::Relation;

/// Runs one statement.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for statements that the lake has no operation for, and as the operations say.
pub(super) async fn execute(cx: &Context, sql: &str, gate: &Gate) -> Result<Outcome, EngineError> {
    let statement = cx.session.parse(sql)?;
    if let Statement::Statement(statement) = &statement {
        match statement.as_ref() {
            Sql::Delete(delete) => return delete_rows(cx, delete, gate).await,
            Sql::Update(update) => return update_rows(cx, update, gate).await,
            Sql::CreateView(view) => {
                let relation = resolve(cx, &cx.session.table_reference(&view.name)?);
                return create_view(cx, &relation, &view.query.to_string(), gate).await;
            }
            _ => {}
        }
    }
    let plan = cx.session.state().statement_to_plan(statement).await?;
    match plan {
        LogicalPlan::Ddl(ddl) => define(cx, ddl, gate).await,
        LogicalPlan::Dml(DmlStatement { table_name, op: WriteOp::Insert(_), input, .. }) => {
            insert_plan(cx, &resolve(cx, &table_name), &input, gate).await
        }
        LogicalPlan::Dml(DmlStatement { op, .. }) => Err(unsupported(&op.to_string())),
        LogicalPlan::Statement(statement) => Err(unsupported(statement.name())),
        LogicalPlan::Copy(_) => Err(unsupported("copy")),
        query => run(cx, &query, gate).await,
    }
}

async fn define(cx: &Context, ddl: DdlStatement, gate: &Gate) -> Result<Outcome, EngineError> {
    match ddl {
        DdlStatement::CreateMemoryTable(table) => {
            let relation = resolve(cx, &table.name);
            match (cx.lake.kind(&relation.schema, &relation.identifier), table.if_not_exists, table.or_replace) {
                (Some(_), true, _) => Ok(Outcome::default()),
                (Some(_), false, false) => {
                    Err(EngineError::new(ErrorKind::Plan, format!("`{relation}` exists already"))
                        .help("write `create or replace table`"))
                }
                _ => {
                    in_lake(cx, &relation)?;
                    replace_by_plan(cx, &relation, &table.input, gate).await
                }
            }
        }
        DdlStatement::DropTable(table) => drop_named(cx, &table.name, table.if_exists, gate),
        DdlStatement::DropView(view) => drop_named(cx, &view.name, view.if_exists, gate),
        DdlStatement::CreateCatalogSchema(schema) => {
            let name = schema.schema_name.rsplit('.').next().unwrap_or(&schema.schema_name);
            cx.lake.create_schema(name)?;
            Ok(Outcome::default())
        }
        DdlStatement::DropCatalogSchema(schema) => {
            let name = schema.name.schema_name();
            if !schema.if_exists && !cx.lake.has_schema(name) {
                return Err(EngineError::new(ErrorKind::Plan, format!("there is no schema `{name}`"))
                    .help("write `drop schema if exists`"));
            }
            drop::drop_schema(cx, name, schema.cascade, gate)
        }
        other => Err(unsupported(other.name())),
    }
}

fn drop_named(cx: &Context, name: &TableReference, if_exists: bool, gate: &Gate) -> Result<Outcome, EngineError> {
    let relation = resolve(cx, name);
    if !if_exists && cx.lake.kind(&relation.schema, &relation.identifier).is_none() {
        return Err(EngineError::new(ErrorKind::Plan, format!("there is no table or view `{relation}`"))
            .help("write `drop … if exists`"));
    }
    drop::drop(cx, &relation, gate)
}

async fn delete_rows(cx: &Context, delete: &ast::Delete, gate: &Gate) -> Result<Outcome, EngineError> {
    let (ast::FromTable::WithFromKeyword(from) | ast::FromTable::WithoutKeyword(from)) = &delete.from;
    let [target] = from.as_slice() else { return Err(unsupported("delete from several tables")) };
    if delete.using.is_some() || delete.returning.is_some() || !target.joins.is_empty() {
        return Err(unsupported("delete with `using` or `returning`"));
    }
    let (relation, table, schema) = target_table(cx, &target.relation, gate).await?;
    let mut builder = table.delete().with_session_state(Arc::new(cx.session.state()));
    if let Some(predicate) = &delete.selection {
        builder = builder.with_predicate(expression(cx, predicate, &schema)?);
    }
    let changing = async { Ok(builder.await?) };
    let (table, metrics) = Uncommitted::watch(cx, &relation).unless_stopped(gate, changing).await?;
    Ok(changed(&table, metrics.num_deleted_rows))
}

async fn update_rows(cx: &Context, update: &ast::Update, gate: &Gate) -> Result<Outcome, EngineError> {
    if update.from.is_some() || update.returning.is_some() || !update.table.joins.is_empty() {
        return Err(unsupported("update with `from` or `returning`"));
    }
    let (relation, table, schema) = target_table(cx, &update.table.relation, gate).await?;
    let mut builder = table.update().with_session_state(Arc::new(cx.session.state()));
    for assignment in &update.assignments {
        let ast::AssignmentTarget::ColumnName(name) = &assignment.target else {
            return Err(unsupported("update of several columns at once"));
        };
        let column = cx.session.table_reference(name)?.table().to_owned();
        let column = DeltaColumn::from(datafusion::common::Column::from_name(column));
        builder = builder.with_update(column, expression(cx, &assignment.value, &schema)?);
    }
    if let Some(predicate) = &update.selection {
        builder = builder.with_predicate(expression(cx, predicate, &schema)?);
    }
    let changing = async { Ok(builder.await?) };
    let (table, metrics) = Uncommitted::watch(cx, &relation).unless_stopped(gate, changing).await?;
    Ok(changed(&table, Some(metrics.num_updated_rows)))
}

/// The table that a statement changes, with its columns under its own name.
async fn target_table(
    cx: &Context,
    factor: &ast::TableFactor,
    gate: &Gate,
) -> Result<(Relation, DeltaTable, DFSchema), EngineError> {
    let ast::TableFactor::Table { name, .. } = factor else { return Err(unsupported("this target")) };
    let relation = resolve(cx, &cx.session.table_reference(name)?);
    in_lake(cx, &relation)?;
    let table = cx.tables.open(&relation.schema, &relation.identifier).await?.ok_or_else(|| no_table(&relation))?;
    let schema = table.snapshot()?.snapshot().arrow_schema().to_dfschema()?;
    let table = cx.tables.gated(&relation, table, gate)?;
    Ok((relation, table, schema))
}

fn expression(cx: &Context, expression: &ast::Expr, schema: &DFSchema) -> Result<Expr, EngineError> {
    Ok(cx.session.state().create_logical_expr(&expression.to_string(), schema)?)
}

fn changed(table: &DeltaTable, rows: Option<usize>) -> Outcome {
    let mut outcome = Outcome { rows: rows.map(|rows| rows as u64), ..Outcome::default() };
    outcome.response.insert("version".to_owned(), json!(table.version()));
    outcome
}

/// A query whose rows nobody asked for.
async fn run(cx: &Context, query: &LogicalPlan, gate: &Gate) -> Result<Outcome, EngineError> {
    let state = cx.session.state();
    let work = async {
        let plan = state.create_physical_plan(query).await?;
        let rows = execute_stream(plan, state.task_ctx())?;
        rows.try_for_each(|_| async { Ok(()) }).await?;
        Ok(Outcome::default())
    };
    tokio::select! {
        outcome = work => outcome,
        () = gate.stop().cancelled() => Err(cancelled()),
    }
}

fn resolve(cx: &Context, name: &TableReference) -> Relation {
    let full = name.clone().resolve(&cx.settings.database, &cx.settings.schema);
    Relation::new(full.catalog.as_ref(), full.schema.as_ref(), full.table.as_ref())
}

fn unsupported(what: &str) -> EngineError {
    EngineError::new(ErrorKind::Unsupported, format!("the embedded engine cannot run `{}`", what.to_lowercase()))
        .help("it runs queries, insert, update, delete, and creates or drops tables, views and schemas")
}
