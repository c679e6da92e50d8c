//! Gives a relation another name.

use super::clone_table::clone_table;
use super::in_lake;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Outcome, RelationKind};
use crate::sql::Relation;

/// Renames a table or view, in one step; it may come into another schema.
///
/// # Errors
/// When there is no such relation, or one of the new name, or the lake cannot be written to.
pub(super) async fn rename(cx: &Context, from: &Relation, to: &Relation, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, from)?;
    in_lake(cx, to)?;
    if from == to {
        return Ok(Outcome::default());
    }
    let draft = |one: &Relation| cx.lake.drafts().get(&one.schema, &one.identifier);
    let has_changes = |one: &&Relation| draft(one).is_some_and(|draft| draft.kind().is_some());
    if let Some(drafted) = [from, to].into_iter().find(has_changes) {
        let message = format!("`{drafted}` cannot take part in a renaming: its new version is being made");
        return Err(EngineError::new(ErrorKind::Unsupported, message));
    }
    let kind = cx.lake.kind(&from.schema, &from.identifier)?;
    let missing = || EngineError::new(ErrorKind::Plan, format!("there is no table or view `{from}`"));
    if cx.lake.kind(&to.schema, &to.identifier)?.is_some() {
        return Err(EngineError::new(ErrorKind::Plan, format!("`{from}` cannot be renamed: `{to}` exists already"))
            .help("drop it first"));
    }
    gate.pass()?;
    // Their drafts are empty: they are what is on disk, and the names' new versions are drafts again.
    let kind = kind.ok_or_else(missing)?;
    let ended = |one: &Relation| cx.lake.drafts().end(&one.schema, &one.identifier);
    let drafted = [from, to].map(|one| (one, ended(one)));
    let renamed = rename_stored(cx, kind, from, to, gate).await;
    for (one, draft) in drafted {
        if let Some(draft) = draft {
            cx.lake.drafts().begin(&one.schema, &one.identifier, draft.anew());
        }
    }
    renamed?;
    cx.lake.remove_rejected(&from.schema, &from.identifier)?;
    Ok(Outcome::default())
}

async fn rename_stored(
    cx: &Context,
    kind: RelationKind,
    from: &Relation,
    to: &Relation,
    gate: &Gate,
) -> Result<(), EngineError> {
    match kind {
        RelationKind::View => {
            cx.lake.rename_view(from, to)?;
            // A table behind the view is a leftover, which must not come back under the old name.
            cx.lake.remove_table(&from.schema, &from.identifier)
        }
        RelationKind::Table | RelationKind::External => {
            if !cx.lake.rename_table(from, to)? {
                // A table of the new name with the same rows, and nothing of its history.
                clone_table(cx, to, from, gate).await?;
                cx.lake.remove_table(&from.schema, &from.identifier)?;
            }
            Ok(())
        }
    }
}
