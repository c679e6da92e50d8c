//! Models that are written to files, and processes that die meanwhile.
#![expect(clippy::disallowed_methods, reason = "tests look at the files that they are about")]

use std::fs;

use super::fixture::{Fixture, relation};
use crate::engine::{
    Compression, CsvOptions, EngineError, Export, FileFormat, Grain, Layout, Operation, Outcome, PartitionColumn, Rules,
};

fn export(query: &str, location: &str, partition: Option<&str>) -> Operation {
    let by = |name: &str| PartitionColumn { name: name.to_owned(), grain: Grain::Value };
    Operation::Export {
        relation: relation("x"),
        query: query.to_owned(),
        rules: Rules::default(),
        export: Export {
            location: Some(location.to_owned()),
            format: FileFormat::Csv,
            compression: Compression::None,
            csv: CsvOptions::default(),
        },
        layout: Layout { partition_by: partition.map(by).into_iter().collect(), ..Layout::default() },
    }
}

async fn write(lake: &Fixture, query: &str) -> Result<Outcome, EngineError> {
    lake.apply(export(query, "out/x", Some("p"))).await
}

fn beside(lake: &Fixture) -> Vec<String> {
    let entries = fs::read_dir(lake.path("out")).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_file_has_what_was_asked_for() {
    let lake = Fixture::new();
    let outcome = lake.apply(export("select 1 as id, 'a,b' as name", "out/x.csv", None)).await.unwrap();
    assert_eq!(outcome.rows, Some(1));
    assert_eq!(fs::read_to_string(lake.path("out/x.csv")).unwrap(), "id,name\n1,\"a,b\"\n");
    lake.apply(export("select 1 as id where false", "out/x.csv", None)).await.unwrap();
    assert_eq!(fs::read_to_string(lake.path("out/x.csv")).unwrap(), "id\n");
    assert_eq!(lake.rows("select count(*) as n from x").await, "n\n0");
    assert_eq!(lake.types("select * from x").await, ["Int64"]);
    lake.apply(export(
        "select 1 / (v.value - 9000) as id from generate_series(1, 9000) as v(value)",
        "out/x.csv",
        None,
    ))
    .await
    .unwrap_err();
    assert_eq!(fs::read_to_string(lake.path("out/x.csv")).unwrap(), "id\n");
    assert_eq!(beside(&lake), ["x.csv"]);
}

#[tokio::test]
async fn what_a_killed_process_leaves_is_repaired() {
    let lake = Fixture::new();
    write(&lake, "select 1 as id, 'a' as p").await.unwrap();
    assert_eq!(beside(&lake), ["x"]);
    // Killed while it wrote: the files of the version before are those that are read.
    let staged = lake.path("out/.x.6c7d3f0e-1b7b-4bb4-9d0f-3d1d6a1f0a11.staged");
    fs::create_dir_all(staged.join("p=b")).unwrap();
    fs::write(staged.join("p=b/part-0.csv"), "id\n2\n").unwrap();
    assert_eq!(lake.rows("select * from x").await, "id|p\n1|a");
    // Killed between two renamings, where folders cannot change places: the one before comes back.
    fs::rename(lake.path("out/x"), lake.path("out/.x.6c7d3f0e-1b7b-4bb4-9d0f-3d1d6a1f0a12.aside")).unwrap();
    write(&lake, "select 1 / (v.value - 9000) as id, 'b' as p from generate_series(1, 9000) as v(value)")
        .await
        .unwrap_err();
    assert_eq!(lake.rows("select * from x").await, "id|p\n1|a");
    write(&lake, "select 3 as id, 'c' as p").await.unwrap();
    assert_eq!(lake.rows("select * from x").await, "id|p\n3|c");
    assert_eq!(beside(&lake), ["x"]);
    assert!(!lake.path("out/x/p=a").exists());
}

#[tokio::test]
async fn what_is_not_ours_is_not_replaced() {
    let lake = Fixture::new();
    lake.file("out/x/notes.txt", "mine");
    let error = write(&lake, "select 1 as id, 'a' as p").await.unwrap_err();
    assert!(error.message.ends_with("has files in it that transform did not write"), "{}", error.message);
    assert_eq!(fs::read_to_string(lake.path("out/x/notes.txt")).unwrap(), "mine");
    fs::remove_file(lake.path("out/x/notes.txt")).unwrap();
    write(&lake, "select 1 as id, 'a' as p").await.unwrap();
    let error = lake.apply(export("select 1 as id", "out/x", None)).await.unwrap_err();
    assert!(error.message.ends_with("is a folder, where a file is to be written"), "{}", error.message);
}

#[tokio::test]
async fn columns_that_no_folder_can_be_called_by_are_refused() {
    let lake = Fixture::new();
    let error = lake.apply(export(r#"select 1 as id, 2 as "a/b""#, "out/x", Some("a/b"))).await.unwrap_err();
    assert_eq!(error.message, "`partition_by` names column `a/b`, which no folder can be called by");
    assert!(beside(&lake).is_empty());
}
