//! New versions that nobody else sees until they are published.

use serde_json::{Map, json};

use super::fixture::{Fixture, relation, rows};
use crate::engine::{ColumnChange, Engine, EngineError, Merge, Operation, Outcome, RelationKind};

async fn draft(lake: &Fixture, name: &str) {
    lake.apply(Operation::Draft { relation: relation(name) }).await.unwrap();
}

async fn publish(lake: &Fixture, name: &str) -> Result<Outcome, EngineError> {
    let note = Map::from_iter([("transform".to_owned(), json!({"run": "r1"}))]);
    lake.apply(Operation::Publish { relation: relation(name), note }).await
}

async fn reject(lake: &Fixture, name: &str, why: Option<&str>) {
    let why = why.map(str::to_owned);
    lake.apply(Operation::Reject { relation: relation(name), why }).await.unwrap();
}

fn by_id() -> Merge {
    Merge { unique_key: vec!["id".to_owned()], ..Merge::default() }
}

#[tokio::test]
async fn a_new_table_is_there_for_others_when_it_is_published() {
    let lake = Fixture::new();
    draft(&lake, "t").await;
    lake.table("t", "select 1 as id").await;
    assert_eq!(lake.rows("select * from t").await, "id\n1");
    assert_eq!(lake.kind("t").await, Some(RelationKind::Table));
    let other = lake.other();
    assert!(other.relation(&relation("t")).await.unwrap().is_none());
    assert!(other.relations("lake", "main").await.unwrap().is_empty());
    let outcome = publish(&lake, "t").await.unwrap();
    assert_eq!(outcome.response["version"], 0);
    assert_eq!(rows(&other, "select * from t").await.unwrap(), "id\n1");
    assert_eq!(lake.rows("select * from t").await, "id\n1");
}

#[tokio::test]
async fn changes_are_one_version() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, 'a' as name").await;
    draft(&lake, "t").await;
    let added = ColumnChange::Add {
        field: arrow::datatypes::Field::new("n", arrow::datatypes::DataType::Int64, true).into(),
        default: None,
    };
    lake.apply(Operation::Alter { relation: relation("t"), changes: vec![added] }).await.unwrap();
    lake.merge("t", "select 1 as id, 'b' as name, 5 as n", by_id()).await.unwrap();
    lake.insert("t", "select 2 as id, 'c' as name, 6 as n").await.unwrap();
    lake.execute("update t set name = 'd' where id = 2").await.unwrap();
    let (before, after) = ("id|name\n1|a", "id|name|n\n1|b|5\n2|d|6");
    assert_eq!(lake.rows("select * from t order by id").await, after);
    assert_eq!(rows(&lake.other(), "select * from t").await.unwrap(), before);
    assert_eq!(publish(&lake, "t").await.unwrap().response["version"], 1);
    for engine in [&lake.engine, &lake.other()] {
        assert_eq!(rows(engine, "select * from t order by id").await.unwrap(), after);
    }
    assert_eq!(lake.lake_files("main/t/_delta_log").len(), 2);
    // The next version starts from it.
    lake.insert("t", "select 3 as id, 'e' as name, 7 as n").await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n3");
}

#[tokio::test]
async fn what_is_rejected_can_be_looked_at_until_there_is_another_version() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    draft(&lake, "t").await;
    lake.table("t", "select 2 as id").await;
    reject(&lake, "t", Some("a test failed")).await;
    assert_eq!(lake.rows("select * from t").await, "id\n1");
    let other = Fixture { engine: lake.other(), folder: lake.folder };
    let outcome = other.apply(Operation::Reopen { relation: relation("t") }).await.unwrap();
    assert_eq!(outcome.response["why"], "a test failed");
    assert_eq!(other.rows("select * from t").await, "id\n2");
    let third = Fixture { engine: other.other(), folder: other.folder };
    let files = third.lake_files("main/t").len();
    draft(&third, "t").await;
    third.table("t", "select 3 as id").await;
    publish(&third, "t").await.unwrap();
    assert_eq!(third.lake_files("main/t").len(), files, "the files of what was rejected are gone");
    let error = third.apply(Operation::Reopen { relation: relation("t") }).await.unwrap_err();
    assert!(error.message.contains("no version of `lake.main.t` was rejected"), "{error}");
}

#[tokio::test]
async fn without_a_reason_nothing_is_kept() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    let files = lake.lake_files("main/t");
    draft(&lake, "t").await;
    lake.table("t", "select 2 as id").await;
    reject(&lake, "t", None).await;
    assert_eq!(lake.lake_files("main/t"), files);
    draft(&lake, "new").await;
    lake.view("new", "select 1 as id").await;
    reject(&lake, "new", None).await;
    assert_eq!(lake.kind("new").await, None);
}

#[tokio::test]
async fn a_view_and_a_table_take_each_others_place() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    draft(&lake, "t").await;
    lake.view("t", "select 2 as id").await;
    assert_eq!(lake.rows("select * from t").await, "id\n2");
    assert_eq!(rows(&lake.other(), "select * from t").await.unwrap(), "id\n1");
    publish(&lake, "t").await.unwrap();
    assert_eq!(
        (lake.kind("t").await, lake.rows("select * from t").await),
        (Some(RelationKind::View), "id\n2".to_owned())
    );
    draft(&lake, "t").await;
    lake.table("t", "select id + 1 as id from t").await;
    assert_eq!(lake.kind("t").await, Some(RelationKind::Table));
    assert_eq!(lake.other().relation(&relation("t")).await.unwrap().unwrap().kind, RelationKind::View);
    publish(&lake, "t").await.unwrap();
    for engine in [&lake.engine, &lake.other()] {
        assert_eq!(rows(engine, "select * from t").await.unwrap(), "id\n3");
    }
    assert_eq!(lake.lake_files("main"), ["t"]);
}

#[tokio::test]
async fn what_is_dropped_has_no_draft() {
    let lake = Fixture::new();
    draft(&lake, "t").await;
    lake.table("t", "select 1 as id").await;
    lake.drop("t").await;
    assert_eq!(lake.kind("t").await, None);
    publish(&lake, "t").await.unwrap();
    assert_eq!(lake.kind("t").await, None);
}
