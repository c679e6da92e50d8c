//! Merging by a key.

use super::fixture::Fixture;
use crate::engine::{ErrorKind, Merge};

fn by(key: &[&str]) -> Merge {
    Merge { unique_key: key.iter().map(|name| (*name).to_owned()).collect(), ..Merge::default() }
}

#[tokio::test]
async fn known_keys_are_updated_and_new_ones_inserted() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 'a' as name, 10 as n union all select 2, 'b', 20").await;
    let outcome = lake
        .merge("t", "select 'c' as name, 3 as id, null as n union all select 'B', 2, 20", by(&["id"]))
        .await
        .unwrap();
    assert_eq!(outcome.rows, Some(2));
    assert_eq!(outcome.response["rows_updated"], 1);
    assert_eq!(lake.rows("select * from t order by id").await, "id|name|n\n1|a|10\n2|B|20\n3|c|");
}

#[tokio::test]
async fn columns_to_update_can_be_chosen() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 'a' as name, 10 as n").await;
    let only = Merge { update_columns: vec!["name".to_owned()], ..by(&["id"]) };
    lake.merge("t", "select 1 as id, 'A' as name, 11 as n", only).await.unwrap();
    assert_eq!(lake.rows("select * from t").await, "id|name|n\n1|A|10");
    let except = Merge { exclude_columns: vec!["name".to_owned()], ..by(&["id"]) };
    lake.merge("t", "select 1 as id, 'Z' as name, 12 as n", except).await.unwrap();
    assert_eq!(lake.rows("select * from t").await, "id|name|n\n1|A|12");
}

#[tokio::test]
async fn a_null_key_equals_nothing() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, cast(null as varchar) as part, 0 as n").await;
    let query = "select 1 as id, cast(null as varchar) as part, 1 as n union all select 1, null, 2";
    lake.merge("t", query, by(&["id", "part"])).await.unwrap();
    assert_eq!(lake.rows("select n from t order by n").await, "n\n0\n1\n2");
}

#[tokio::test]
async fn a_key_that_occurs_twice_is_refused() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 'x' as part, 0 as n").await;
    let query = "select 7 as id, 'y' as part, 1 as n union all select 7, 'y', 2";
    let error = lake.merge("t", query, by(&["id", "part"])).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::DuplicateKey);
    assert_eq!(error.message, "the query has 2 rows for one value of the unique key `id` and `part`: id = 7, part = y");
    assert_eq!(lake.rows("select * from t").await, "id|part|n\n1|x|0");
}

#[tokio::test]
async fn without_a_key_all_rows_are_inserted() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.merge("t", "select 1 as id union all select 1", by(&[])).await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n3");
}

#[tokio::test]
async fn the_query_may_read_the_table() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as \"Id\", 10 as n union all select 2, 20").await;
    lake.merge("t", "select \"Id\" + 1 as \"Id\", n from t", by(&["Id"])).await.unwrap();
    assert_eq!(lake.rows("select * from t order by 1").await, "Id|n\n1|10\n2|10\n3|20");
}

#[tokio::test]
async fn an_unknown_key_is_named() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    let error = lake.merge("t", "select 1 as id", by(&["key"])).await.unwrap_err();
    assert_eq!(error.message, "`unique_key` names column `key`, which the table does not have");
}

#[tokio::test]
async fn columns_of_options_need_not_be_spelt_in_the_case_of_the_table() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 'a' as \"Name\", 10 as n").await;
    let only = Merge { update_columns: vec!["name".to_owned()], ..by(&["ID"]) };
    lake.merge("t", "select 1 as id, 'A' as \"Name\", 11 as n", only).await.unwrap();
    assert_eq!(lake.rows("select * from t").await, "id|Name|n\n1|A|10");
}

#[tokio::test]
async fn what_the_table_cannot_hold_is_not_merged() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 10 as n").await;
    let error = lake.merge("t", "select 1 as id, 1.5 as n", by(&["id"])).await.unwrap_err();
    assert_eq!(error.message, "column `n` is `double` in the query, and `bigint` in the table, which cannot hold it");
    let error = lake.merge("t", "select 1 as id", by(&["id"])).await.unwrap_err();
    assert_eq!(error.message, "the query has no column `n`, which the table has");
    assert_eq!(lake.rows("select * from t").await, "id|n\n1|10");
}
