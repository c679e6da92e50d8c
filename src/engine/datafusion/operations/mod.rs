//! The operations on relations, a file each.
//!
//! Each builds the new state beside the old one and makes it visible with one step: a commit in a table's log, or the renaming
//! of a file. What is not visible yet is removed when the operation fails, and ignored when the process is killed.

mod alter;
mod append;
mod arrange;
mod clone_table;
mod constrain;
mod create_table;
mod create_view;
mod delete_insert;
mod describe;
mod drop;
mod execute;
mod export;
mod insert;
mod layout;
mod load;
mod maintain;
mod merge;
mod merge_key;
mod overwrite;
mod publish;
mod refresh;
mod rename;
mod restore;
mod rewrite;
mod targets;
mod truncate;
mod widen;
mod write;

use deltalake::DeltaTable;
use deltalake::kernel::transaction::CommitProperties;
use serde_json::{Map, Value as Json};

use super::context::Context;
use super::gate::Gate;
use super::lock::Turn;
use crate::engine::{EngineError, ErrorKind, Operation, Outcome, RelationKind};
use crate::sql::Relation;

pub(super) use self::describe::comments;

/// Runs an operation, when it is its turn to change what it changes; one that needs more memory than there is once more, in a way that needs
/// less and takes longer.
///
/// # Errors
/// As the operation says; the relation keeps its earlier content. [`ErrorKind::Busy`] when another process did not end its change of it
/// in time.
pub(super) async fn apply(cx: &Context, operation: Operation, gate: &Gate) -> Result<Outcome, EngineError> {
    let _turns = turns(cx, targets::of(cx, &operation).cloned().into_iter().collect(), gate).await?;
    match run(cx, operation.clone(), gate).await {
        Err(error) if error.kind == ErrorKind::OutOfMemory => {
            tracing::info!(%error, "an operation begins once more, to need less memory");
            run(&cx.frugal(), operation, gate).await
        }
        ran => ran,
    }
}

async fn run(cx: &Context, operation: Operation, gate: &Gate) -> Result<Outcome, EngineError> {
    match operation {
        Operation::CreateView { relation, query } => create_view::create_view(cx, &relation, &query, gate).await,
        Operation::CreateTable { relation, query, rules, layout } => {
            create_table::create_table(cx, &relation, &query, (&rules, &layout), gate).await
        }
        Operation::Refresh { relation, query, rules, layout, on_change } => {
            let asked = refresh::Asked { rules: &rules, layout: &layout, on_change };
            refresh::refresh(cx, &relation, &query, &asked, gate).await
        }
        Operation::Export { relation, query, rules, export, layout } => {
            let asked = export::Asked { rules: &rules, export: &export, layout: &layout };
            export::export(cx, &relation, &query, &asked, gate).await
        }
        Operation::Load { relation, schema, types, batches, layout } => {
            let rows = load::Rows { schema, types, batches };
            load::load(cx, &relation, rows, &layout, gate).await
        }
        Operation::Append { relation, batch } => append::append(cx, &relation, batch, gate).await,
        Operation::Arrange { relation, layout } => arrange::arrange(cx, &relation, &layout, gate).await,
        Operation::Overwrite { relation, query, partition_by, predicates } => {
            overwrite::overwrite(cx, &relation, &query, (&partition_by, &predicates), gate).await
        }
        Operation::Insert { relation, query } => insert::insert(cx, &relation, &query, gate).await,
        Operation::Merge { relation, query, merge } => merge::merge(cx, &relation, &query, &merge, gate).await,
        Operation::DeleteInsert { relation, query, delete } => {
            delete_insert::delete_insert(cx, &relation, &query, &delete, gate).await
        }
        Operation::Alter { relation, changes } => alter::alter(cx, &relation, &changes, gate).await,
        Operation::Widen { relation, columns } => widen::widen(cx, &relation, &columns, gate).await,
        Operation::Constrain { relation, rules } => constrain::constrain(cx, &relation, &rules, gate).await,
        Operation::Describe { relation, comments } => describe::describe(cx, &relation, &comments, gate).await,
        Operation::Drop { relation } => drop::drop(cx, &relation, gate),
        Operation::Execute { sql } => execute::execute(cx, &sql, gate).await,
        Operation::Draft { relation } => publish::draft(cx, &relation, gate).await,
        Operation::Publish { relation, note } => publish::publish(cx, &relation, &note, gate).await,
        Operation::Reject { relation, why } => publish::reject(cx, &relation, why.as_deref()),
        Operation::Maintain { relation, is_dry, note } => maintain::maintain(cx, &relation, is_dry, &note, gate).await,
        Operation::Restore { relation, to, note } => restore::restore(cx, &relation, to, &note, gate).await,
        Operation::Reopen { relation } => publish::reopen(cx, &relation),
    }
}

/// The turns of relations; what the lake does not hold needs none.
async fn turns(cx: &Context, mut relations: Vec<Relation>, gate: &Gate) -> Result<Vec<Turn>, EngineError> {
    relations.retain(|relation| in_lake(cx, relation).is_ok());
    cx.locks.turns(relations, gate.stop()).await
}

/// Checks that a relation is one that the lake can hold.
fn in_lake(cx: &Context, relation: &Relation) -> Result<(), EngineError> {
    if relation.schema.is_empty() || relation.identifier.is_empty() {
        return Err(EngineError::new(ErrorKind::Plan, format!("`{relation}` has an empty part")));
    }
    if relation.schema == "information_schema" {
        return Err(EngineError::new(ErrorKind::Plan, "schema `information_schema` is the catalog's own"));
    }
    if relation.database != cx.settings.database {
        let lake = &cx.settings.database;
        return Err(EngineError::new(
            ErrorKind::Unsupported,
            format!("`{relation}` is not in database `{lake}`, the only one that can be written"),
        )
        .help(format!("remove `database`, or set it to `{lake}`")));
    }
    if cx.sources.get(&relation.database, &relation.schema, &relation.identifier).is_some() {
        return Err(EngineError::new(
            ErrorKind::Plan,
            format!("`{relation}` is a source made of files and cannot be written"),
        )
        .help("give the model another name or schema"));
    }
    Ok(())
}

/// The table that an operation is about, its draft if it has one.
///
/// # Errors
/// When there is none of that name, or its log cannot be read.
async fn open_table(cx: &Context, relation: &Relation) -> Result<DeltaTable, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    if cx.lake.kind(schema, name)? != Some(RelationKind::Table) {
        return Err(no_table(relation));
    }
    cx.tables.open(schema, name).await?.ok_or_else(|| no_table(relation))
}

/// What is kept with a commit.
fn noted(note: &Map<String, Json>) -> CommitProperties {
    CommitProperties::default().with_metadata(note.clone())
}

/// The error of an operation on a table that is not there.
fn no_table(relation: &Relation) -> EngineError {
    EngineError::new(ErrorKind::Plan, format!("there is no table `{relation}`"))
}
