//! Operations in words of SQL: what is logged and written to `target/run`. An engine that has no operation of its own for a change would
//! be sent this; the embedded engine does the same in one commit.

use super::{ColumnChange, Delete, Layout, Merge, Operation, PartitionColumn};
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
            Operation::CreateTable { relation, query, layout, .. } => {
                let layout = layout_sql(layout, dialect);
                format!("create or replace table {}{layout} as (\n{query}\n);\n", name(relation))
            }
            Operation::Refresh { relation, query, layout, .. } => {
                let layout = layout_sql(layout, dialect);
                format!("create or replace materialized view {}{layout} as (\n{query}\n);\n", name(relation))
            }
            Operation::Export { relation, query, export, layout, .. } => {
                let place = export.location.clone().unwrap_or_else(|| relation.identifier.clone());
                let (format, layout) = (export.format.word(), layout_sql(layout, dialect));
                format!("copy (\n{query}\n) to '{}' (format {format}){layout};\n", place.replace('\'', "''"))
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
            Operation::Append { relation, batch } => {
                format!("insert into {};\n-- {} rows in memory\n", name(relation), batch.num_rows())
            }
            Operation::Insert { relation, query } => format!("insert into {} (\n{query}\n);\n", name(relation)),
            Operation::Merge { relation, query, merge } => merge_sql(&name(relation), query, merge, dialect),
            Operation::DeleteInsert { relation, query, delete } => {
                let name = name(relation);
                format!("{}insert into {name} (\n{query}\n);\n", delete_sql(&name, query, delete, dialect))
            }
            Operation::Overwrite { relation, query, partition_by, predicates } => {
                overwrite_sql(&name(relation), query, (partition_by, predicates), dialect)
            }
            Operation::Arrange { relation, layout } => {
                format!("alter table {}{};\n", name(relation), layout_sql(layout, dialect))
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
            | Operation::Maintain { .. }
            | Operation::Widen { .. }
            | Operation::Constrain { .. } => String::new(),
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

fn overwrite_sql(
    name: &str,
    query: &str,
    (partition_by, predicates): (&[PartitionColumn], &[String]),
    dialect: Dialect,
) -> String {
    let keys: Vec<String> = partition_by.iter().map(|column| column.key(&dialect.quote(&column.name))).collect();
    let same = (!keys.is_empty()).then(|| {
        let keys = keys.join(", ");
        format!("({keys}) in (select {keys} from (\n{query}\n) as DBT_INTERNAL_SOURCE)")
    });
    let conditions: Vec<String> = same.into_iter().chain(predicates.iter().cloned()).collect();
    let goes = if conditions.is_empty() { "true".to_owned() } else { conditions.join(" and ") };
    format!("delete from {name} as DBT_INTERNAL_DEST where {goes};\ninsert into {name} (\n{query}\n);\n")
}

/// What is said of a layout behind the name of a table; nothing where it says nothing.
fn layout_sql(layout: &Layout, dialect: Dialect) -> String {
    let quoted = |names: &[String]| names.iter().map(|name| dialect.quote(name)).collect::<Vec<_>>().join(", ");
    let partitions: Vec<String> =
        layout.partition_by.iter().map(|column| column.key(&dialect.quote(&column.name))).collect();
    let words = [
        (!partitions.is_empty()).then(|| format!("partitioned by ({})", partitions.join(", "))),
        (!layout.sort_by.is_empty()).then(|| format!("sorted by ({})", layout.sort_by.join(", "))),
        (!layout.zorder_by.is_empty()).then(|| format!("zorder by ({})", quoted(&layout.zorder_by))),
        layout.target_file_size.map(|size| format!("target file size {size}")),
        layout.compression.map(|compression| format!("compression {compression}")),
    ];
    words.into_iter().flatten().map(|words| format!("\n{words}")).collect()
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
