//! Runs a statement of the user's own: a hook, an operation, a `run_query` that is not a query.
//!
//! Statements that change relations are routed to the operations; DataFusion's own versions of them would keep everything in
//! memory, or do nothing at all.

mod alter;
mod delete;
mod function;
mod merge;
mod rename;
mod target;
mod update;

use std::sync::Arc;

use datafusion::arrow::datatypes::Schema;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, TableReference};
use datafusion::logical_expr::{DdlStatement, DmlStatement, Expr, LogicalPlan, WriteOp};
use datafusion::physical_plan::execute_stream;
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{CreateTable, Statement as Sql};
use deltalake::DeltaTable;
use futures::TryStreamExt;
use serde_json::json;

pub(super) use self::target::resolve;
use super::clone_table::clone_table;
use super::create_table::{replace, replace_by_plan};
use super::create_view::create_view;
use super::insert::insert_plan;
use super::{drop, in_lake, targets, turns};
use crate::engine::datafusion::cancelled;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::storable::storable_schema;
use crate::engine::datafusion::user_functions;
use crate::engine::{EngineError, ErrorKind, Layout, Outcome};
use crate::sql::{Dialect, Relation};

/// Runs one statement.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for statements that the lake has no operation for, and as the operations say.
pub(super) async fn execute(cx: &Context, sql: &str, gate: &Gate) -> Result<Outcome, EngineError> {
    let statement = cx.session.parse(sql)?;
    let _turns = turns(cx, targets::of_statement(cx, &statement)?, gate).await?;
    if let Statement::Statement(statement) = &statement {
        match statement.as_ref() {
            Sql::Delete(delete) => return delete::delete(cx, delete, gate).await,
            Sql::Update(update) => return update::update(cx, update, gate).await,
            Sql::Merge(merge) => return merge::merge(cx, merge, gate).await,
            Sql::AlterTable(alter) => {
                return match rename::rename_relation(cx, alter, gate).await {
                    Some(renamed) => renamed,
                    None => alter::alter_table(cx, alter, gate).await,
                };
            }
            Sql::Truncate(truncate) => return rename::truncate_tables(cx, truncate, gate).await,
            Sql::Comment { object_type, object_name, comment, .. } => {
                return alter::comment(cx, object_type, object_name, comment.as_deref(), gate).await;
            }
            // Each statement is a transaction of its own; those around it open and close nothing.
            Sql::StartTransaction { statements, .. } if statements.is_empty() => return Ok(Outcome::default()),
            Sql::Commit { .. } => return Ok(Outcome::default()),
            // The files of earlier versions go by themselves.
            Sql::Vacuum(_) => return Ok(Outcome::default()),
            Sql::CreateView(view) => {
                let relation = resolve(cx, &cx.session.table_reference(&view.name)?);
                return create_view(cx, &relation, &view.query.to_string(), gate).await;
            }
            Sql::CreateTable(CreateTable { name, clone: Some(from), or_replace, if_not_exists, .. }) => {
                let relation = resolve(cx, &cx.session.table_reference(name)?);
                let from = resolve(cx, &cx.session.table_reference(from)?);
                return match (cx.lake.kind(&relation.schema, &relation.identifier)?, if_not_exists, or_replace) {
                    (Some(_), true, _) => Ok(Outcome::default()),
                    (Some(_), false, false) => Err(exists_already(&relation)),
                    _ => clone_table(cx, &relation, &from, gate).await,
                };
            }
            Sql::CreateFunction(create) => return function::create_function(cx, create, gate).await,
            Sql::DropFunction(drop) => return function::drop_functions(cx, drop, gate),
            _ => {}
        }
    }
    let plan = user_functions::plan(&cx.session.state(), statement).await?;
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
            match (cx.lake.kind(&relation.schema, &relation.identifier)?, table.if_not_exists, table.or_replace) {
                (Some(_), true, _) => Ok(Outcome::default()),
                (Some(_), false, false) => Err(exists_already(&relation)),
                _ if !table.column_defaults.is_empty() => Err(unsupported("create table with `default`")),
                _ => {
                    in_lake(cx, &relation)?;
                    create(cx, &relation, &table.input, gate).await
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
            if !schema.if_exists && !cx.lake.has_schema(name)? {
                return Err(EngineError::new(ErrorKind::Plan, format!("there is no schema `{name}`"))
                    .help("write `drop schema if exists`"));
            }
            drop::drop_schema(cx, name, schema.cascade, gate)
        }
        other => Err(unsupported(other.name())),
    }
}

fn exists_already(relation: &Relation) -> EngineError {
    EngineError::new(ErrorKind::Plan, format!("`{relation}` exists already")).help("write `create or replace table`")
}

/// Makes a table. Where it has no query, its columns say whether they may hold nulls.
async fn create(cx: &Context, relation: &Relation, input: &LogicalPlan, gate: &Gate) -> Result<Outcome, EngineError> {
    let layout = Layout::default();
    let LogicalPlan::EmptyRelation(columns) = input else {
        return replace_by_plan(cx, relation, input, &layout, gate).await;
    };
    let stored = storable_schema(columns.schema.as_arrow())?;
    let fields = stored.fields().iter().zip(columns.schema.fields());
    let fields = fields.map(|(stored, said)| stored.as_ref().clone().with_nullable(said.is_nullable()));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    replace(cx, relation, input, (schema, &layout), gate).await
}

fn drop_named(cx: &Context, name: &TableReference, if_exists: bool, gate: &Gate) -> Result<Outcome, EngineError> {
    let relation = resolve(cx, name);
    if !if_exists && cx.lake.kind(&relation.schema, &relation.identifier)?.is_none() {
        return Err(EngineError::new(ErrorKind::Plan, format!("there is no table or view `{relation}`"))
            .help("write `drop … if exists`"));
    }
    drop::drop(cx, &relation, gate)
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

/// The expression with its columns named without their table.
fn unqualified(expression: Expr) -> Result<Expr, EngineError> {
    qualified(expression, None)
}

/// The expression with its columns named by another table, or none.
///
/// # Errors
/// Never: columns can always be renamed.
pub(super) fn qualified(expression: Expr, table: Option<&TableReference>) -> Result<Expr, EngineError> {
    let renamed = expression.transform(|part| {
        Ok(match part {
            Expr::Column(column) => Transformed::yes(Expr::Column(Column { relation: table.cloned(), ..column })),
            other => Transformed::no(other),
        })
    })?;
    Ok(renamed.data)
}

/// The number of rows of a table.
async fn count(cx: &Context, relation: &Relation) -> Result<u64, EngineError> {
    count_rows(cx, &format!("select 1 from {}", relation.render(Dialect::Generic))).await
}

/// The number of rows of a query.
///
/// # Errors
/// When it cannot be planned or fails.
pub(super) async fn count_rows(cx: &Context, query: &str) -> Result<u64, EngineError> {
    let plan = cx.session.plan(query).await?;
    let state = cx.session.state();
    let physical = state.create_physical_plan(&plan).await?;
    let rows = execute_stream(physical, state.task_ctx())?;
    Ok(rows.try_fold(0, async |rows, batch| Ok(rows + batch.num_rows() as u64)).await?)
}

fn unsupported(what: &str) -> EngineError {
    EngineError::new(ErrorKind::Unsupported, format!("the embedded engine cannot run `{}`", what.to_lowercase()))
        .help("it runs queries, insert, update, delete, merge, alter table, comments, and creates or drops tables, views, functions and schemas")
}
