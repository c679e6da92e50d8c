//! Lets what is written into a table from here on have a layout.

use datafusion::common::DFSchema;

use super::{in_lake, layout, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::{EngineError, Layout, Outcome};
use crate::sql::Relation;

/// Gives the table the layout. Files that are there stay as they are until something rewrites them.
///
/// # Errors
/// When there is no such table, the layout does not fit its columns or asks for other partitions, or the lake cannot be written to.
pub(super) async fn arrange(
    cx: &Context,
    relation: &Relation,
    wanted: &Layout,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let table = open_table(cx, relation).await?;
    let columns = table.snapshot()?.snapshot().arrow_schema();
    let wanted = layout::settled(relation, wanted, &columns)?;
    layout::check(&cx.session.state(), &wanted, &DFSchema::try_from(columns.as_ref().clone())?)?;
    if let Some(error) = layout::other_partitions(relation, &layout::stored(&table)?, &wanted) {
        return Err(error);
    }
    layout::keep(cx, relation, &wanted, gate).await?;
    Ok(Outcome::default())
}
