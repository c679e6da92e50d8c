//! Drops a relation of any kind, or a schema.

use super::in_lake;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Outcome};
use crate::sql::Relation;

/// Drops a relation; none of that name is success.
///
/// # Errors
/// When the lake cannot be written to.
pub(super) fn drop(cx: &Context, relation: &Relation, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    gate.pass()?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    // Of what is dropped there is no new version either; one that is made after that is a draft again.
    let drafted = cx.lake.drafts().end(schema, name);
    cx.lake.remove_rejected(schema, name)?;
    // A table behind a view is a leftover: it goes first, or dropping the view would bring it back.
    cx.lake.remove_table(schema, name)?;
    cx.lake.remove_view(schema, name)?;
    if let Some(drafted) = drafted {
        cx.lake.drafts().begin(schema, name, drafted.anew());
    }
    Ok(Outcome::default())
}

/// Drops a schema, with `cascade` together with its relations.
///
/// # Errors
/// When it has relations and `cascade` was not said, or the lake cannot be written to.
pub(super) fn drop_schema(cx: &Context, schema: &str, cascade: bool, gate: &Gate) -> Result<Outcome, EngineError> {
    let relations = cx.lake.relations(schema)?;
    if !cascade && let Some((first, _)) = relations.first() {
        let message = format!("schema `{schema}` is not empty: it has `{first}`");
        return Err(EngineError::new(ErrorKind::Execution, message).help("write `drop schema … cascade`"));
    }
    gate.pass()?;
    let drafted = cx.lake.drafts().names(schema);
    for name in drafted.iter().chain(relations.iter().map(|(name, _)| name)) {
        cx.lake.remove_rejected(schema, name)?;
    }
    let drafted: Vec<_> =
        drafted.into_iter().filter_map(|name| Some((cx.lake.drafts().end(schema, &name)?, name))).collect();
    cx.lake.remove_schema(schema)?;
    drafted.iter().for_each(|(draft, name)| cx.lake.drafts().begin(schema, name, draft.anew()));
    Ok(Outcome::default())
}
