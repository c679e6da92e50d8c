//! Earlier versions of a table: listed, read, restored.

use deltalake::checkpoints::create_checkpoint;
use serde_json::Map;
use url::Url;

use super::fixture::{Fixture, relation, rows};
use crate::engine::{Engine, Operation, PointInTime};

/// Number, rows and whether it is kept, of each version.
async fn versions(engine: &impl Engine) -> Vec<(u64, Option<u64>, bool)> {
    let versions = engine.versions(&relation("t")).await.unwrap();
    versions.into_iter().map(|version| (version.number, version.rows, version.is_kept)).collect()
}

async fn restore(lake: &Fixture, to: PointInTime) -> Result<String, String> {
    let restore = Operation::Restore { relation: relation("t"), to, note: Map::new() };
    let outcome = lake.apply(restore).await.map_err(|error| error.message)?;
    Ok(serde_json::Value::Object(outcome.response).to_string())
}

#[tokio::test]
async fn a_log_that_begins_with_a_checkpoint_tells_of_what_it_has() {
    let lake = Fixture::new();
    lake.table("t", "select 0 as id").await;
    for id in 1..=3 {
        lake.insert("t", &format!("select {id} as id")).await.unwrap();
    }
    let folder = Url::from_directory_path(lake.path("target/lake/main/t")).unwrap();
    create_checkpoint(&deltalake::open_table(folder).await.unwrap(), None).await.unwrap();
    lake.insert("t", "select 4 as id").await.unwrap();
    for number in 0..3 {
        lake.remove_lake_file(&format!("main/t/_delta_log/{number:020}.json"));
    }
    let other = lake.other();
    assert_eq!(versions(&other).await, [(4, Some(5), true), (3, Some(4), true)]);
    assert_eq!(rows(&other, "select count(*) as n from t version as of 3").await.unwrap(), "n\n4");
    let error = rows(&other, "select * from t version as of 1").await.unwrap_err();
    assert_eq!(error.message, "`main.t` has no version 1");
    assert_eq!(error.help.as_deref(), Some("it has the versions 3 to 4"));
    assert_eq!(restore(&lake, PointInTime::Version(3)).await.unwrap(), r#"{"version":5,"restored":3}"#);
    assert_eq!(lake.rows("select max(id) as id from t").await, "id\n3");
}

#[tokio::test]
async fn a_version_whose_files_are_gone_is_neither_read_nor_restored() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    let first = lake.lake_files("main/t").into_iter().find(|file| file.ends_with(".parquet")).unwrap();
    lake.table("t", "select 2 as id, 'a' as name").await;
    assert_eq!(versions(&lake.engine).await, [(1, Some(1), true), (0, Some(1), true)]);
    assert_eq!(lake.rows("select * from t version as of 0").await, "id\n1");
    lake.remove_lake_file(&format!("main/t/{first}"));
    assert_eq!(versions(&lake.engine).await, [(1, Some(1), true), (0, Some(1), false)]);
    let message = "the files of version 0 of `main.t` have been removed";
    assert_eq!(lake.try_rows("select * from t version as of 0").await.unwrap_err().message, message);
    assert_eq!(restore(&lake, PointInTime::Version(0)).await.unwrap_err(), message);
    assert_eq!(lake.rows("select * from t").await, "id|name\n2|a");
}

#[tokio::test]
async fn a_version_has_its_own_columns() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.table("t", "select 2 as id, 'a' as name").await;
    restore(&lake, PointInTime::Version(0)).await.unwrap();
    assert_eq!(lake.rows("select * from t").await, "id\n1");
    assert_eq!(lake.rows("select * from t version as of 1").await, "id|name\n2|a");
    lake.view("v", "select t.name from t version as of 1").await;
    assert_eq!(lake.rows("select * from v").await, "name\na");
    lake.insert("t", "select id + 10 as id from t version as of 1").await.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id\n1\n12");
}
