//! Makes a table what it was.

use serde_json::{Map, Value as Json, json};

use super::{in_lake, noted, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, ErrorKind, Outcome, PointInTime};
use crate::sql::Relation;

/// Makes a new version with the rows and columns of an earlier one; `note` is kept with it.
///
/// # Errors
/// When there is no such version, its files are gone, or it is what the table is.
pub(super) async fn restore(
    cx: &Context,
    relation: &Relation,
    to: PointInTime,
    note: &Map<String, Json>,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let (schema, name) = (relation.schema.as_str(), relation.identifier.as_str());
    if cx.lake.view(schema, name)?.is_some() {
        let message = format!("`{relation}` is a view: it has no versions");
        return Err(EngineError::new(ErrorKind::Plan, message));
    }
    let version = cx.tables.version_at((schema, name), to).await?;
    let table = open_table(cx, relation).await?;
    if table.version() == Some(version.number) {
        let message = format!("version {} of `{relation}` is the one that it has", version.number);
        return Err(EngineError::new(ErrorKind::Plan, message));
    }
    let restoring = cx.tables.gated(relation, table, gate)?.restore();
    let (restored, _) = restoring.with_version_to_restore(version.number).with_commit_properties(noted(note)).await?;
    cx.tables.remember(schema, name, &restored);
    let mut outcome = Outcome { rows: version.rows, ..Outcome::default() };
    outcome.response.insert("version".to_owned(), json!(restored.version()));
    outcome.response.insert("restored".to_owned(), json!(version.number));
    Ok(outcome)
}
