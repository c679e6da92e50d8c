//! How rows lie in the files of a table.
#![expect(clippy::disallowed_methods, reason = "tests look at the files that they are about")]

use std::fs::File;
use std::num::NonZeroU64;
use std::path::PathBuf;

use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use datafusion::parquet::basic::Compression;
use serde_json::{Value as Json, json};
use url::Url;

use super::fixture::{Fixture, relation};
use crate::engine::datafusion::lake::Lake;
use crate::engine::datafusion::storage::{self, Place};
use crate::engine::{EngineError, Grain, Layout, Operation, Outcome, ParquetCompression, PartitionColumn, Rules};

async fn table(lake: &Fixture, query: &str, layout: Layout) -> Result<Outcome, EngineError> {
    let (relation, query) = (relation("t"), query.to_owned());
    lake.apply(Operation::CreateTable { relation, query, rules: Rules::default(), layout }).await
}

fn by(names: &[&str]) -> Vec<PartitionColumn> {
    names.iter().map(|name| PartitionColumn { name: (*name).to_owned(), grain: Grain::Value }).collect()
}

fn files(lake: &Fixture) -> Vec<PathBuf> {
    let folder = lake.path("target/lake");
    let stored = Lake::new(storage::open(&Place::Folder(folder.clone())).unwrap()).data_files("main", "t").unwrap();
    stored.into_keys().map(|file| folder.join("main/t").join(file)).collect()
}

/// Properties and partition columns as the last commit that says them has them.
fn metadata(lake: &Fixture) -> Json {
    let commits = lake.lake_files("main/t/_delta_log");
    let lines = commits
        .iter()
        .map(|commit| std::fs::read_to_string(lake.path("target/lake/main/t/_delta_log").join(commit)).unwrap());
    let actions = lines.flat_map(|text| text.lines().map(|line| line.parse::<Json>().unwrap()).collect::<Vec<_>>());
    actions.filter_map(|mut action| action.get_mut("metaData").map(Json::take)).last().unwrap()
}

#[tokio::test]
async fn files_are_compressed_sorted_and_apart() {
    let lake = Fixture::new();
    let layout = Layout {
        partition_by: by(&["P"]),
        sort_by: vec!["length(name) desc".to_owned(), "ID".to_owned()],
        target_file_size: NonZeroU64::new(1 << 20),
        compression: Some(ParquetCompression::Gzip(Some(3))),
        ..Layout::default()
    };
    let query = "select v.value as id, cast(v.value % 2 as varchar) as p, repeat('x', v.value % 7) as name from generate_series(1, 30000) as v(value)";
    table(&lake, query, layout.clone()).await.unwrap();
    let found = files(&lake);
    assert_eq!(found.len(), 2);
    for file in found {
        assert!(["p=0", "p=1"].iter().any(|folder| file.parent().unwrap().ends_with(folder)));
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&file).unwrap()).unwrap();
        assert!(matches!(reader.metadata().row_group(0).column(0).compression(), Compression::GZIP(_)));
        let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
        let lines = arrow::util::pretty::pretty_format_batches(&batches).unwrap().to_string();
        let keys = lines.lines().filter_map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let id: i64 = cells.next()?.parse().ok()?;
            Some((std::cmp::Reverse(cells.next()?.len()), id))
        });
        assert!(keys.collect::<Vec<_>>().is_sorted());
    }
    let metadata = metadata(&lake);
    assert_eq!(metadata["partitionColumns"].to_string(), r#"["p"]"#);
    assert_eq!(metadata["configuration"]["delta.targetFileSize"], "1048576");
    assert_eq!(metadata["configuration"]["delta.parquet.compression.codec"], "gzip");
}

#[tokio::test]
async fn a_layout_goes_with_the_table_that_has_it() {
    let lake = Fixture::new();
    let zstd = Layout { compression: Some(ParquetCompression::Zstd(Some(9))), ..Layout::default() };
    table(&lake, "select 1 as id, 'a' as p", Layout { partition_by: by(&["p"]), ..zstd.clone() }).await.unwrap();
    // What is added keeps to the layout, whatever adds it.
    lake.execute("insert into t values (2, 'b')").await.unwrap();
    lake.execute("update t set id = 3 where p = 'b'").await.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id|p\n1|a\n3|b");
    for file in files(&lake) {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&file).unwrap()).unwrap();
        assert!(matches!(reader.metadata().row_group(0).column(0).compression(), Compression::ZSTD(_)), "{file:?}");
    }
    for change in ["alter table t drop column p", "alter table t rename column p to q"] {
        let error = lake.execute(change).await.unwrap_err();
        assert_eq!(error.message, "the table is partitioned by column `p`, which neither goes nor has another name");
    }
    let arrange = |layout| Operation::Arrange { relation: relation("t"), layout };
    let error = lake.apply(arrange(Layout { partition_by: by(&["id"]), ..Layout::default() })).await.unwrap_err();
    assert_eq!(error.message, "`lake.main.t` is partitioned by `p`, and `partition_by` says `id`");
    lake.apply(arrange(Layout { sort_by: vec!["id".to_owned()], ..Layout::default() })).await.unwrap();
    assert_eq!(metadata(&lake)["configuration"].to_string(), r#"{"transform.layout":"{\"sort_by\":[\"id\"]}"}"#);
    // A table that is made anew has what it is made with.
    table(&lake, "select 1 as id", Layout::default()).await.unwrap();
    assert_eq!(metadata(&lake)["partitionColumns"].to_string(), "[]");
    assert_eq!(metadata(&lake)["configuration"].to_string(), "{}");
}

#[tokio::test]
async fn of_a_failed_write_no_file_of_a_partition_is_left() {
    let lake = Fixture::new();
    table(&lake, "select 1 as id, 'a' as p", Layout { partition_by: by(&["p"]), ..Layout::default() }).await.unwrap();
    let before = files(&lake);
    let query = "select 1 / (v.value - 90000) as id, cast(v.value % 3 as varchar) as p from generate_series(1, 90000) as v(value)";
    lake.insert("t", query).await.unwrap_err();
    assert_eq!(files(&lake), before);
}

#[tokio::test]
async fn partitions_may_have_any_value() {
    let lake = Fixture::new();
    let layout = || Layout { partition_by: by(&["p", "q"]), ..Layout::default() };
    let query = "select * from (values (1, 'a/b=c', 1.5), (2, '', 2.5), (3, null, null), (4, 'ä %2F ..', 0.5), (5, '.', 0.5)) as t (id, p, q)";
    table(&lake, query, layout()).await.unwrap();
    // The empty text is null: Delta's format has no other way to write it.
    let expected = lake.rows(&query.replace("select *", "select id, p, q, nullif(p, '') is null as n")).await;
    assert_eq!(lake.rows("select id, p, q, p is null as n from t order by id").await, expected);
    let overwrite = Operation::Overwrite {
        relation: relation("t"),
        query: "select * from (values (30, null, null), (40, 'ä %2F ..', 0.5)) as t (id, p, q)".to_owned(),
        partition_by: by(&["p", "q"]),
        predicates: Vec::new(),
    };
    lake.apply(overwrite).await.unwrap();
    assert_eq!(lake.rows("select id from t order by id").await, "id\n1\n2\n5\n30\n40");
}

#[tokio::test]
async fn predicates_limit_what_is_overwritten() {
    let lake = Fixture::new();
    let query = "select * from (values (1, 'a'), (2, 'a'), (3, null), (4, 'b')) as t (id, p)";
    table(&lake, query, Layout { partition_by: by(&["p"]), ..Layout::default() }).await.unwrap();
    let overwrite = |query: &str| Operation::Overwrite {
        relation: relation("t"),
        query: query.to_owned(),
        partition_by: by(&["p"]),
        predicates: vec!["DBT_INTERNAL_DEST.id > 1".to_owned()],
    };
    lake.apply(overwrite("select * from (values (10, 'a'), (30, null)) as t (id, p)")).await.unwrap();
    assert_eq!(lake.rows("select * from t order by id").await, "id|p\n1|a\n4|b\n10|a\n30|");
    lake.apply(overwrite("select 1 as id, 'a' as p where false")).await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n4");
}

#[tokio::test]
async fn properties_of_other_tools_are_theirs() {
    let lake = Fixture::new();
    table(&lake, "select 1 as id", Layout::default()).await.unwrap();
    let folder = Url::from_directory_path(lake.path("target/lake/main/t")).unwrap();
    let theirs = [("delta.targetFileSize".to_owned(), "4096".to_owned())];
    let other = deltalake::open_table(folder).await.unwrap();
    other.set_tbl_properties().with_properties(theirs.into()).await.unwrap();
    lake.apply(Operation::Arrange { relation: relation("t"), layout: Layout::default() }).await.unwrap();
    lake.insert("t", "select 2 as id").await.unwrap();
    assert_eq!(metadata(&lake)["configuration"].to_string(), r#"{"delta.targetFileSize":"4096"}"#);
}

#[tokio::test]
async fn a_table_says_how_long_its_versions_are_kept() {
    for (days, expected) in [
        (json!(7), "{}"),
        (json!(8.5), r#"{"delta.deletedFileRetentionDuration":"interval 9 days"}"#),
        (
            json!(60),
            r#"{"delta.deletedFileRetentionDuration":"interval 60 days","delta.logRetentionDuration":"interval 60 days"}"#,
        ),
    ] {
        let lake = Fixture::with(json!({"retention_days": days}));
        table(&lake, "select 1 as id", Layout::default()).await.unwrap();
        assert_eq!(metadata(&lake)["configuration"], expected.parse::<Json>().unwrap());
    }
}
