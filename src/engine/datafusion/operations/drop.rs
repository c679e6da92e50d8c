//! Drops a relation of any kind.

use super::in_lake;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Drops a relation; none of that name is success.
///
/// # Errors
/// When the lake cannot be written to.
pub(super) fn drop(cx: &Context, relation: &Relation, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    gate.pass()?;
    // A table behind a view is a leftover: it goes first, or dropping the view would bring it back.
    cx.lake.remove_table(&relation.schema, &relation.identifier)?;
    cx.lake.remove_view(&relation.schema, &relation.identifier)?;
    Ok(Outcome::default())
}
