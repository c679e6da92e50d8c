//! Changes of relations in words of GoogleSQL. Each text is one job.
//!
//! One statement is atomic. Where several are needed they are a script with a transaction around what changes rows
//! (<https://cloud.google.com/bigquery/docs/transactions>): it ends with the script where one of them fails.

use arrow::datatypes::{DataType, Field, FieldRef, Schema};

use serde_json::{Value as Json, json};

use super::types::{sql_type, wider};
use crate::base::quoted_list;
use crate::engine::{
    Check, ColumnChange, Delete, EngineError, ErrorKind, Grain, Granularity, Layout, Merge, PartitionColumn,
    RelationKind, Rules,
};
use crate::sql::Dialect;

/// The rows of the table in conditions of users, and those of the query.
const DEST: &str = "DBT_INTERNAL_DEST";
const SOURCE: &str = "DBT_INTERNAL_SOURCE";

/// How the error begins that rows raise which have a key that others have, too.
pub(super) const DUPLICATE_KEY: &str = "duplicate key: ";

/// A statement, or a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// Its text.
    pub(super) sql: String,
    /// How many lines of ours stand before the query of the operation.
    pub(super) lines_before: usize,
}

impl Statement {
    /// A statement that no query is part of.
    pub(super) fn plain(sql: impl Into<String>) -> Self {
        Statement { sql: sql.into(), lines_before: 0 }
    }

    /// A statement with a query between two texts.
    fn around(before: &str, query: &str, after: &str) -> Self {
        let lines_before = before.matches('\n').count();
        Statement { sql: format!("{before}{query}{after}"), lines_before }
    }
}

fn quote(name: &str) -> String {
    Dialect::BigQuery.quote(name)
}

fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(quote).collect::<Vec<_>>().join(", ")
}

fn and(conditions: impl IntoIterator<Item = String>) -> String {
    conditions.into_iter().collect::<Vec<_>>().join(" and ")
}

/// Makes or replaces a view.
pub(super) fn create_view(name: &str, query: &str) -> Statement {
    Statement::around(&format!("create or replace view {name} as\n"), query, "")
}

/// Drops a relation of a kind, as the first line of a script.
pub(super) fn drop(name: &str, kind: RelationKind) -> String {
    let word = match kind {
        RelationKind::Table => "table",
        RelationKind::View => "view",
        RelationKind::External => "external table",
    };
    format!("drop {word} if exists {name};\n")
}

/// How a table is kept on disk: in the words of a statement, and in those of its resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Storage {
    clauses: String,
    /// What the new version of a table must have in common with the one that it replaces; null where there is nothing.
    pub(super) kept: Json,
}

impl Storage {
    /// The storage that a layout asks for; `columns` are those of the rows.
    pub(super) fn of(layout: &Layout, columns: Option<&Schema>) -> Result<Self, EngineError> {
        let partition = match columns {
            Some(columns) => partition(&layout.partition_by, columns)?,
            None => None,
        };
        let (by, partitions) = partition.unwrap_or_default();
        let clusters: Vec<&str> = layout.sort_by.iter().map(|name| name.trim().trim_matches('`')).collect();
        let clauses = match clusters.is_empty() {
            true => by,
            false => format!("{by}\ncluster by {}", list(clusters.iter().copied())),
        };
        Ok(Storage { clauses, kept: kept_storage(partitions, clusters.into_iter()) })
    }
}

/// What two versions of a table must have in common, from how its rows are apart, null where they are not, and what they lie together by.
pub(super) fn kept_storage<'a>(partitions: Json, clusters: impl Iterator<Item = &'a str>) -> Json {
    let clusters: Vec<String> = clusters.map(str::to_lowercase).collect();
    match partitions.is_null() && clusters.is_empty() {
        true => Json::Null,
        false => json!([partitions, clusters]),
    }
}

/// Makes or replaces a table. `columns` are those of the query, where its rules need them.
pub(super) fn create_table(
    name: &str,
    query: &str,
    (rules, storage): (&Rules, &Storage),
    columns: Option<&Schema>,
) -> Statement {
    let declared = match columns {
        Some(columns) if !rules.not_null.is_empty() => declared(columns, rules),
        _ => String::new(),
    };
    let before = format!("create or replace table {name}{declared}{} as\n", storage.clauses);
    let held = Rules { not_null: Vec::new(), checks: rules.checks.clone() };
    match self::held(query, &held) {
        None => Statement::around(&before, query, ""),
        Some(Statement { sql, lines_before }) => {
            let statement = Statement::around(&before, &sql, "");
            Statement { lines_before: statement.lines_before + lines_before, ..statement }
        }
    }
}

/// The query of rows that keep rules; a row that breaks one is an error. Nothing where there are none.
pub(super) fn held(query: &str, rules: &Rules) -> Option<Statement> {
    let present = rules.not_null.iter().map(|column| {
        let said = Dialect::BigQuery.text(&format!("a row has no value in `{column}`"));
        format!("if({} is null, error({said}), true)", quote(column))
    });
    let conditions = and(present.chain(rules.checks.iter().map(kept)));
    let after = format!("\n) as query_rows\nwhere {conditions}");
    (!conditions.is_empty()).then(|| Statement::around("select * from (\n", query, &after))
}

/// A condition that is true of rows that keep a check, and an error of others.
fn kept(Check { name, expression }: &Check) -> String {
    let name = name.as_ref().map_or_else(String::new, |name| format!(" `{name}`"));
    let said = Dialect::BigQuery.text(&format!("a row breaks the check{name}: {expression}"));
    format!("if(({expression}) is false, error({said}), true)")
}

/// The columns of a table with what its rules say of each.
fn declared(columns: &Schema, rules: &Rules) -> String {
    let column = |field: &FieldRef| {
        let must = rules.not_null.iter().any(|name| name.eq_ignore_ascii_case(field.name()));
        format!("{} {}{}", quote(field.name()), sql_type(field), if must { " not null" } else { "" })
    };
    format!(" (\n  {}\n)", columns.fields().iter().map(column).collect::<Vec<_>>().join(",\n  "))
}

/// What a table is partitioned by, one column of days, times or whole numbers: a clause, and the resource's words for it.
fn partition(partition_by: &[PartitionColumn], columns: &Schema) -> Result<Option<(String, Json)>, EngineError> {
    let [column] = partition_by else {
        return match partition_by {
            [] => Ok(None),
            several => {
                let names: Vec<&str> = several.iter().map(|column| column.name.as_str()).collect();
                let message =
                    format!("a table of BigQuery is partitioned by one column, not by {}", quoted_list(&names));
                let error = EngineError::new(ErrorKind::Unsupported, message);
                Err(error.help("name one in `partition_by`, and the others in `cluster_by`"))
            }
        };
    };
    let Some(field) = find(columns, &column.name) else {
        let message = format!("`partition_by` names the column `{}`, which the query does not have", column.name);
        return Err(EngineError::new(ErrorKind::Plan, message));
    };
    let time = |grain: Granularity| json!([grain.as_str().to_uppercase(), field.name().to_lowercase()]);
    let (by, kept) = match (column.grain, field.data_type()) {
        (Grain::Value, DataType::Date32 | DataType::Timestamp(..)) => {
            (partition_key(column, columns), time(Granularity::Day))
        }
        (Grain::Time(grain), DataType::Date32 | DataType::Timestamp(..)) => {
            (partition_key(column, columns), time(grain))
        }
        (Grain::Range { start, end: Some(end), interval }, DataType::Int64) => {
            let by = format!("range_bucket({}, generate_array({start}, {end}, {interval}))", quote(field.name()));
            (by, json!([field.name().to_lowercase(), start, end, interval]))
        }
        // Its partitions are known to `insert_overwrite` alone.
        _ => {
            let name = field.name();
            tracing::warn!(
                "a table is not partitioned by `{name}`: BigQuery takes days, times, and whole numbers with a `range` that has an end"
            );
            return Ok(None);
        }
    };
    Ok(Some((format!("\npartition by {by}"), kept)))
}

fn find<'a>(columns: &'a Schema, name: &str) -> Option<&'a FieldRef> {
    columns.fields().iter().find(|field| field.name().eq_ignore_ascii_case(name))
}

/// Appends rows: these columns of the query.
pub(super) fn insert(name: &str, query: &str, columns: &[&str]) -> Statement {
    let columns = list(columns.iter().copied());
    Statement::around(&format!("insert into {name} ({columns})\nselect {columns} from (\n"), query, "\n)")
}

/// Merges rows: these columns of the query. Rows that have a key that others have, too, raise an error.
pub(super) fn merge(name: &str, query: &str, columns: &[&str], merge: &Merge) -> Statement {
    let all = list(columns.iter().copied());
    let keys: Vec<String> = merge.unique_key.iter().map(|key| quote(key)).collect();
    let same = keys.iter().map(|key| format!("{SOURCE}.{key} = {DEST}.{key}"));
    let on = and(same.chain(merge.predicates.iter().map(|predicate| format!("({predicate})"))));
    let on = if keys.is_empty() { "false".to_owned() } else { on };
    let is_in = |names: &[String], column: &str| names.iter().any(|name| name.eq_ignore_ascii_case(column));
    let updated = columns.iter().filter(|column| match merge.update_columns.is_empty() {
        true => !is_in(&merge.exclude_columns, column),
        false => is_in(&merge.update_columns, column),
    });
    let updated: Vec<String> =
        updated.map(|column| format!("{column} = {SOURCE}.{column}", column = quote(column))).collect();
    let update = match keys.is_empty() || updated.is_empty() {
        true => String::new(),
        false => format!("when matched then update set\n  {}\n", updated.join(",\n  ")),
    };
    let (counted, once) = match keys.is_empty() {
        true => ("", String::new()),
        false => {
            (", count(*) over (partition by KEY) as dbt_internal_times", format!("\nwhere {}", once(merge, &keys)))
        }
    };
    let counted = counted.replace("KEY", &keys.join(", "));
    Statement::around(
        &format!("merge into {name} as {DEST}\nusing (\nselect {all} from (select query_rows.*{counted} from (\n"),
        query,
        &format!(
            "\n) as query_rows){once}\n) as {SOURCE}\non {on}\n{update}when not matched then insert ({all}) values ({all})"
        ),
    )
}

/// A condition that is true of rows whose key no other row has, and an error of others. A null is no key.
fn once(merge: &Merge, keys: &[String]) -> String {
    let is_key = and(keys.iter().map(|key| format!("{key} is not null")));
    let names = Dialect::BigQuery.text(&quoted_list(&merge.unique_key));
    let values = keys
        .iter()
        .zip(&merge.unique_key)
        .map(|(key, name)| format!("{}, format('%t', {key})", Dialect::BigQuery.text(&format!("{name} = "))));
    let values = values.collect::<Vec<_>>().join(", ', ', ");
    format!(
        "if(dbt_internal_times > 1 and {is_key}, error(concat('{DUPLICATE_KEY}the query has ', cast(dbt_internal_times as string), ' rows for one value of the unique key ', {names}, ': ', {values})), true)"
    )
}

/// Removes rows and appends others: these columns of the query.
pub(super) fn delete_insert(name: &str, query: &str, columns: &[&str], delete: &Delete) -> Statement {
    let same = delete.unique_key.iter().map(|key| format!("{SOURCE}.{key} = {DEST}.{key}", key = quote(key)));
    let same = and(same);
    let among =
        (!same.is_empty()).then(|| format!("exists (select 1 from dbt_internal_rows as {SOURCE} where {same})"));
    let conditions = among.into_iter().chain(delete.predicates.iter().map(|predicate| format!("({predicate})")));
    replace(name, query, columns, ("", &and(conditions)))
}

/// Replaces the partitions that the query has rows for, or all rows where there are no partitions. The partitions are looked up first:
/// only conditions with constants let BigQuery leave the others unread.
pub(super) fn overwrite(
    name: &str,
    query: &str,
    columns: &[&str],
    (partition_by, predicates): (&[PartitionColumn], &[String]),
    table: &Schema,
) -> Statement {
    let mut declared = String::new();
    let mut conditions: Vec<String> = Vec::new();
    for (at, column) in partition_by.iter().enumerate() {
        let key = partition_key(column, table);
        declared.push_str(&format!(
            "declare dbt_internal_partitions_{at} default (select array_agg(distinct {key} ignore nulls) from dbt_internal_rows);\n\
             declare dbt_internal_null_{at} default (select logical_or({key} is null) from dbt_internal_rows);\n"
        ));
        conditions.push(format!(
            "({key} in unnest(dbt_internal_partitions_{at}) or ({key} is null and dbt_internal_null_{at}))"
        ));
    }
    conditions.extend(predicates.iter().map(|predicate| format!("({predicate})")));
    let conditions = and(conditions);
    replace(name, query, columns, (&declared, if conditions.is_empty() { "true" } else { &conditions }))
}

/// What is equal within a partition.
fn partition_key(column: &PartitionColumn, table: &Schema) -> String {
    let name = quote(&column.name);
    match (column.grain, find(table, &column.name).map(|field| field.data_type())) {
        (Grain::Value, Some(DataType::Timestamp(..))) => {
            partition_key(&PartitionColumn { grain: Grain::Time(Granularity::Day), ..column.clone() }, table)
        }
        (Grain::Value, _) => name,
        (Grain::Time(grain), Some(DataType::Timestamp(_, Some(_)))) => {
            format!("timestamp_trunc({name}, {})", grain.as_str())
        }
        (Grain::Time(grain), Some(DataType::Timestamp(_, None))) => {
            format!("datetime_trunc({name}, {})", grain.as_str())
        }
        (Grain::Time(Granularity::Day), _) => name,
        (Grain::Time(grain), _) => format!("date_trunc({name}, {})", grain.as_str()),
        (Grain::Range { start, interval, .. }, _) => format!("cast(floor(({name} - {start}) / {interval}) as int64)"),
    }
}

/// A script that removes the rows of which a condition is true, none where it is empty, and appends those of the query. What the condition
/// needs to know of the rows is declared before.
fn replace(name: &str, query: &str, columns: &[&str], (declared, condition): (&str, &str)) -> Statement {
    let columns = list(columns.iter().copied());
    let removed = match condition.is_empty() {
        true => String::new(),
        false => format!("delete from {name} as {DEST} where {condition};\n"),
    };
    let after = format!(
        ";\nbegin\n{declared}begin transaction;\n{removed}insert into {name} ({columns}) select {columns} from dbt_internal_rows;\ncommit transaction;\nend;\n"
    );
    Statement::around("create temp table dbt_internal_rows as\n", query, &after)
}

/// Changes of columns, one after the other.
pub(super) fn alter(name: &str, changes: &[ColumnChange], table: &Schema) -> Result<Statement, EngineError> {
    let statements = changes.iter().map(|change| change_of(name, change, table));
    let statements: Vec<String> = statements.collect::<Result<_, _>>()?;
    Ok(Statement::plain(statements.concat()))
}

fn change_of(table_name: &str, change: &ColumnChange, table: &Schema) -> Result<String, EngineError> {
    let alter = |what: String| format!("alter table {table_name} {what};\n");
    Ok(match change {
        ColumnChange::Add { field, default } => {
            let column = quote(field.name());
            let added = alter(format!("add column {column} {}", sql_type(field)));
            match default {
                Some(default) => format!("{added}update {table_name} set {column} = {default} where true;\n"),
                None => added,
            }
        }
        ColumnChange::Drop { name } => alter(format!("drop column {}", quote(name))),
        ColumnChange::Rename { name, new } => alter(format!("rename column {} to {}", quote(name), quote(new))),
        ColumnChange::Retype { field } => retype(table_name, field, table),
        ColumnChange::Nullable { name, nullable: true } => alter(format!("alter column {} drop not null", quote(name))),
        ColumnChange::Nullable { name, nullable: false } => {
            let message = format!("BigQuery lets no column of a table that is there begin to refuse nulls: `{name}`");
            return Err(EngineError::new(ErrorKind::Unsupported, message).help("make the table anew: `--full-refresh`"));
        }
    })
}

/// A column gets another type: at once where BigQuery can do that, else by a new column that takes its place, the last of the table.
fn retype(table_name: &str, field: &Field, table: &Schema) -> String {
    let (column, data_type) = (quote(field.name()), sql_type(field));
    if find(table, field.name())
        .is_some_and(|known| wider(known.data_type(), field.data_type()).as_ref() == Some(field.data_type()))
    {
        return format!("alter table {table_name} alter column {column} set data type {data_type};\n");
    }
    let new = quote(&format!("{}__dbt_alter", field.name()));
    format!(
        "alter table {table_name} drop column if exists {new};\n\
         alter table {table_name} add column {new} {data_type};\n\
         update {table_name} set {new} = cast({column} as {data_type}) where true;\n\
         alter table {table_name} drop column {column};\n\
         alter table {table_name} rename column {new} to {column};\n"
    )
}

/// The changes that let columns of a table hold the values of these.
pub(super) fn widening(table: &Schema, columns: &Schema) -> Vec<ColumnChange> {
    let wider = columns.fields().iter().filter_map(|field| {
        let known = find(table, field.name())?;
        let both = wider(known.data_type(), field.data_type())?;
        Some(ColumnChange::Retype { field: Field::new(known.name(), both, true).into() })
    });
    wider.collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::num::NonZeroU64;

    use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

    use super::{
        Statement, Storage, alter, create_table, create_view, delete_insert, insert, merge, overwrite, widening,
    };
    use crate::engine::{Check, ColumnChange, Delete, Grain, Granularity, Layout, Merge, PartitionColumn, Rules};

    const QUERY: &str = "select *\nfrom source_rows";
    const NAME: &str = "`p`.`d`.`t`";

    fn columns() -> Schema {
        let moment = DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
        Schema::new(vec![
            Field::new("id", DataType::Int64, true),
            Field::new("amount", DataType::Decimal128(10, 2), true),
            Field::new("day", DataType::Date32, true),
            Field::new("at", moment, true),
        ])
    }

    fn by(name: &str, grain: Grain) -> Vec<PartitionColumn> {
        vec![PartitionColumn { name: name.to_owned(), grain }]
    }

    fn table(rules: &Rules, layout: &Layout) -> Statement {
        let storage = Storage::of(layout, Some(&columns())).unwrap();
        create_table(NAME, QUERY, (rules, &storage), Some(&columns()))
    }

    fn texts(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn every_statement() {
        let hundred = NonZeroU64::new(100).unwrap();
        let layout = |partition_by, sort_by| Layout { partition_by, sort_by, ..Layout::default() };
        let rules = Rules {
            not_null: texts(&["ID"]),
            checks: vec![Check { name: Some("small".to_owned()), expression: "amount < 100".to_owned() }],
        };
        let range = Grain::Range { start: 0, end: Some(1000), interval: hundred };
        let all = ["id", "amount", "day", "at"];
        let key = texts(&["id", "day"]);
        let predicates = texts(&["DBT_INTERNAL_DEST.day > '2026-01-01'"]);
        let changes = [
            ColumnChange::Add {
                field: Field::new("new", DataType::Utf8, true).into(),
                default: Some("'x'".to_owned()),
            },
            ColumnChange::Drop { name: "day".to_owned() },
            ColumnChange::Rename { name: "at".to_owned(), new: "moment".to_owned() },
            ColumnChange::Retype { field: Field::new("id", DataType::Utf8, true).into() },
            ColumnChange::Nullable { name: "id".to_owned(), nullable: true },
        ];
        let wide = Schema::new(vec![Field::new("AMOUNT", DataType::Decimal128(12, 4), true)]);
        let statements = [
            ("view", create_view(NAME, QUERY)),
            ("table", table(&Rules::default(), &Layout::default())),
            ("table with rules", table(&rules, &Layout::default())),
            ("days, clustered", table(&Rules::default(), &layout(by("day", Grain::Value), texts(&["id"])))),
            ("months", table(&Rules::default(), &layout(by("DAY", Grain::Time(Granularity::Month)), Vec::new()))),
            ("hours", table(&Rules::default(), &layout(by("at", Grain::Time(Granularity::Hour)), Vec::new()))),
            ("numbers", table(&Rules::default(), &layout(by("id", range), Vec::new()))),
            ("insert", insert(NAME, QUERY, &all)),
            (
                "merge",
                merge(
                    NAME,
                    QUERY,
                    &all,
                    &Merge { unique_key: key.clone(), predicates: predicates.clone(), ..Merge::default() },
                ),
            ),
            (
                "merge of some columns",
                merge(
                    NAME,
                    QUERY,
                    &all,
                    &Merge { unique_key: texts(&["id"]), update_columns: texts(&["AMOUNT"]), ..Merge::default() },
                ),
            ),
            ("merge without a key", merge(NAME, QUERY, &all, &Merge::default())),
            (
                "delete and insert",
                delete_insert(NAME, QUERY, &all, &Delete { unique_key: key, predicates: predicates.clone() }),
            ),
            (
                "overwrite days",
                overwrite(NAME, QUERY, &all, (&by("day", Grain::Time(Granularity::Day)), &predicates), &columns()),
            ),
            (
                "overwrite hours",
                overwrite(NAME, QUERY, &all, (&by("at", Grain::Time(Granularity::Hour)), &[]), &columns()),
            ),
            ("overwrite everything", overwrite(NAME, QUERY, &all, (&[], &[]), &columns())),
            ("alter", alter(NAME, &changes, &columns()).unwrap()),
            ("widen", alter(NAME, &widening(&columns(), &wide), &columns()).unwrap()),
        ];
        let mut shown = String::new();
        for (title, Statement { sql, lines_before }) in &statements {
            let _ = writeln!(shown, "-- {title}\n{}\n", sql.trim_end());
            let at_the_query = sql.lines().nth(*lines_before);
            assert!(!sql.contains(QUERY) || at_the_query == Some("select *"), "{title}: {at_the_query:?}");
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn a_table_has_one_partition_column_that_it_has() {
        let two =
            Layout { partition_by: [by("id", Grain::Value), by("day", Grain::Value)].concat(), ..Layout::default() };
        let none = Layout { partition_by: by("nope", Grain::Value), ..Layout::default() };
        for (layout, why) in
            [(two, "one column, not by `id` and `day`"), (none, "`nope`, which the query does not have")]
        {
            let error = Storage::of(&layout, Some(&columns())).unwrap_err();
            assert!(error.message.contains(why), "{error}");
        }
    }
}
