//! Rows that are added to a table whose columns have other types.

use super::fixture::Fixture;
use crate::engine::ErrorKind;

#[tokio::test]
async fn values_that_a_column_holds_as_they_are_are_cast() {
    for (column, value, stored) in [
        ("cast(1 as bigint)", "cast(2 as int)", "2"),
        ("cast(1 as int)", "2", "2"),
        ("cast(1 as decimal(10, 2))", "2", "2.00"),
        ("cast(1 as decimal(10, 2))", "cast(2.5 as decimal(5, 1))", "2.50"),
        ("cast(1 as double)", "cast(0.5 as real)", "0.5"),
        ("cast(1 as double)", "2", "2.0"),
        ("timestamp '2026-01-02 03:04:05'", "date '2026-01-03'", "2026-01-03T00:00:00"),
        ("'a'", "arrow_cast('b', 'LargeUtf8')", "b"),
        ("'a'", "time '03:04:05'", "03:04:05"),
        ("cast(1 as int)", "null", ""),
        ("[cast(1 as bigint)]", "[cast(2 as int)]", "[2]"),
    ] {
        let lake = Fixture::new();
        lake.table("t", &format!("select {column} as c where false")).await;
        lake.insert("t", &format!("select {value} as c")).await.unwrap();
        assert_eq!(lake.rows("select * from t").await, format!("c\n{stored}"), "{value}");
    }
}

#[tokio::test]
async fn values_that_a_column_would_change_are_refused() {
    for (column, value, found, wanted) in [
        ("1", "2.5", "double", "bigint"),
        ("1", "'2'", "varchar", "bigint"),
        ("1", "true", "boolean", "bigint"),
        ("'a'", "2", "bigint", "varchar"),
        ("cast(1 as decimal(38, 2))", "cast(2 as decimal(10, 5))", "decimal(10, 5)", "decimal(38, 2)"),
        ("cast(1 as decimal(10, 2))", "2.5", "double", "decimal(10, 2)"),
        ("date '2026-01-02'", "cast(now() as timestamptz)", "timestamp with time zone", "date"),
        ("timestamp '2026-01-02 03:04:05'", "cast(now() as timestamptz)", "timestamp with time zone", "timestamp"),
    ] {
        let lake = Fixture::new();
        lake.table("t", &format!("select {column} as c")).await;
        let error = lake.insert("t", &format!("select {value} as c")).await.unwrap_err();
        let message =
            format!("column `c` is `{found}` in the query, and `{wanted}` in the table, which cannot hold it");
        assert_eq!((error.kind, error.message), (ErrorKind::Plan, message), "{value}");
        assert_eq!(error.help.as_deref(), Some("cast it in the query, or rebuild the table with `--full-refresh`"));
        assert_eq!(lake.rows("select count(*) as n from t").await, "n\n1");
    }
}

#[tokio::test]
async fn a_whole_number_that_does_not_fit_is_an_error() {
    for (column, value) in [
        ("cast(1 as decimal(3, 2))", "10"),
        ("cast(1 as double)", "9007199254740993"),
        ("cast(1 as double)", "9223372036854775807"),
        ("cast(1 as real)", "16777217"),
    ] {
        let lake = Fixture::new();
        lake.table("t", &format!("select {column} as c")).await;
        let error = lake.insert("t", &format!("select {value} as c")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Execution, "{value}: {error}");
        assert!(error.message.starts_with("column `c`: "), "{error}");
        assert_eq!(lake.rows("select count(*) as n from t").await, "n\n1");
    }
}

#[tokio::test]
async fn a_column_is_widened_where_that_changes_none_of_its_values() {
    for (column, value, rows) in [
        ("cast(1 as int)", "4000000000", "1\n4000000000"),
        ("cast(1 as smallint)", "2.5", "1.0\n2.5"),
        ("cast(0.5 as real)", "0.1", "0.5\n0.1"),
        ("cast(1 as decimal(10, 2))", "cast(2 as decimal(12, 5))", "1.00000\n2.00000"),
        ("1", "cast(2.5 as decimal(5, 1))", "1.0\n2.5"),
        ("date '2026-01-02'", "timestamp '2026-01-02 03:04:05'", "2026-01-02T00:00:00\n2026-01-02T03:04:05"),
    ] {
        let lake = Fixture::new();
        lake.table("t", &format!("select 1 as n, {column} as c")).await;
        lake.insert("t", &format!("select 2 as n, {value} as c")).await.unwrap();
        assert_eq!(lake.rows("select c from t order by n").await, format!("c\n{rows}"), "{value}");
    }
}
