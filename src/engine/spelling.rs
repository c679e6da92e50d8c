//! Operations in words of SQL: what is logged and written to `target/run`. An engine that has no operation of its own for a change would
//! be sent this; the embedded engine does the same in one commit.

use super::{ColumnChange, Delete, Merge, Operation};
use crate::sql::{Dialect, Relation};

impl Operation {
    /// The statements that say what the operation does.
    #[must_use]
    pub fn to_sql(&self, dialect: Dialect) -> String {
        let name = |relation: &Relation| relation.render(dialect);
        match self {
            Operation::CreateView { relation, query } => {
                format!("create or replace view {} as (\n{query}\n);\n", name(relation))
            }
            Operation::CreateTable { relation, query, .. } => {
                format!("create or replace table {} as (\n{query}\n);\n", name(relation))
            }
            Operation::Load { relation, schema, batches, .. } => {
                let columns: Vec<String> = schema.fields().iter().map(|field| dialect.quote(field.name())).collect();
                let rows: usize = batches.iter().map(arrow::record_batch::RecordBatch::num_rows).sum();
                format!(
                    "create or replace table {} ({});\n-- {rows} rows of a file\n",
                    name(relation),
                    columns.join(", ")
                )
            }
            Operation::Insert { relation, query } => format!("insert into {} (\n{query}\n);\n", name(relation)),
            Operation::Merge { relation, query, merge } => merge_sql(&name(relation), query, merge, dialect),
            Operation::DeleteInsert { relation, query, delete } => {
                let name = name(relation);
                format!("{}insert into {name} (\n{query}\n);\n", delete_sql(&name, query, delete, dialect))
            }
            Operation::Alter { relation, changes } => {
                let changes = changes.iter().map(|change| change_sql(&name(relation), change, dialect));
                changes.collect()
            }
            Operation::Describe { relation, comments } => {
                let (name, text) = (name(relation), |text: &str| format!("'{}'", text.replace('\'', "''")));
                let own =
                    comments.relation.iter().map(|comment| format!("comment on table {name} is {};\n", text(comment)));
                let columns = comments.columns.iter().map(|(column, comment)| {
                    format!("comment on column {name}.{} is {};\n", dialect.quote(column), text(comment))
                });
                own.chain(columns).collect()
            }
            Operation::Drop { relation } => format!("drop table if exists {};\n", name(relation)),
            Operation::Restore { relation, to, .. } => format!("restore table {} to {to};\n", name(relation)),
            Operation::Execute { sql } => sql.clone(),
            // Steps of the engine, which are no SQL.
            Operation::Draft { .. }
            | Operation::Publish { .. }
            | Operation::Reject { .. }
            | Operation::Reopen { .. }
            | Operation::Maintain { .. } => String::new(),
        }
    }
}

fn merge_sql(name: &str, query: &str, merge: &Merge, dialect: Dialect) -> String {
    let keys = merge.unique_key.iter().map(|key| {
        let key = dialect.quote(key);
        format!("DBT_INTERNAL_SOURCE.{key} = DBT_INTERNAL_DEST.{key}")
    });
    let on: Vec<String> = keys.chain(merge.predicates.iter().map(|predicate| format!("({predicate})"))).collect();
    let on = if on.is_empty() { "false".to_owned() } else { on.join(" and ") };
    let update = match (merge.update_columns.is_empty(), merge.exclude_columns.is_empty()) {
        (false, _) => format!("update only {}", merge.update_columns.join(", ")),
        (true, false) => format!("update all but {}", merge.exclude_columns.join(", ")),
        (true, true) => "update all".to_owned(),
    };
    format!(
        "merge into {name} as DBT_INTERNAL_DEST\nusing (\n{query}\n) as DBT_INTERNAL_SOURCE\non {on}\n\
         when matched then {update}\nwhen not matched then insert all;\n"
    )
}

fn delete_sql(name: &str, query: &str, delete: &Delete, dialect: Dialect) -> String {
    let keys: Vec<String> = delete.unique_key.iter().map(|key| dialect.quote(key)).collect();
    let keys = (!keys.is_empty()).then(|| {
        let keys = keys.join(", ");
        format!("({keys}) in (select {keys} from (\n{query}\n) as DBT_INTERNAL_SOURCE)")
    });
    let conditions: Vec<String> = keys.into_iter().chain(delete.predicates.iter().cloned()).collect();
    match conditions.is_empty() {
        true => String::new(),
        false => format!("delete from {name} as DBT_INTERNAL_DEST where {};\n", conditions.join(" and ")),
    }
}

fn change_sql(name: &str, change: &ColumnChange, dialect: Dialect) -> String {
    let quote = |column: &str| dialect.quote(column);
    let what = match change {
        ColumnChange::Add { field, .. } => format!("add column {} {}", quote(field.name()), field.data_type()),
        ColumnChange::Drop { name } => format!("drop column {}", quote(name)),
        ColumnChange::Rename { name, new } => format!("rename column {} to {}", quote(name), quote(new)),
        ColumnChange::Retype { field } => format!("alter column {} type {}", quote(field.name()), field.data_type()),
        ColumnChange::Nullable { name, nullable: true } => format!("alter column {} drop not null", quote(name)),
        ColumnChange::Nullable { name, nullable: false } => format!("alter column {} set not null", quote(name)),
    };
    format!("alter table {name} {what};\n")
}
