//! Drafts of relations: begun, published, rejected, and looked at once more. See [`drafts`](crate::engine::datafusion::drafts).

use chrono::{SecondsFormat, Utc};
use deltalake::DeltaTable;
use deltalake::checkpoints::create_checkpoint;
use deltalake::kernel::transaction::TransactionError;
use deltalake::logstore::CommitOrBytes;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::in_lake;
use super::write::remove_old_files;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::drafts::{Draft, Rejected, Squashed};
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::LogFingerprint;
use crate::engine::datafusion::versions::maker;
use crate::engine::{EngineError, ErrorKind, Outcome};
use crate::sql::Relation;

/// From here on, changes of the relation are its draft's.
///
/// # Errors
/// When the relation is none that the lake can hold.
pub(super) fn draft(cx: &Context, relation: &Relation) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    if cx.lake.view(schema, name)?.is_some() {
        // A leftover table behind the view must not become the history of the draft's table.
        cx.lake.remove_table(schema, name)?;
    }
    cx.lake.drafts().begin(schema, name);
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
    let _turn = cx.turns.wait(relation).await;
    let Some(draft) = cx.lake.drafts().get(schema, name) else { return Ok(Outcome::default()) };
    if let Some(mut view) = draft.view() {
        gate.pass()?;
        view.maker = maker(note);
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
    commit(cx, relation, &squashed, gate).await?;
    cx.lake.remove_data_files(schema, name, &squashed.passing);
    // The version is published: what fails from here on is no failure of it.
    let tidied = cx.lake.remove_view(schema, name).and_then(|()| cx.lake.remove_rejected(schema, name));
    if let Err(error) = tidied {
        tracing::warn!(%error, "what a new version replaces could not be removed");
    }
    let mut outcome = Outcome::default();
    outcome.response.insert("version".to_owned(), json!(squashed.version));
    Ok(outcome)
}

/// Writes the draft's one commit; then the draft ends.
async fn commit(cx: &Context, relation: &Relation, squashed: &Squashed, gate: &Gate) -> Result<(), EngineError> {
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    let drafted = cx.tables.open(schema, name).await?;
    let log = cx.tables.log_on_disk(schema, name)?;
    let bytes = CommitOrBytes::LogBytes(squashed.lines.clone().into());
    gate.guard(log.clone()).write_commit_entry(squashed.version, bytes, Uuid::new_v4()).await.map_err(|error| {
        match error {
            TransactionError::VersionAlreadyExists(_) => changed(relation),
            other => deltalake::DeltaTableError::from(other).into(),
        }
    })?;
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
    Ok(())
}

/// Now and then: a checkpoint, and the files of old versions go.
async fn tend(cx: &Context, relation: &Relation, table: DeltaTable) {
    const COMMITS_BETWEEN_CHECKPOINTS: u64 = 100;
    let log = cx.lake.fingerprint(&relation.schema, &relation.identifier);
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
    let message = format!("`{relation}` was changed by another process while its new version was made");
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
    let next = cx.lake.fingerprint(schema, name).and_then(|log| log.version()).map_or(0, |version| version + 1);
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
