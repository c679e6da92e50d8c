//! Which relations an operation or a statement changes: those whose turn it waits for before it looks at anything.

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    AlterTableOperation, CommentObject, FromTable, ObjectName, ObjectType, RenameTableNameKind, Statement as Sql,
    TableFactor, TableObject,
};

use super::execute::resolve;
use crate::engine::datafusion::context::Context;
use crate::engine::{EngineError, Operation};
use crate::sql::Relation;

/// The relation that an operation changes; none where it changes nothing, or is a statement: see [`of_statement`].
pub(super) fn of<'o>(cx: &Context, operation: &'o Operation) -> Option<&'o Relation> {
    match operation {
        Operation::CreateView { relation, .. }
        | Operation::CreateTable { relation, .. }
        | Operation::Refresh { relation, .. }
        | Operation::Export { relation, .. }
        | Operation::Load { relation, .. }
        | Operation::Append { relation, .. }
        | Operation::Insert { relation, .. }
        | Operation::Merge { relation, .. }
        | Operation::DeleteInsert { relation, .. }
        | Operation::Overwrite { relation, .. }
        | Operation::Arrange { relation, .. }
        | Operation::Alter { relation, .. }
        | Operation::Widen { relation, .. }
        | Operation::Constrain { relation, .. }
        | Operation::Describe { relation, .. }
        | Operation::Drop { relation }
        | Operation::Draft { relation }
        | Operation::Maintain { relation, is_dry: false, .. }
        | Operation::Restore { relation, .. } => Some(relation),
        // Without a draft nothing happens, and nobody is waited for.
        Operation::Publish { relation, .. } | Operation::Reject { relation, .. } => {
            cx.lake.drafts().get(&relation.schema, &relation.identifier).map(|_| relation)
        }
        Operation::Maintain { is_dry: true, .. } | Operation::Reopen { .. } | Operation::Execute { .. } => None,
    }
}

/// The relations of the lake that a statement changes.
///
/// # Errors
/// When one has a name that no relation has.
pub(super) fn of_statement(cx: &Context, statement: &Statement) -> Result<Vec<Relation>, EngineError> {
    let Statement::Statement(statement) = statement else { return Ok(Vec::new()) };
    if let Sql::Drop { object_type: ObjectType::Schema, names, .. } = statement.as_ref() {
        let mut relations = Vec::new();
        for name in names {
            relations.extend(of_schema(cx, cx.session.table_reference(name)?.table())?);
        }
        return Ok(relations);
    }
    let relations = named(statement).into_iter().map(|name| Ok(resolve(cx, &cx.session.table_reference(&name)?)));
    relations.collect()
}

/// All relations of a schema, and those that somebody may be making in it.
fn of_schema(cx: &Context, schema: &str) -> Result<Vec<Relation>, EngineError> {
    let there = cx.lake.relations(schema)?.into_iter().map(|(name, _)| name);
    let names = there.chain(cx.locks.known(schema));
    Ok(names.map(|name| Relation::new(&cx.settings.database, schema, name)).collect())
}

/// The names of the relations that a statement changes, as it writes them.
fn named(statement: &Sql) -> Vec<ObjectName> {
    match statement {
        Sql::Insert(insert) => match &insert.table {
            TableObject::TableName(name) => vec![name.clone()],
            _ => Vec::new(),
        },
        Sql::Update(update) => named_by(&update.table.relation),
        Sql::Merge(merge) => named_by(&merge.table),
        Sql::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            from.iter().flat_map(|table| named_by(&table.relation)).collect()
        }
        Sql::AlterTable(alter) => {
            let new = alter.operations.iter().find_map(|operation| match operation {
                AlterTableOperation::RenameTable {
                    table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new),
                } => Some(beside(new, &alter.name)),
                _ => None,
            });
            [alter.name.clone()].into_iter().chain(new).collect()
        }
        Sql::Truncate(truncate) => truncate.table_names.iter().map(|target| target.name.clone()).collect(),
        Sql::Comment { object_type, object_name, .. } => vec![match object_type {
            CommentObject::Column => parent(object_name),
            _ => object_name.clone(),
        }],
        Sql::CreateView(view) => vec![view.name.clone()],
        Sql::CreateTable(table) => vec![table.name.clone()],
        Sql::Drop { object_type: ObjectType::Table | ObjectType::View, names, .. } => names.clone(),
        _ => Vec::new(),
    }
}

fn named_by(table: &TableFactor) -> Vec<ObjectName> {
    match table {
        TableFactor::Table { name, .. } => vec![name.clone()],
        _ => Vec::new(),
    }
}

/// The new name of a relation: in the same schema unless it says another one.
fn beside(new: &ObjectName, old: &ObjectName) -> ObjectName {
    match new.0.as_slice() {
        [alone] => ObjectName(parent(old).0.into_iter().chain([alone.clone()]).collect()),
        _ => new.clone(),
    }
}

/// A name without its last part.
fn parent(name: &ObjectName) -> ObjectName {
    ObjectName(name.0.iter().take(name.0.len().saturating_sub(1)).cloned().collect())
}
