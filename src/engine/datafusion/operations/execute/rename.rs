//! `alter table … rename to` and `truncate`: statements about a relation as a whole, as the operations that make them.

use datafusion::sql::sqlparser::ast::{AlterTable, AlterTableOperation, ObjectName, RenameTableNameKind, Truncate};

use super::target::resolve;
use crate::engine::datafusion::context::Context;
use crate::engine::datafusion::gate::Gate;
use crate::engine::datafusion::operations::{rename, truncate};
use crate::engine::{EngineError, Outcome};
use crate::sql::Relation;

/// Runs `alter table a rename to b`, for views too; `None` for another change. A new name without a schema stays in the old one.
///
/// # Errors
/// As [`rename::rename`].
pub(super) async fn rename_relation(
    cx: &Context,
    alter: &AlterTable,
    gate: &Gate,
) -> Option<Result<Outcome, EngineError>> {
    let [AlterTableOperation::RenameTable { table_name }] = alter.operations.as_slice() else { return None };
    let (RenameTableNameKind::As(new) | RenameTableNameKind::To(new)) = table_name;
    Some(renamed(cx, alter, new, gate).await)
}

async fn renamed(cx: &Context, alter: &AlterTable, new: &ObjectName, gate: &Gate) -> Result<Outcome, EngineError> {
    let from = resolve(cx, &cx.session.table_reference(&alter.name)?);
    if alter.if_exists && cx.lake.kind(&from.schema, &from.identifier)?.is_none() {
        return Ok(Outcome::default());
    }
    let to = cx.session.table_reference(new)?.resolve(&from.database, &from.schema);
    let to = Relation::new(to.catalog.as_ref(), to.schema.as_ref(), to.table.as_ref());
    rename::rename(cx, &from, &to, gate).await
}

/// Runs `truncate`.
///
/// # Errors
/// As [`truncate::truncate`]; the tables before the one that failed are empty.
pub(super) async fn truncate_tables(cx: &Context, statement: &Truncate, gate: &Gate) -> Result<Outcome, EngineError> {
    let mut outcome = Outcome::default();
    for target in &statement.table_names {
        let relation = resolve(cx, &cx.session.table_reference(&target.name)?);
        if statement.if_exists && cx.lake.kind(&relation.schema, &relation.identifier)?.is_none() {
            continue;
        }
        outcome = truncate::truncate(cx, &relation, gate).await?;
    }
    Ok(outcome)
}
