//! Changes the rules of a table: what its columns must not hold, and its checks. The rows that are there must keep the new rules; they are
//! read and not written anew.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, SchemaRef};
use datafusion::physical_plan::execute_stream;
use futures::TryStreamExt;

use super::create_table::ruled;
use super::{describe, in_lake, open_table};
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::row_source::RowSource;
use crate::engine::{EngineError, Outcome, Rules};
use crate::sql::{Dialect, Relation};

/// Makes `rules` the rules of a table; where they are that already, nothing happens.
///
/// # Errors
/// When there is no such table or column, or a row that is there breaks a rule.
pub(super) async fn constrain(
    cx: &Context,
    relation: &Relation,
    rules: &Rules,
    gate: &Gate,
) -> Result<Outcome, EngineError> {
    in_lake(cx, relation)?;
    let schema = open_table(cx, relation).await?.snapshot()?.snapshot().arrow_schema();
    let free = schema.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    let ruled = ruled(free.collect::<Vec<Field>>(), rules)?;
    if ruled == schema {
        return Ok(Outcome::default());
    }
    look(cx, relation, &ruled, gate).await.map_err(|error| {
        let message = format!("the rows that `{relation}` has do not keep its new constraints: {}", error.message);
        EngineError { message, ..error }.help("mend them, or rebuild the table with `--full-refresh`")
    })?;
    describe::set_schema(cx, relation, &ruled, None, gate).await
}

/// Looks at all rows of a table as if they were about to be written into these columns.
async fn look(cx: &Context, relation: &Relation, columns: &SchemaRef, gate: &Gate) -> Result<(), EngineError> {
    let plan = cx.session.plan(&format!("select * from {}", relation.render(Dialect::Generic))).await?;
    let rows = RowSource::new(Arc::clone(columns), gate.stop());
    let state = cx.session.state();
    let looking = async {
        let plan = state.create_physical_plan(&rows.plan(&state, &plan).await?).await?;
        execute_stream(plan, state.task_ctx())?.try_for_each(|_| async { Ok(()) }).await?;
        Ok(())
    };
    looking.await.map_err(|error| rows.explain(error))
}
