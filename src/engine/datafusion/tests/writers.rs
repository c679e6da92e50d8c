//! Several writers of one lake: other engines over it stand for other processes, and a writer of Delta tables for another tool.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{Int64Array, RecordBatch};
use deltalake::protocol::SaveMode;
use serde_json::{Map, json};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::fixture::{Fixture, engine, relation, rows};
use crate::engine::datafusion::DataFusion;
use crate::engine::{Access, Engine, EngineError, ErrorKind, Layout, Operation, Outcome, Rules};

/// Another process, which waits for nobody.
fn impatient(lake: &Fixture) -> DataFusion {
    engine(lake.folder.path(), json!({"lock_timeout": 0})).unwrap()
}

async fn execute(engine: &DataFusion, sql: &str) -> Result<Outcome, EngineError> {
    engine.apply(Operation::Execute { sql: sql.to_owned() }, &CancellationToken::new()).await
}

async fn create(engine: &DataFusion, name: &str, query: &str) -> Result<Outcome, EngineError> {
    let (relation, query) = (relation(name), query.to_owned());
    let create = Operation::CreateTable { relation, query, rules: Rules::default(), layout: Layout::default() };
    engine.apply(create, &CancellationToken::new()).await
}

async fn publish(lake: &Fixture, name: &str) -> Result<Outcome, EngineError> {
    lake.apply(Operation::Publish { relation: relation(name), note: Map::new() }).await
}

/// What another tool does that knows nothing of us.
async fn elsewhere(lake: &Fixture, name: &str, id: i64, mode: SaveMode) {
    let folder = lake.path("target/lake/main").join(name);
    let table = deltalake::open_table(Url::from_directory_path(folder).unwrap()).await.unwrap();
    let ids = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![id])) as _)]).unwrap();
    table.write(vec![ids]).with_save_mode(mode).await.unwrap();
}

#[tokio::test]
async fn a_relation_is_changed_by_one_at_a_time() {
    let lake = Fixture::new();
    for name in ["t", "other"] {
        lake.table(name, "select 1 as id").await;
    }
    let _begun = lake.engine.begin("transform build", Access::Shared).await.unwrap();
    lake.apply(Operation::Draft { relation: relation("t") }).await.unwrap();
    lake.insert("t", "select 2 as id").await.unwrap();
    let second = impatient(&lake);
    second.begin("transform run", Access::Shared).await.unwrap();
    let holder = format!("`lake.main.t` is being changed by process {} on ", std::process::id());
    for change in [
        "insert into t select 3 as id",
        "delete from t",
        "update t set id = 4",
        "merge into t using (select 1 as id) s on t.id = s.id when matched then delete",
        "create or replace table t as select 5 as id",
        "create or replace view t as select 5 as id",
        "create table t clone other",
        "alter table t add column n int",
        "alter table t rename to u",
        "alter table other rename to t",
        "comment on table t is 'x'",
        "comment on column t.id is 'x'",
        "truncate table t",
        "drop table t",
        "drop view if exists t",
        "drop schema main cascade",
    ] {
        let error = execute(&second, change).await.expect_err(change);
        assert!(error.kind == ErrorKind::Busy && error.retryable, "{change}: {error}");
        assert!(error.message.starts_with(&holder), "{change}: {error}");
        assert!(error.message.contains("(`transform build`, since 20"), "{change}: {error}");
    }
    // Who reads waits for nobody, and another relation is another matter.
    assert_eq!(rows(&second, "select * from t").await.unwrap(), "id\n1");
    execute(&second, "insert into other select id + 1 from t").await.unwrap();
    publish(&lake, "t").await.unwrap();
    execute(&second, "insert into t select 3 as id").await.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id\n1\n2\n3");
    assert_eq!(lake.rows("select * from other order by id").await, "id\n1\n2");
}

#[tokio::test]
async fn what_is_held_is_left_to_its_holder() {
    let lake = Fixture::new();
    let held = lake.engine.hold(&relation("t"), &CancellationToken::new()).await.unwrap();
    lake.table("t", "select 1 as id").await;
    let second = impatient(&lake);
    assert_eq!(create(&second, "t", "select 2 as id").await.unwrap_err().kind, ErrorKind::Busy);
    drop(held);
    create(&second, "t", "select 2 as id").await.unwrap();
    assert_eq!(lake.rows("select * from t").await, "id\n2");
}

#[tokio::test]
async fn who_waits_starts_from_what_the_other_made() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.apply(Operation::Draft { relation: relation("t") }).await.unwrap();
    lake.insert("t", "select 2 as id").await.unwrap();
    let second = lake.other();
    let publishing = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        publish(&lake, "t").await.unwrap();
    };
    let (inserted, ()) = tokio::join!(execute(&second, "insert into t select max(id) + 1 from t"), publishing);
    inserted.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id\n1\n2\n3");
}

#[tokio::test]
async fn who_waits_can_be_stopped() {
    let lake = Fixture::new();
    let _held = lake.engine.hold(&relation("t"), &CancellationToken::new()).await.unwrap();
    let (second, cancel) = (lake.other(), CancellationToken::new());
    let draft = second.apply(Operation::Draft { relation: relation("t") }, &cancel);
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    };
    let (error, ()) = tokio::join!(draft, stop);
    assert_eq!(error.unwrap_err().kind, ErrorKind::Cancelled);
}

#[tokio::test]
async fn who_must_be_alone_is_told_who_writes() {
    let lake = Fixture::new();
    let second = impatient(&lake);
    let begun = lake.engine.begin("transform build", Access::Shared).await.unwrap();
    let error = second.begin("transform clean", Access::Exclusive).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Busy);
    assert!(error.message.contains("is being written by process ") && error.message.contains("`transform build`"));
    drop(begun);
    second.begin("transform clean", Access::Exclusive).await.unwrap();
}

#[tokio::test]
async fn nothing_is_swept_while_another_writes() {
    let lake = Fixture::new();
    let begun = lake.engine.begin("transform build", Access::Shared).await.unwrap();
    lake.file("target/lake/main/v.view.1.tmp", "");
    let second = lake.other();
    drop(second.begin("transform run", Access::Shared).await.unwrap());
    assert_eq!(lake.lake_files("main"), ["v.view.1.tmp"]);
    drop(begun);
    drop(second.begin("transform run", Access::Shared).await.unwrap());
    assert!(lake.lake_files("main").is_empty());
}

#[tokio::test]
async fn rows_that_are_added_follow_those_of_another_tool() {
    let lake = Fixture::new();
    lake.table("t", "select cast(1 as bigint) as id").await;
    lake.apply(Operation::Draft { relation: relation("t") }).await.unwrap();
    lake.insert("t", "select 2 as id").await.unwrap();
    for id in [3, 4] {
        elsewhere(&lake, "t", id, SaveMode::Append).await;
    }
    assert_eq!(publish(&lake, "t").await.unwrap().response["version"], 3);
    for engine in [&lake.engine, &lake.other()] {
        assert_eq!(rows(engine, "select * from t order by id").await.unwrap(), "id\n1\n2\n3\n4");
    }
    lake.insert("t", "select 5 as id").await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n5");
}

#[tokio::test]
async fn a_version_that_replaces_rows_does_not_follow_those_of_another_tool() {
    let lake = Fixture::new();
    lake.table("t", "select cast(1 as bigint) as id").await;
    lake.apply(Operation::Draft { relation: relation("t") }).await.unwrap();
    lake.table("t", "select id + 1 as id from t").await;
    elsewhere(&lake, "t", 3, SaveMode::Append).await;
    let error = publish(&lake, "t").await.unwrap_err();
    assert!(error.kind == ErrorKind::Busy && error.retryable, "{error}");
    assert!(error.message.contains("was changed by another writer"), "{error}");
    lake.apply(Operation::Reject { relation: relation("t"), why: None }).await.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id\n1\n3");
}

#[tokio::test]
async fn rows_are_not_added_to_a_table_that_is_another_one() {
    let lake = Fixture::new();
    lake.table("t", "select cast(1 as bigint) as id").await;
    lake.apply(Operation::Draft { relation: relation("t") }).await.unwrap();
    lake.insert("t", "select 2 as id").await.unwrap();
    // Columns change in the same step.
    execute_elsewhere(&lake).await;
    assert_eq!(publish(&lake, "t").await.unwrap_err().kind, ErrorKind::Busy);
}

/// Another tool gives the table a column.
async fn execute_elsewhere(lake: &Fixture) {
    let folder = lake.path("target/lake/main/t");
    let table = deltalake::open_table(Url::from_directory_path(folder).unwrap()).await.unwrap();
    let fields = [deltalake::kernel::StructField::nullable("n", deltalake::kernel::DataType::LONG)];
    table.add_columns().with_fields(fields).await.unwrap();
}

/// A file that another writer has put there, and has not committed yet.
#[tokio::test]
async fn of_a_failed_write_go_its_own_files_alone() {
    let lake = Fixture::new();
    lake.table("t", "select cast(1 as bigint) as id").await;
    let theirs = "target/lake/main/t/theirs.parquet";
    let failing = lake.insert("t", "select 1 / (v.value - 400000) as id from generate_series(1, 400000) as v(value)");
    let other = async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        lake.file(theirs, b"");
    };
    let (failed, ()) = tokio::join!(failing, other);
    failed.unwrap_err();
    assert!(lake.path(theirs).exists());
    assert_eq!(lake.lake_files("main/t").iter().filter(|file| file.ends_with(".parquet")).count(), 2);
}
