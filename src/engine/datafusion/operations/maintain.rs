//! Keeps the files of a table in order: few and large ones, rows that are read together in the same ones, and none of versions that nobody
//! asks for any more.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;

use deltalake::kernel::Action;
use deltalake::operations::optimize::OptimizeType;
use deltalake::{DeltaTable, logstore::get_actions};
use serde_json::{Map, Value as Json, json};

use super::write::{Uncommitted, old_files};
use super::{in_lake, layout, noted, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, Layout, Outcome};
use crate::sql::Relation;

/// The size of a file that others are put together to, in bytes, where the table says nothing: what Delta Lake's own default is.
const TARGET: NonZeroU64 = NonZeroU64::new(100 << 20).expect("above zero");

/// What is kept with a commit that brought rows together, under the key of our notes: the columns.
const ZORDERED_BY: &str = "zorderedBy";

/// Puts small files together or rows of the same values near each other, and removes old files; or says what there is to do.
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
    let mut table = open_table(cx, relation).await?;
    let work = Work::of(cx, relation, &table).await?;
    if work.files() > 0 && !is_dry {
        let uncommitted = Uncommitted::watch(cx, relation, gate)?;
        table = uncommitted.unless_stopped(work.run(cx, relation, table, note, gate)).await?;
    }
    let mut old = old_files(cx, &table).with_dry_run(true).await?.1.files_deleted;
    // The log names files for a while that are gone already.
    let there = cx.lake.data_files(schema, name)?;
    old.retain(|file| there.contains_key(file));
    let bytes: u64 = old.iter().filter_map(|file| there.get(file)).sum();
    if !old.is_empty() && !is_dry {
        let gated = cx.tables.gated(relation, table, gate)?;
        table = old_files(cx, &gated).with_commit_properties(noted(note)).await?.0;
    }
    if !is_dry {
        cx.tables.remember(schema, name, &table);
    }
    let mut outcome = Outcome::default();
    let mut say = |key: &str, value: Json| drop(outcome.response.insert(key.to_owned(), value));
    match &work {
        Work::Compact { small, .. } => say("small_files", json!(small)),
        Work::ZOrder { files, columns, .. } => {
            say("zordered_files", json!(files));
            say("zordered_by", json!(columns));
        }
    }
    say("removed_files", json!(old.len()));
    say("removed_bytes", json!(bytes));
    Ok(outcome)
}

/// What there is to do with the files that the table has.
enum Work {
    /// Small ones are put together.
    Compact { small: usize, layout: Layout },
    /// The rows of all are brought together by columns.
    ZOrder { files: usize, columns: Vec<String>, layout: Layout },
}

impl Work {
    async fn of(cx: &Context, relation: &Relation, table: &DeltaTable) -> Result<Self, EngineError> {
        let layout = layout::stored(table)?;
        let snapshot = table.snapshot()?;
        let schema = snapshot.snapshot().arrow_schema();
        let is_there = |column: &&String| schema.field_with_name(column).is_ok();
        let columns: Vec<String> = layout.zorder_by.iter().filter(is_there).cloned().collect();
        if columns.is_empty() {
            return Ok(Work::Compact { small: small_files(table, target(&layout))?, layout });
        }
        let is_done = is_zordered(cx, relation, &columns).await?;
        let files = if is_done { 0 } else { snapshot.log_data().iter().count() };
        Ok(Work::ZOrder { files, columns, layout })
    }

    /// How many files are written anew.
    fn files(&self) -> usize {
        match self {
            Work::Compact { small, .. } => *small,
            Work::ZOrder { files, .. } => *files,
        }
    }

    async fn run(
        &self,
        cx: &Context,
        relation: &Relation,
        table: DeltaTable,
        note: &Map<String, Json>,
        gate: &Gate,
    ) -> Result<DeltaTable, EngineError> {
        let mut note = note.clone();
        let (kind, layout) = match self {
            Work::Compact { layout, .. } => (OptimizeType::Compact, layout),
            Work::ZOrder { columns, layout, .. } => {
                note.insert(ZORDERED_BY.to_owned(), json!(columns));
                (OptimizeType::ZOrder(columns.clone()), layout)
            }
        };
        let gated = cx.tables.gated(relation, table, gate)?;
        let (table, _) = gated
            .optimize()
            .with_type(kind)
            .with_target_size(target(layout))
            .with_writer_properties(layout::writer_properties(layout))
            .with_session_state(Arc::new(cx.session.state()))
            .with_commit_properties(noted(&note))
            .await?;
        Ok(table)
    }
}

fn target(layout: &Layout) -> NonZeroU64 {
    layout.target_file_size.unwrap_or(TARGET)
}

/// How many files are to be put together; one alone in its partition is none.
fn small_files(table: &DeltaTable, target: NonZeroU64) -> Result<usize, EngineError> {
    let state = table.snapshot()?;
    let is_small = |size: i64| u64::try_from(size).is_ok_and(|size| size < target.get() / 2);
    let mut small: HashMap<Vec<(String, Option<String>)>, usize> = HashMap::new();
    for file in state.log_data().iter().filter(|file| is_small(file.size())) {
        let mut partition: Vec<_> = file.partition_values_map().into_iter().collect();
        partition.sort_unstable();
        *small.entry(partition).or_default() += 1;
    }
    Ok(small.into_values().filter(|files| *files > 1).sum())
}

/// Whether nothing has changed the rows since they were brought together by these columns.
async fn is_zordered(cx: &Context, relation: &Relation, columns: &[String]) -> Result<bool, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let log = cx.tables.log_on_disk(schema, name)?;
    for number in cx.lake.commits(schema, name)?.into_iter().rev() {
        let Some(commit) = log.read_commit_entry(number).await? else { return Ok(false) };
        let info = get_actions(number, &commit)?.into_iter().find_map(|action| match action {
            Action::CommitInfo(info) => Some(info),
            _ => None,
        });
        let Some(info) = info else { return Ok(false) };
        // Removing old files leaves those of the version as they are.
        if !info.operation.as_deref().is_some_and(|operation| operation.starts_with("VACUUM")) {
            return Ok(info.info.get(ZORDERED_BY) == Some(&json!(columns)));
        }
    }
    Ok(false)
}
