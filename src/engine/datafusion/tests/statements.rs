//! Statements of the user's own.

use super::fixture::Fixture;
use crate::engine::{ErrorKind, RelationKind};

#[tokio::test]
async fn rows_are_deleted_and_updated() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'a'), (2, 'b'), (3, 'c')) as v (id, name)").await;
    let outcome = lake.execute("delete from lake.main.t where id = 2").await.unwrap();
    assert_eq!(outcome.rows, Some(1));
    let outcome = lake.execute("update t set name = upper(name) || '!' where id > 2").await.unwrap();
    assert_eq!(outcome.rows, Some(1));
    assert_eq!(lake.rows("select * from t order by id").await, "id|name\n1|a\n3|C!");
    lake.execute("delete from t").await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n0");
}

#[tokio::test]
async fn tables_and_views_are_created_and_dropped() {
    let lake = Fixture::new();
    lake.execute("create table t as select 1 as id").await.unwrap();
    lake.execute("create view v as select id + 1 as next from t").await.unwrap();
    assert_eq!(lake.rows("select * from v").await, "next\n2");
    assert_eq!(lake.execute("create table t as select 2 as id").await.unwrap_err().kind, ErrorKind::Plan);
    lake.execute("create or replace table t as select 2 as id").await.unwrap();
    lake.execute("create table if not exists t as select 3 as id").await.unwrap();
    assert_eq!(lake.rows("select * from v").await, "next\n3");
    lake.execute("create table audit (id bigint, what varchar, at timestamp)").await.unwrap();
    lake.execute("insert into audit (what, id) values ('run', 1)").await.unwrap();
    assert_eq!(lake.rows("select * from audit").await, "id|what|at\n1|run|");
    lake.execute("drop view v").await.unwrap();
    lake.execute("drop table if exists nope").await.unwrap();
    let error = lake.execute("drop table nope").await.unwrap_err();
    assert_eq!(error.message, "there is no table or view `lake.main.nope`");
    lake.execute("create schema if not exists s").await.unwrap();
    lake.execute("create or replace view s.t as select 1 as id").await.unwrap();
    assert_eq!(lake.kind("s:t").await, Some(RelationKind::View));
}

#[tokio::test]
async fn other_statements_are_refused() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    for sql in ["set datafusion.execution.batch_size = 1", "alter table t add constraint c unique (id)", "rollback"] {
        assert_eq!(lake.execute(sql).await.unwrap_err().kind, ErrorKind::Unsupported, "{sql}");
    }
    let error = lake.execute("copy t to 'x.csv'").await.unwrap_err();
    assert_eq!(error.message, "the embedded engine cannot run `copy`");
    let error = lake.try_rows("drop table t").await.unwrap_err();
    assert_eq!(error.message, "this statement is not a query");
}

#[tokio::test]
async fn sql_that_would_be_ignored_is_refused() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as x, 2 as g").await;
    for (sql, message) in [
        ("select g, count(*) from t group by g with totals", "`group by … with totals` is not supported"),
        ("from (select 1 as a)", "a query without `select` is not supported"),
        ("with a as (from t) select * from a", "a query without `select` is not supported"),
        ("select x from t prewhere x > 5", "`prewhere` is not supported"),
        ("select x from t start with x = 1 connect by prior x = g", "`connect by` is not supported"),
        ("select x from t partition (p)", "reading partitions of `t` by name is not supported"),
        ("select x from t settings max_threads = 1", "`settings` or `format` after a query is not supported"),
        ("select * from t for json auto", "`for` after a query is not supported"),
        ("with a as (select * from t tablesample (5 rows)) select * from a", "`tablesample` of `t` is not supported"),
        (
            "create view v as select * from (select * from t tablesample (5 rows)) s",
            "`tablesample` of `t` is not supported",
        ),
    ] {
        let error = lake.execute(sql).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unsupported, message));
        assert!(error.position.is_some_and(|place| place.line == 1), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn columns_of_a_table_change() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 'a' as name union all select 2, 'b'").await;
    lake.execute("alter table t add column n int").await.unwrap();
    lake.execute("alter table t add column at timestamp, add column what varchar(10) default 'x'").await.unwrap();
    lake.execute("alter table t add column if not exists n int").await.unwrap();
    assert_eq!(lake.rows("select * from t where id = 1").await, "id|name|n|at|what\n1|a|||x");
    lake.execute("update t set n = id * 2").await.unwrap();
    lake.execute("alter table t drop column at").await.unwrap();
    lake.execute("alter table t rename column what to which").await.unwrap();
    lake.execute("alter table t alter column n set data type varchar").await.unwrap();
    assert_eq!(lake.rows("select n || '!' as n, which from t where id = 2").await, "n|which\n4!|x");
    let error = lake.execute("alter table t drop column nope").await.unwrap_err();
    assert_eq!(error.message, "`lake.main.t` has no column `nope`");
    lake.execute("alter table t alter column \"N\" type varchar").await.unwrap();
    lake.execute("alter table t add column if not exists \"N\" int").await.unwrap();
    lake.execute("alter table t rename column \"WHICH\" to \"Which\"").await.unwrap();
    assert_eq!(lake.rows("select n, \"Which\" from t where id = 2").await, "n|Which\n4|x");
    lake.execute("alter table t drop column if exists \"WHICH\"").await.unwrap();
    assert_eq!(lake.rows("select * from t where id = 2").await, "id|name|n\n2|b|4");
    let error = lake.execute("alter table t add column ID int").await.unwrap_err();
    assert_eq!(error.message, "`lake.main.t` has a column `id` already");
    let error = lake.execute("alter table nope add column x int").await.unwrap_err();
    assert_eq!(error.message, "there is no table `lake.main.nope`");
}

#[tokio::test]
async fn columns_that_hold_no_nulls_refuse_them() {
    let lake = Fixture::new();
    lake.execute("create table t (id int not null, name text)").await.unwrap();
    lake.execute("insert into t values (1, null)").await.unwrap();
    let error = lake.execute("insert into t select null, 'a'").await.unwrap_err();
    assert_eq!(error.message, "null value in column `id` violates not-null constraint");
    lake.execute("alter table t alter column name drop not null").await.unwrap();
    let error = lake.execute("alter table t alter column name set not null").await.unwrap_err();
    assert_eq!(error.message, "null value in column `name` violates not-null constraint");
    assert_eq!(lake.rows("select * from t").await, "id|name\n1|");
}

#[tokio::test]
async fn changes_may_read_other_tables() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'a'), (2, 'b'), (3, 'c')) as v (id, name)").await;
    lake.table("u", "select * from (values (2, 'B'), (4, 'D')) as v (id, name)").await;
    let outcome = lake.execute("update t set name = u.name from u where t.id = u.id").await.unwrap();
    assert_eq!(outcome.rows, Some(1));
    let outcome = lake.execute("update t set name = 'x' where id in (select id - 1 from u)").await.unwrap();
    assert_eq!(outcome.rows, Some(2));
    assert_eq!(lake.rows("select * from t order by id").await, "id|name\n1|x\n2|B\n3|x");
    let outcome = lake.execute("delete from t where id not in (select id from u)").await.unwrap();
    assert_eq!(outcome.rows, Some(2));
    lake.execute("insert into t select id, name from u where id = 4").await.unwrap();
    lake.execute("delete from t as d using u where d.id = u.id and u.name = 'D'").await.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id|name\n2|B");
}

#[tokio::test]
async fn tables_are_merged() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'a', 1), (2, 'b', 1), (3, 'c', 1)) as v (id, name, n)").await;
    lake.table("u", "select * from (values (2, 'B', false), (3, 'C', true), (4, 'D', false)) as v (id, name, gone)")
        .await;
    let merge = "merge into t as DBT_INTERNAL_DEST using (select * from u) as s on DBT_INTERNAL_DEST.id = s.id \
        when matched and s.gone then delete \
        when matched then update set name = s.name, n = DBT_INTERNAL_DEST.n + 1 \
        when not matched then insert (id, name) values (id, name)";
    let outcome = lake.execute(merge).await.unwrap();
    assert_eq!(outcome.rows, Some(3));
    assert_eq!(lake.rows("select * from t order by id").await, "id|name|n\n1|a|1\n2|B|2\n4|D|");
    let version = lake.lake_files("main/t/_delta_log").len();
    lake.execute("merge into t using (select * from u where false) s on t.id = s.id when matched then delete")
        .await
        .unwrap();
    assert_eq!(lake.lake_files("main/t/_delta_log").len(), version, "no rows: nothing is written");
    lake.execute("merge into t using u on t.id = u.id when not matched by source then delete").await.unwrap();
    assert_eq!(lake.rows("select id from t order by id").await, "id\n2\n4");
}

#[tokio::test]
async fn remarks_are_kept() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.view("v", "select id from t").await;
    for sql in [
        "comment on table t is 'the table'",
        "comment on column t.id is 'its key'",
        "comment on view v is 'the view'",
        "comment on column main.v.id is 'the same'",
    ] {
        lake.execute(sql).await.unwrap();
    }
    let remarks = "select table_name, comment from information_schema.tables where table_schema = 'main' order by 1";
    assert_eq!(lake.rows(remarks).await, "table_name|comment\nt|the table\nv|the view");
    let remarks = "select table_name, comment from information_schema.columns order by 1";
    assert_eq!(lake.rows(remarks).await, "table_name|comment\nt|its key\nv|the same");
    lake.execute("comment on table t is null").await.unwrap();
    assert_eq!(lake.rows("select comment from information_schema.tables where table_name = 't'").await, "comment\n");
}

#[tokio::test]
async fn the_catalog_is_told_in_the_words_of_the_standard() {
    let lake = Fixture::new();
    lake.execute("create table t (id int not null, n decimal(10, 2), at timestamp, x double, b boolean)")
        .await
        .unwrap();
    lake.view("v", "select id, 'x' as name from t").await;
    lake.file("target/lake/main/broken.view.json", r#"{"sql": "select * from nope"}"#);
    let tables = "select table_catalog, table_name, table_type from information_schema.tables order by 2";
    assert_eq!(
        lake.rows(tables).await,
        "table_catalog|table_name|table_type\nlake|broken|VIEW\nlake|t|BASE TABLE\nlake|v|VIEW"
    );
    let columns = "select column_name, ordinal_position as at, data_type, numeric_precision as p, numeric_scale as s, is_nullable \
        from information_schema.columns where lower(table_name) = 't' order by 2";
    assert_eq!(
        lake.rows(columns).await,
        "column_name|at|data_type|p|s|is_nullable\nid|1|integer|32|0|NO\nn|2|decimal|10|2|YES\nat|3|timestamp|||YES\n\
         x|4|double|64||YES\nb|5|boolean|||YES"
    );
    assert_eq!(lake.rows("select schema_name from information_schema.schemata order by 1").await, "schema_name\nmain");
    assert_eq!(
        lake.rows("select view_definition from information_schema.views where table_name = 'v'").await,
        "view_definition\nselect id, 'x' as name from t"
    );
}

#[tokio::test]
async fn changes_of_one_table_take_turns() {
    let lake = Fixture::new();
    let changes = (0..8).map(async |id| {
        lake.execute("create table if not exists audit (id bigint, n bigint)").await.unwrap();
        lake.execute(&format!("insert into audit values ({id}, 0)")).await.unwrap();
        lake.execute(&format!("update audit set n = n + 1 where id = {id}")).await.unwrap();
    });
    futures::future::join_all(changes).await;
    assert_eq!(lake.rows("select count(*) as rows, sum(n) as changes from audit").await, "rows|changes\n8|8");
}

#[tokio::test]
async fn a_moment_has_a_day() {
    let lake = Fixture::new();
    let days = "select date('2024-02-03') as a, date(cast('2024-02-03 10:00:00' as timestamp)) as b, date(null) as c";
    assert_eq!(lake.rows(days).await, "a|b|c\n2024-02-03|2024-02-03|");
}
