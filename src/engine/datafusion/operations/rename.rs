//! Gives a relation another name.

use super::in_lake;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Outcome, RelationKind};
use crate::sql::Relation;

/// Renames a table or view, in one step; it may come into another schema.
///
/// # Errors
/// When there is no such relation, or one of the new name, or the lake cannot be written to.
pub(super) fn rename(cx: &Context, from: &Relation, to: &Relation, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, from)?;
    in_lake(cx, to)?;
    if from == to {
        return Ok(Outcome::default());
    }
    if let Some(drafted) =
        [from, to].into_iter().find(|one| cx.lake.drafts().get(&one.schema, &one.identifier).is_some())
    {
        let message = format!("`{drafted}` cannot take part in a renaming: its new version is being made");
        return Err(EngineError::new(ErrorKind::Unsupported, message));
    }
    let kind = cx.lake.kind(&from.schema, &from.identifier);
    let missing = || EngineError::new(ErrorKind::Plan, format!("there is no table or view `{from}`"));
    if cx.lake.kind(&to.schema, &to.identifier).is_some() {
        return Err(EngineError::new(ErrorKind::Plan, format!("`{from}` cannot be renamed: `{to}` exists already"))
            .help("drop it first"));
    }
    gate.pass()?;
    match kind.ok_or_else(missing)? {
        RelationKind::View => {
            cx.lake.rename_view(from, to)?;
            // A table behind the view is a leftover, which must not come back under the old name.
            cx.lake.remove_table(&from.schema, &from.identifier)?;
        }
        RelationKind::Table | RelationKind::External => cx.lake.rename_table(from, to)?,
    }
    Ok(Outcome::default())
}
