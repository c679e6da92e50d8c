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
    for sql in
        ["truncate table t", "alter table t add column x int", "set datafusion.execution.batch_size = 1", "begin"]
    {
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
