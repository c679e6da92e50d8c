//! Drafts of relations: begun, published, rejected, and looked at once more. See [`drafts`](crate::engine::datafusion::drafts).

use chrono::{SecondsFormat, Utc};
use deltalake::DeltaTable;
use deltalake::checkpoints::create_checkpoint;
use deltalake::kernel::Action;
use deltalake::kernel::transaction::TransactionError;
use deltalake::logstore::{CommitOrBytes, LogStoreRef, get_actions};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::in_lake;
use super::write::remove_old_files;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::drafts::{Bytes, Draft, Rejected, Squashed};
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::{Files, LogFingerprint};
use crate::engine::datafusion::versions::maker;
use crate::engine::{EngineError, ErrorKind, Outcome};
use crate::sql::Relation;

/// From here on, changes of the relation are its draft's, and no other process makes any until that ends.
///
/// # Errors
/// When the relation is none that the lake can hold.
pub(super) async fn draft(cx: &Context, relation: &Relation, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let held = cx.locks.hold(relation, gate.stop()).await?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    if cx.lake.view(schema, name)?.is_some() {
        // A leftover table behind the view must not become the history of the draft's table.
        cx.lake.remove_table(schema, name)?;
    }
    cx.lake.drafts().begin(schema, name, Draft::holding(held));
    Ok(Outcome::default())
}

/// Makes the draft the relation, in one step; without changes nothing happens. `note` is kept with the version.
///
/// # Errors
/// [`ErrorKind::Busy`] when somebody else has changed the table since the draft was begun, or when the lake cannot be written to. The
/// draft stays.
pub(super) async fn publish(
    cx: &Context,
    relation: &Relation,
    note: &Map<String, Json>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let Some(draft) = cx.lake.drafts().get(schema, name) else { return Ok(Outcome::default()) };
    if let Some(mut view) = draft.view() {
        gate.pass()?;
        view.maker = maker(note);
        if let Some(files) = &mut view.files {
            files.publish()?;
        }
        cx.lake.drafts().end(schema, name);
        cx.lake.write_view(schema, name, &view)?;
        cx.lake.remove_table(schema, name)?;
        cx.lake.remove_rejected(schema, name)?;
        return Ok(Outcome::default());
    }
    let Some(squashed) = draft.squashed(note)? else {
        cx.lake.drafts().end(schema, name);
        return Ok(Outcome::default());
    };
    let version = commit(cx, relation, &squashed, gate).await?;
    cx.lake.remove_data_files(schema, name, &squashed.passing);
    // The version is published: what fails from here on is no failure of it.
    let tidied = cx.lake.remove_view(schema, name).and_then(|()| cx.lake.remove_rejected(schema, name));
    if let Err(error) = tidied {
        tracing::warn!(%error, "what a new version replaces could not be removed");
    }
    let mut outcome = Outcome::default();
    outcome.response.insert("version".to_owned(), json!(version));
    Ok(outcome)
}

/// Writes the draft's one commit, and says which version it is; then the draft ends.
async fn commit(cx: &Context, relation: &Relation, squashed: &Squashed, gate: &Gate) -> Result<u64, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let drafted = cx.tables.open(schema, name).await?;
    let log = cx.tables.log_on_disk(schema, name)?;
    let may_follow = squashed.is_append && cx.lake.folder().is_some();
    let version = write_commit(&log, relation, (squashed, may_follow), gate).await?;
    cx.lake.drafts().end(schema, name);
    // What the draft's only commit made of the table is what it is now.
    if let Some(drafted) = drafted.filter(|_| squashed.commits == 1) {
        let mut table = DeltaTable::new(log);
        table.state = drafted.state;
        cx.tables.remember(schema, name, &table);
    }
    if let Ok(Some(table)) = cx.tables.open(schema, name).await {
        tend(cx, relation, table).await;
    }
    Ok(version)
}

/// Writes the commit as the next version. Other tools know nothing of our locks: where they were first, rows that are only added
/// `may_follow` theirs. In a bucket, where there are no locks, the other may have added the same ones.
async fn write_commit(
    log: &LogStoreRef,
    relation: &Relation,
    (squashed, may_follow): (&Squashed, bool),
    gate: &Gate,
) -> Result<u64, EngineError> {
    let gated = gate.guard(log.clone());
    let mut version = squashed.version;
    loop {
        let bytes = CommitOrBytes::LogBytes(squashed.lines.clone().into());
        match gated.write_commit_entry(version, bytes, Uuid::new_v4()).await {
            Ok(()) => return Ok(version),
            Err(TransactionError::VersionAlreadyExists(_)) => {
                let there = log.read_commit_entry(version).await?;
                match there {
                    // A request that was sent again because its answer was lost finds what it has done itself.
                    Some(there) if there == squashed.lines.as_bytes() => return Ok(version),
                    Some(there) if may_follow && keeps_columns(version, &there)? => version += 1,
                    _ => return Err(changed(relation)),
                }
            }
            Err(other) => return Err(deltalake::DeltaTableError::from(other).into()),
        }
    }
}

/// Whether a version has the columns and rules of the one before it.
fn keeps_columns(version: u64, commit: &Bytes) -> Result<bool, EngineError> {
    let actions = get_actions(version, commit)?;
    Ok(!actions.iter().any(|action| matches!(action, Action::Metadata(_) | Action::Protocol(_))))
}

/// Now and then: a checkpoint, and the files of old versions go.
async fn tend(cx: &Context, relation: &Relation, table: DeltaTable) {
    const COMMITS_BETWEEN_CHECKPOINTS: u64 = 100;
    let log = cx.lake.fingerprint(&relation.schema, &relation.identifier).ok().flatten();
    let since = log.as_ref().and_then(LogFingerprint::checkpoint).map_or(0, |version| version + 1);
    if table.version().is_some_and(|version| version + 1 >= since + COMMITS_BETWEEN_CHECKPOINTS)
        && let Err(error) = create_checkpoint(&table, None).await
    {
        tracing::warn!(%error, "no checkpoint of a table could be written");
    }
    let table = remove_old_files(cx, table).await;
    cx.tables.remember(&relation.schema, &relation.identifier, &table);
}

fn changed(relation: &Relation) -> EngineError {
    let message = format!("`{relation}` was changed by another writer while its new version was made");
    let mut error = EngineError::new(ErrorKind::Busy, message).help("run it again: it starts from the other's version");
    error.retryable = true;
    error
}

/// Ends the draft; the relation is what it was. With a reason `why`, what the draft was is kept for inspection.
///
/// # Errors
/// When the lake cannot be written to.
pub(super) fn reject(cx: &Context, relation: &Relation, why: Option<&str>) -> Result<Outcome, EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let mut outcome = Outcome::default();
    let Some(draft) = cx.lake.drafts().end(schema, name) else { return Ok(outcome) };
    let squashed = draft.squashed(&Map::new())?;
    if let Some(squashed) = &squashed {
        cx.lake.remove_data_files(schema, name, &squashed.passing);
    }
    match why {
        Some(why) if draft.kind().is_some() => {
            let files = squashed.iter().flat_map(|squashed| squashed.added.clone()).collect();
            let rejected = Rejected {
                why: why.to_owned(),
                at: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
                view: draft.view(),
                commit: squashed.map(|squashed| (squashed.version, squashed.lines)),
                files,
            };
            cx.lake.keep_rejected(schema, name, &rejected)?;
            outcome.response.insert("kept".to_owned(), json!(true));
        }
        _ => {
            if let Some(squashed) = squashed {
                cx.lake.remove_data_files(schema, name, &squashed.added);
            }
            draft.view().and_then(|view| view.files).inspect(Files::discard);
        }
    }
    Ok(outcome)
}

/// Shows the draft that was rejected last to the statements of this process.
///
/// # Errors
/// When nothing of the relation was rejected since its last version.
pub(super) fn reopen(cx: &Context, relation: &Relation) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let Some(rejected) = cx.lake.rejected(schema, name)? else {
        let message = format!("no version of `{relation}` was rejected since its last one was published");
        return Err(EngineError::new(ErrorKind::Plan, message));
    };
    let next = cx.lake.fingerprint(schema, name)?.and_then(|log| log.version()).map_or(0, |version| version + 1);
    if rejected.commit.as_ref().is_some_and(|(version, _)| *version != next) {
        let message =
            format!("the version of `{relation}` that was rejected cannot be shown: it has another one since");
        return Err(EngineError::new(ErrorKind::Plan, message));
    }
    let mut outcome = Outcome::default();
    outcome.response.insert("why".to_owned(), json!(rejected.why));
    outcome.response.insert("at".to_owned(), json!(rejected.at));
    cx.lake.drafts().put(schema, name, Draft::from(rejected));
    Ok(outcome)
}
