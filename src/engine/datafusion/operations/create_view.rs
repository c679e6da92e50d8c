//! Makes or replaces a view: plans its query, so that a broken view is never made, and writes its file.

use super::in_lake;
use crate::engine::datafusion::catalog::within_view;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::lake::View;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Makes or replaces a view; a table of that name goes.
///
/// # Errors
/// When the query cannot be planned, or the lake cannot be written to.
pub(super) async fn create_view(
    cx: &Context,
    relation: &Relation,
    query: &str,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    within_view(&relation.to_string(), cx.session.plan(query)).await?;
    let view = View { sql: query.to_owned(), schema: Some(cx.settings.schema.clone()), ..View::default() };
    gate.pass()?;
    cx.lake.write_view(&relation.schema, &relation.identifier, &view)?;
    // From here on the name is the view; what is left of a table only takes up room.
    cx.lake.remove_table(&relation.schema, &relation.identifier)?;
    Ok(Outcome::default())
}
