//! Damaged source files, and files that are not as declared.

use super::fixture::Fixture;
use super::sources::{column, ids_and_names, parquet, raw};
use crate::engine::{ErrorKind, ExternalTable};

/// A file, its content, declared columns, and what is said of it.
type Case<'a> = (&'a str, &'a [u8], &'a [(&'a str, &'a str)], &'a str);

async fn fault(file: &str, bytes: &[u8], columns: &[(&str, &str)]) -> String {
    let lake = Fixture::new();
    lake.file(&format!("raw/{file}"), bytes);
    let columns = columns.iter().map(|(name, data_type)| column(name, data_type)).collect();
    lake.declare(ExternalTable { columns, ..raw(&["raw/*"]) });
    let error = lake.try_rows("select * from raw").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::SourceFile, "{error:?}");
    error.message
}

#[tokio::test]
async fn faults_of_csv_name_file_and_line() {
    let id: &[(&str, &str)] = &[("id", "int")];
    let cases: &[Case<'_>] = &[
        (
            "a.csv",
            b"id\n1\nx\n",
            id,
            "file `raw/a.csv`, line 3: value `x` of column `id` is not a whole number (Int32)",
        ),
        ("a.csv", b"id,n\n1,2\n1,2,3\n", id, "file `raw/a.csv`, line 3: the row has 3 fields where 2 are expected"),
        ("a.csv", b"id,n\n1,2\n1\n", &[], "file `raw/a.csv`, line 3: the row has 1 fields where 2 are expected"),
        ("a.csv", b"id,id\n1,2\n", &[], "file `raw/a.csv`: two columns are named `id` in the header"),
        ("a.csv", b"n\n1\n", id, "file `raw/a.csv`: the declared column `id` is not there"),
        (
            "a.csv",
            b"UserID;ts\n1;2\n",
            &[("UserID", "int"), ("ts", "int")],
            "file `raw/a.csv`: the header `UserID;ts` is one field, and several columns are declared",
        ),
        ("a.csv.gz", b"\x1f\x8b\x08\x00broken", &[], "file `raw/a.csv.gz`: unexpected end of file"),
    ];
    for (file, bytes, columns, message) in cases {
        assert_eq!(fault(file, bytes, columns).await, *message);
    }
}

#[tokio::test]
async fn faults_of_other_formats_name_the_file() {
    let batch = parquet(&ids_and_names());
    let id: &[(&str, &str)] = &[("id", "int")];
    let cases: &[Case<'_>] = &[
        ("a.parquet", &batch[..batch.len() - 20], &[], "file `raw/a.parquet`: invalid Parquet file. Corrupt footer"),
        ("a.ndjson", b"{\"id\": 1}\n{\"id\": \n", &[], "file `raw/a.ndjson`: not valid JSON"),
        (
            "a.ndjson",
            b"{\"id\": 1}\n{\"id\": \"x\"}\n",
            id,
            "file `raw/a.ndjson`: whilst decoding field 'id': failed to parse",
        ),
        ("a.json", b"[{\"id\": 1}, {\"id\"", id, "file `raw/a.json`: truncated record"),
        ("a.avro", b"x", &[], "file `raw/a.avro`: avro error"),
        ("a.arrow", b"x", &[], "file `raw/a.arrow`: failed to parse Arrow file"),
        ("a.xml", b"x", &[], "file `raw/a.xml`: its name does not tell its format"),
        ("a.xlsx", b"x", &[], "file `raw/a.xlsx`: the workbook cannot be read"),
        (
            "a.parquet.gz",
            b"x",
            &[],
            "file `raw/a.parquet.gz`: it is compressed as a whole, which its format does not allow",
        ),
    ];
    for (file, bytes, columns, message) in cases {
        let fault = fault(file, bytes, columns).await;
        assert!(fault.starts_with(message), "{fault}");
    }
}

#[tokio::test]
async fn the_one_bad_file_of_many_is_found() {
    let lake = Fixture::new();
    for number in 0..20 {
        lake.file(&format!("raw/{number:02}.csv"), if number == 13 { "id\n1\n2\nbad\n" } else { "id\n1\n" });
    }
    lake.declare(ExternalTable { columns: vec![column("id", "int")], ..raw(&["raw/*.csv"]) });
    let error = lake.try_table("t", "select sum(id) as total from raw").await.unwrap_err();
    assert_eq!(error.message, "file `raw/13.csv`, line 4: value `bad` of column `id` is not a whole number (Int32)");
    assert_eq!(error.kind, ErrorKind::SourceFile);
}

#[tokio::test]
async fn no_file_is_an_error() {
    let lake = Fixture::new();
    lake.declare(raw(&["raw/*.csv"]));
    let error = lake.try_rows("select * from raw").await.unwrap_err();
    assert_eq!(error.message, "no file matches `raw/*.csv`");
    assert_eq!(error.kind, ErrorKind::SourceFile);
}

#[tokio::test]
async fn a_file_outside_the_partitions_is_named() {
    let lake = Fixture::new();
    lake.file("raw/year=2026/a.csv", "id\n1\n");
    lake.file("raw/z.csv", "id\n1\n");
    lake.declare(raw(&["raw"]));
    let error = lake.try_rows("select * from raw").await.unwrap_err();
    assert_eq!(error.message, "file `raw/z.csv`: no folder `year=…` is in its path");
    lake.declare(ExternalTable { partitions: vec![column("year", "date")], ..raw(&["raw/year=2026"]) });
    let error = lake.try_rows("select * from raw").await.unwrap_err();
    assert_eq!(error.message, "file `raw/year=2026/a.csv`: partition `year=2026` is not of type Date32");
}
