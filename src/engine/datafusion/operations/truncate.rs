//! Removes all rows of a table, which stays.

use std::sync::Arc;

use serde_json::json;

use super::write::Uncommitted;
use super::{in_lake, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Removes the rows in one commit.
///
/// # Errors
/// When there is no such table, or the lake cannot be written to.
pub(super) async fn truncate(cx: &Context, relation: &Relation, gate: &Gate) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let table = open_table(cx, relation).await?;
    let table = cx.tables.gated(relation, table, gate)?;
    let changing = async { Ok(table.delete().with_session_state(Arc::new(cx.session.state())).await?) };
    let (table, _) = Uncommitted::watch(cx, relation, gate)?.unless_stopped(changing).await?;
    let mut outcome = Outcome::default();
    outcome.response.insert("version".to_owned(), json!(table.version()));
    Ok(outcome)
}
