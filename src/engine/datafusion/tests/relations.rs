//! Tables and views: made, replaced, read, dropped.

use serde_json::json;

use super::fixture::{Fixture, engine, relation, rows};
use crate::engine::{Access, Engine, ErrorKind, RelationKind};

#[tokio::test]
async fn a_table_holds_the_rows_of_its_query() {
    let lake = Fixture::new();
    let outcome = lake.table("t", "select 1 as id, 'a' as name union all select 2, null").await;
    assert_eq!(outcome.rows, Some(2));
    assert_eq!(outcome.response["version"], 0);
    assert!(outcome.response["bytes_written"].as_u64().unwrap() > 0);
    assert_eq!(lake.rows("select * from t order by id").await, "id|name\n1|a\n2|");
    assert_eq!(lake.rows("select * from lake.main.t where id = 1").await, "id|name\n1|a");
}

#[tokio::test]
async fn a_table_is_made_by_one_commit() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    let commits: Vec<String> =
        lake.lake_files("main/t/_delta_log").into_iter().filter(|file| file.ends_with(".json")).collect();
    assert_eq!(commits, ["00000000000000000000.json"]);
}

#[tokio::test]
async fn a_table_without_rows_has_its_columns() {
    let lake = Fixture::new();
    let outcome = lake.table("t", "select 1 as id, 'a' as name where false").await;
    assert_eq!(outcome.rows, Some(0));
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n0");
    assert_eq!(lake.types("select * from t").await, ["Int64", "Utf8View"]);
}

#[tokio::test]
async fn replacing_a_table_changes_its_columns() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    let outcome = lake.table("t", "select 'x' as name, timestamp '2026-01-02 03:04:05' as at").await;
    assert_eq!(outcome.response["version"], 1);
    assert_eq!(lake.rows("select * from t").await, "name|at\nx|2026-01-02T03:04:05");
}

#[tokio::test]
async fn a_table_may_be_replaced_by_a_query_on_itself() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.table("t", "select id, id * 10 as ten from t union all select id + 1, 0 from t").await;
    assert_eq!(lake.rows("select * from t order by id").await, "id|ten\n1|10\n2|0");
}

#[tokio::test]
async fn a_table_may_be_replaced_again_and_again() {
    let lake = Fixture::new();
    for number in 0..23 {
        lake.table("t", &format!("select {number} as id")).await;
        assert_eq!(lake.rows("select * from t").await, format!("id\n{number}"));
    }
    lake.insert("t", "select 100 as id").await.unwrap();
    assert_eq!(rows(&lake.other(), "select * from t order by id").await.unwrap(), "id\n22\n100");
}

#[tokio::test]
async fn a_failed_replacement_leaves_the_table() {
    let lake = Fixture::new();
    lake.table("t", "select '1' as id union all select 'x'").await;
    let before = lake.lake_files("main/t");
    let error = lake.try_table("t", "select cast(id as int) as id from t").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Execution);
    assert_eq!(error.message, "cannot cast string 'x' to value of Int32 type");
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n2");
    assert_eq!(lake.lake_files("main/t"), before);
}

#[tokio::test]
async fn views_read_views() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.view("a", "select id, id + 1 as next from t").await;
    lake.view("b", "select a.next * 2 as twice from a join t on t.id = a.id").await;
    assert_eq!(lake.rows("select * from b").await, "twice\n4");
    lake.table("t", "select 5 as id").await;
    assert_eq!(lake.rows("select * from b").await, "twice\n12");
}

#[tokio::test]
async fn a_view_means_the_same_whoever_reads_it() {
    let lake = Fixture::new();
    lake.table("t", "select 'main' as place").await;
    lake.table("other:t", "select 'other' as place").await;
    lake.view("v", "select place from t").await;
    lake.view("outer", "select v.place, t.place as again from v join t on true").await;
    let reader = engine(lake.folder.path(), json!({"schema": "other", "database": "db"})).unwrap();
    assert_eq!(rows(&reader, "select * from main.v").await.unwrap(), "place\nmain");
    assert_eq!(rows(&reader, "select * from main.outer").await.unwrap(), "place|again\nmain|main");
    assert_eq!(rows(&reader, "select v.place from main.v join t on v.place = t.place").await.unwrap(), "");
    // As earlier releases wrote it.
    lake.file("target/lake/main/v.view.json", r#"{"sql": "select place from t"}"#);
    assert_eq!(lake.rows("select * from v").await, "place\nmain");
}

#[tokio::test]
async fn a_view_that_reads_itself_is_refused() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.view("a", "select * from t").await;
    lake.view("b", "select * from a").await;
    let error = lake.try_view("a", "select * from b").await.unwrap_err();
    assert_eq!(
        error.message,
        "view `lake.main.b`: view `lake.main.a` reads itself: `lake.main.a` → `lake.main.b` → `lake.main.a`"
    );
    assert_eq!(lake.rows("select * from b").await, "id\n1");
}

#[tokio::test]
async fn a_broken_view_is_named_by_whoever_reads_it() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.view("v", "select id from t").await;
    lake.table("t", "select 1 as other").await;
    let error = lake.try_rows("select * from v").await.unwrap_err();
    assert_eq!(error.message, "view `lake.main.v`: there is no column `id`");
    assert_eq!(error.help.as_deref(), Some("columns here: `other`"));
}

#[tokio::test]
async fn a_table_becomes_a_view_and_a_table_again() {
    let lake = Fixture::new();
    lake.table("x", "select 1 as id").await;
    lake.view("x", "select 2 as id").await;
    assert_eq!(lake.kind("x").await, Some(RelationKind::View));
    assert_eq!(lake.rows("select * from x").await, "id\n2");
    assert_eq!(lake.lake_files("main"), ["x.view.json"]);
    lake.table("x", "select id + 1 as id from x").await;
    assert_eq!(lake.kind("x").await, Some(RelationKind::Table));
    assert_eq!(lake.rows("select * from x").await, "id\n3");
    assert_eq!(lake.lake_files("main"), ["x"]);
}

#[tokio::test]
async fn a_leftover_table_behind_a_view_is_not_seen() {
    let lake = Fixture::new();
    lake.table("x", "select 1 as id").await;
    lake.table("y", "select 2 as id").await;
    // As after a crash between the writing of the view and the removal of the table.
    lake.file("target/lake/main/x.view.json", r#"{"sql": "select 7 as id"}"#);
    assert_eq!(lake.rows("select * from x").await, "id\n7");
    lake.table("x", "select id + 1 as id from x").await;
    assert_eq!(lake.rows("select * from x").await, "id\n8");
    lake.file("target/lake/main/y.view.json", r#"{"sql": "select 7 as id"}"#);
    lake.drop("y").await;
    assert_eq!(lake.kind("y").await, None);
}

#[tokio::test]
async fn a_folder_without_a_commit_is_no_table() {
    let lake = Fixture::new();
    lake.file("target/lake/main/x/part-0.parquet", "half a file");
    assert_eq!(lake.kind("x").await, None);
    lake.table("x", "select 1 as id").await;
    assert_eq!(lake.rows("select * from x").await, "id\n1");
}

#[tokio::test]
async fn what_a_crash_left_is_swept_by_the_next_writer() {
    let lake = Fixture::new();
    lake.file("target/lake/main/.dropped-1/part-0.parquet", "");
    lake.file("target/lake/main/v.view.1.tmp", "");
    let _guard = lake.engine.begin("transform build", Access::Shared).await.unwrap();
    assert_eq!(lake.lake_files("main"), Vec::<String>::new());
}

#[tokio::test]
async fn names_may_hold_any_character() {
    let lake = Fixture::new();
    for name in ["Größe m²", "a/../b", "x.view", ".hidden", "50%", "t~1", "Upper", "a\"b"] {
        lake.table(name, "select 1 as \"Some Column\"").await;
        let quoted = relation(name).render(lake.engine.dialect());
        assert_eq!(lake.rows(&format!("select * from {quoted}")).await, "Some Column\n1", "{name}");
    }
    let found = lake.engine.relations("lake", "main").await.unwrap();
    let names: Vec<&str> = found.iter().map(|info| info.relation.identifier.as_str()).collect();
    assert_eq!(names, [".hidden", "50%", "Größe m²", "Upper", "a\"b", "a/../b", "t~1", "x.view"]);
}

#[tokio::test]
async fn folders_may_hold_any_character() {
    for folder in ["a b", "50%", "Größe", "a#b?c", "{x}", "a@b", "a:b", "<x>", "\"x\""] {
        let lake = Fixture::with(json!({"path": format!("{folder}/lake")}));
        lake.table("t", "select 1 as id").await;
        lake.insert("t", "select 2 as id").await.unwrap();
        assert_eq!(lake.rows("select sum(id) as id from t").await, "id\n3", "{folder}");
    }
}

#[tokio::test]
async fn another_process_sees_relations_at_once() {
    let lake = Fixture::new();
    let other = lake.other();
    for number in 0..3 {
        lake.table("t", &format!("select {number} as id")).await;
        assert_eq!(rows(&other, "select * from t").await.unwrap(), format!("id\n{number}"));
    }
    lake.drop("t").await;
    assert_eq!(rows(&other, "select * from t").await.unwrap_err().kind, ErrorKind::Plan);
    lake.table("t", "select 'again' as id").await;
    assert_eq!(rows(&other, "select * from t").await.unwrap(), "id\nagain");
}

#[tokio::test]
async fn inserted_rows_are_matched_by_name() {
    let lake = Fixture::new();
    lake.table("t", "select cast(1 as int) as id, 'a' as name, cast(1.5 as decimal(9,2)) as price").await;
    let outcome = lake.insert("t", "select 'b' as name, null as price, 2 as id, 'x' as unknown").await.unwrap();
    assert_eq!(outcome.rows, Some(1));
    assert_eq!(lake.rows("select * from t order by id").await, "id|name|price\n1|a|1.50\n2|b|");
    let error = lake.insert("t", "select 'c' as name, 3 as id").await.unwrap_err();
    assert_eq!(error.message, "the query has no column `price`, which the table has");
    assert_eq!(lake.insert("nope", "select 1 as id").await.unwrap_err().message, "there is no table `lake.main.nope`");
}

#[tokio::test]
async fn relations_are_listed_with_their_kinds() {
    let lake = Fixture::new();
    lake.table("s:b", "select 1 as id").await;
    lake.view("s:a", "select 1 as id").await;
    let found = lake.engine.relations("lake", "s").await.unwrap();
    let found: Vec<_> = found.iter().map(|info| (info.relation.to_string(), info.kind)).collect();
    assert_eq!(found, [("lake.s.a".to_owned(), RelationKind::View), ("lake.s.b".to_owned(), RelationKind::Table)]);
    assert!(lake.engine.relations("lake", "nope").await.unwrap().is_empty());
    assert_eq!(
        lake.rows("select table_name, table_type from information_schema.tables where table_schema = 's' order by 1")
            .await,
        "table_name|table_type\na|VIEW\nb|BASE TABLE"
    );
}
