//! Keeps the files of a table in order: few and large ones, and none of versions that nobody asks for any more.

use std::num::NonZeroU64;
use std::sync::Arc;

use deltalake::DeltaTable;
use deltalake::operations::optimize::OptimizeType;
use serde_json::{Map, Value as Json, json};

use super::write::{Uncommitted, old_files};
use super::{in_lake, noted, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// The size of a file that others are put together to, in bytes: what Delta Lake's own default is.
const TARGET: NonZeroU64 = NonZeroU64::new(100 << 20).expect("above zero");

/// Puts small files together and removes old ones, or says what there is to do.
///
/// # Errors
/// When there is no such table, or the lake cannot be written to; the table is what it was.
pub(super) async fn maintain(
    cx: &Context,
    relation: &Relation,
    is_dry: bool,
    note: &Map<String, Json>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let _turn = cx.turns.wait(relation).await;
    let mut table = open_table(cx, relation).await?;
    let small = small_files(&table)?;
    if small > 0 && !is_dry {
        let uncommitted = Uncommitted::watch(cx, relation);
        table = uncommitted.unless_stopped(gate, compact(cx, relation, table, note, gate)).await?;
    }
    let mut old = old_files(cx, &table).with_dry_run(true).await?.1.files_deleted;
    // The log names files for a while that are gone already.
    old.retain(|file| cx.lake.has_data_file(schema, name, file));
    let bytes: u64 = old.iter().map(|file| cx.lake.file_size(&cx.lake.table_dir(schema, name).join(file))).sum();
    if !old.is_empty() && !is_dry {
        let gated = cx.tables.gated(relation, table, gate)?;
        table = old_files(cx, &gated).with_commit_properties(noted(note)).await?.0;
    }
    if !is_dry {
        cx.tables.remember(schema, name, &table);
    }
    let mut outcome = Outcome::default();
    for (key, value) in
        [("small_files", json!(small)), ("removed_files", json!(old.len())), ("removed_bytes", json!(bytes))]
    {
        outcome.response.insert(key.to_owned(), value);
    }
    Ok(outcome)
}

/// How many files are to be put together; one alone is none.
fn small_files(table: &DeltaTable) -> Result<usize, EngineError> {
    let state = table.snapshot()?;
    let is_small = |size: i64| u64::try_from(size).is_ok_and(|size| size < TARGET.get() / 2);
    let small = state.log_data().iter().filter(|file| is_small(file.size())).count();
    Ok(if small > 1 { small } else { 0 })
}

async fn compact(
    cx: &Context,
    relation: &Relation,
    table: DeltaTable,
    note: &Map<String, Json>,
    gate: &Gate,
) -> Result<DeltaTable, EngineError> {
    let gated = cx.tables.gated(relation, table, gate)?;
    let (table, _) = gated
        .optimize()
        .with_type(OptimizeType::Compact)
        .with_target_size(TARGET)
        .with_session_state(Arc::new(cx.session.state()))
        .with_commit_properties(noted(note))
        .await?;
    Ok(table)
}
