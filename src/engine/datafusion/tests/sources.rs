//! Source tables that are files.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, RecordBatch, StringArray};

use super::fixture::{Fixture, relation};
use crate::engine::{Compression, CsvOptions, DeclaredColumn, ErrorKind, ExternalTable, FileFormat};

/// A source table `raw` of these files, nothing else declared.
pub(super) fn raw(locations: &[&str]) -> ExternalTable {
    ExternalTable {
        relation: relation("raw"),
        locations: locations.iter().map(|text| (*text).to_owned()).collect(),
        format: None,
        compression: None,
        csv: CsvOptions::default(),
        sheet: None,
        partitions: Vec::new(),
        columns: Vec::new(),
    }
}

pub(super) fn column(name: &str, data_type: &str) -> DeclaredColumn {
    let data_type = (!data_type.is_empty()).then(|| data_type.to_owned());
    DeclaredColumn { name: name.to_owned(), data_type }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

pub(super) fn parquet(batch: &RecordBatch) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = datafusion::parquet::arrow::ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    out
}

fn arrow_file(batch: &RecordBatch) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = arrow::ipc::writer::FileWriter::try_new(&mut out, &batch.schema()).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap();
    drop(writer);
    out
}

pub(super) fn ids_and_names() -> RecordBatch {
    let ids: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
    let names: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None]));
    RecordBatch::try_from_iter_with_nullable([("id", ids, true), ("name", names, true)]).unwrap()
}

/// The same rows as an Avro file, as `fastavro` writes it.
const AVRO: &[u8] = b"Obj\x01\x04\x14avro.codec\x08null\x16avro.schema\xf0\x01{\"type\": \"record\", \"name\": \"r\", \
    \"fields\": [{\"name\": \"id\", \"type\": \"int\"}, {\"name\": \"name\", \"type\": [\"null\", \"string\"]}]}\
    \x000123456789abcdef\x04\x0c\x02\x02\x02a\x04\x000123456789abcdef";

const ROWS: &str = "id|name\n1|a\n2|";

#[tokio::test]
async fn every_format_is_read_in_every_compression() {
    let csv = b"id,name\n1,a\n2,\n".as_slice();
    let ndjson = b"{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":null}\n".as_slice();
    let json = b"[{\"id\":1,\"name\":\"a\"},\n {\"id\":2}]".as_slice();
    for (name, text) in
        [("t.csv", csv), ("t.ndjson", ndjson), ("t.jsonl", ndjson), ("t.json", json), ("l.json", ndjson)]
    {
        for (ending, bytes) in [("", text.to_vec()), (".gz", gzip(text)), (".zst", zstd(text))] {
            for columns in [vec![], vec![column("id", "bigint"), column("name", "varchar")]] {
                let lake = Fixture::new();
                let file = format!("raw/{name}{ending}");
                lake.file(&file, &bytes);
                lake.declare(ExternalTable { columns, ..raw(&[&file]) });
                assert_eq!(lake.rows("select * from raw order by id").await, ROWS, "{file}");
            }
        }
    }
    let batch = ids_and_names();
    for (name, bytes) in [("t.parquet", parquet(&batch)), ("t.arrow", arrow_file(&batch)), ("t.avro", AVRO.to_vec())] {
        for columns in [vec![], vec![column("id", "bigint"), column("name", "")]] {
            let lake = Fixture::new();
            lake.file(name, &bytes);
            lake.declare(ExternalTable { columns, ..raw(&[name]) });
            assert_eq!(lake.rows("select * from raw order by id").await, ROWS, "{name}");
        }
    }
}

#[tokio::test]
async fn format_and_compression_can_be_declared() {
    let lake = Fixture::new();
    lake.file("raw/export", gzip(b"id;name\n1;'a;b'\n2;NULL\n"));
    let csv =
        CsvOptions { delimiter: b';', quote: b'\'', null_value: Some("NULL".to_owned()), ..CsvOptions::default() };
    lake.declare(ExternalTable {
        format: Some(FileFormat::Csv),
        compression: Some(Compression::Gzip),
        csv,
        ..raw(&["raw/export"])
    });
    assert_eq!(lake.rows("select * from raw where name is not null").await, "id|name\n1|a;b");
}

#[tokio::test]
async fn csv_columns_are_found_by_name() {
    let lake = Fixture::new();
    lake.file("raw/1.csv", "id,name,extra\n1,a,x\n");
    lake.file("raw/2.csv", "\u{feff}name,id\nb,2\n");
    lake.declare(ExternalTable { columns: vec![column("name", ""), column("id", "int")], ..raw(&["raw/*.csv"]) });
    assert_eq!(lake.rows("select * from raw order by id").await, "name|id\na|1\nb|2");
    assert_eq!(lake.types("select * from raw").await, ["Utf8View", "Int32"]);
    assert_eq!(lake.rows("select count(*) as n from raw").await, "n\n2");
}

#[tokio::test]
async fn inferred_columns_are_those_of_all_files() {
    let lake = Fixture::new();
    lake.file("raw/1.csv", "id,name\n1,a\n");
    lake.file("raw/2.csv", "name,id,since\nb,2.5,2026-01-01\n");
    lake.declare(raw(&["raw"]));
    assert_eq!(lake.rows("select * from raw order by id").await, "id|name|since\n1.0|a|\n2.5|b|2026-01-01");
}

#[tokio::test]
async fn a_csv_without_a_header_has_the_declared_columns() {
    let lake = Fixture::new();
    lake.file("t.csv", "1,a\n2,b\n");
    let csv = CsvOptions { header: false, ..CsvOptions::default() };
    lake.declare(ExternalTable { csv, columns: vec![column("id", "int"), column("name", "")], ..raw(&["t.csv"]) });
    assert_eq!(lake.rows("select * from raw order by id").await, "id|name\n1|a\n2|b");
}

#[tokio::test]
async fn declared_types_are_those_of_sql() {
    let lake = Fixture::new();
    lake.file("t.csv", "d,at,price,ok\n2026-01-02,2026-01-02 03:04:05,1.50,true\n");
    let columns =
        vec![column("d", "date"), column("at", "timestamp"), column("price", "decimal(9,2)"), column("ok", "boolean")];
    lake.declare(ExternalTable { columns, ..raw(&["t.csv"]) });
    assert_eq!(lake.types("select * from raw").await, ["Date32", "Timestamp(µs)", "Decimal128(9, 2)", "Boolean"]);
    assert_eq!(lake.rows("select * from raw").await, "d|at|price|ok\n2026-01-02|2026-01-02T03:04:05|1.50|true");
}

#[tokio::test]
async fn locations_are_patterns() {
    let lake = Fixture::new();
    for name in ["raw/2025/a.csv", "raw/2026/b1.csv", "raw/2026/deep/b2.csv", "raw/_SUCCESS", "raw/.hidden.csv"] {
        lake.file(name, "id\n1\n");
    }
    for (location, files) in [
        ("raw/2025/a.csv", 1),
        ("raw/2026/", 2),
        ("raw/202?/*.csv", 2),
        ("raw/**/*.csv", 3),
        ("raw/202[56]/[ab]*.csv", 2),
        ("raw/*", 3),
        ("./raw/../raw/2025", 1),
        ("file://raw/2025/a.csv", 1),
    ] {
        lake.declare(raw(&[location]));
        assert_eq!(lake.rows("select count(*) as n from raw").await, format!("n\n{files}"), "{location}");
    }
    lake.declare(raw(&[lake.path("raw/2025").to_str().unwrap(), "raw/2025/a.csv", "raw/2026"]));
    assert_eq!(lake.rows("select count(*) as n from raw").await, "n\n3");
}

#[tokio::test]
async fn partitions_are_columns_and_choose_files() {
    let lake = Fixture::new();
    lake.file("raw/year=2025/month=12/a.parquet", b"not a parquet file");
    lake.file("raw/year=2026/month=01/a.csv", "id\n1\n");
    lake.file("raw/year=2026/month=02/a.csv", "id\n2\n");
    lake.file("raw/year=2025/month=12/b.csv", "id\nx,y,z\n");
    lake.declare(ExternalTable { columns: vec![column("id", "int")], ..raw(&["raw/**/*.csv"]) });
    let query = "select * from raw where year = 2026 and month < 2";
    assert_eq!(lake.rows(query).await, "id|year|month\n1|2026|1");
    let query = "select id from raw where year = 2026 order by id";
    assert_eq!(lake.rows(query).await, "id\n1\n2");
    assert_eq!(lake.try_rows("select * from raw").await.unwrap_err().kind, ErrorKind::SourceFile);
}

#[tokio::test]
async fn types_are_told_by_rows_with_line_breaks_in_them_and_by_all_files() {
    let lake = Fixture::new();
    let rows: String = (0..3000).map(|id| format!("{id},\"a\nb,x,1\",{id}\n")).collect();
    lake.file("raw/1.csv", format!("id,text,n\n{rows}"));
    lake.file("raw/2.csv", "id,text,n\n3000,\"a\"\"\n\",0.5\n");
    lake.declare(raw(&["raw/*.csv"]));
    assert_eq!(
        lake.rows("select count(*) as n, max(id) as id, min(n) as least from raw where n < 1").await,
        "n|id|least\n2|3000|0.0"
    );
    assert_eq!(lake.types("select id, text, n from raw").await, ["Int64", "Utf8View", "Float64"]);
}

#[tokio::test]
async fn declared_partitions_have_declared_types() {
    let lake = Fixture::new();
    lake.file("raw/day=2026-01-31/country=f%20r/a.csv", "id\n1\n");
    lake.file("raw/day=2026-02-01/country=__HIVE_DEFAULT_PARTITION__/a.csv", "id\n2\n");
    let partitions = vec![column("day", "date"), column("country", "")];
    lake.declare(ExternalTable { partitions, ..raw(&["raw"]) });
    let query = "select * from raw order by id";
    assert_eq!(lake.rows(query).await, "id|day|country\n1|2026-01-31|f r\n2|2026-02-01|");
    assert_eq!(lake.rows("select id from raw where day > date '2026-01-31'").await, "id\n2");
}

/// The readers of the other files say that `p` is never null; rows sorted for a limit come under the word of one of them, whichever.
#[tokio::test]
async fn a_partition_of_nulls_may_follow_others() {
    for (file, row) in [("a.csv", "id\n1\n"), ("a.ndjson", "{\"id\":1}\n")] {
        let lake = Fixture::new();
        for letter in 'a'..='t' {
            lake.file(&format!("raw/p={letter}/{file}"), row);
        }
        lake.file(&format!("raw/p=__HIVE_DEFAULT_PARTITION__/{file}"), row);
        lake.declare(raw(&["raw"]));
        let query = "select count(*) as n, count(p) as p from (select * from raw order by id, p limit 100) as t";
        assert_eq!(lake.rows(query).await, "n|p\n21|20", "{file}");
        lake.rows("select * from raw order by id, p limit 100").await;
    }
}

#[tokio::test]
async fn parquet_files_of_different_types_are_one_table() {
    let lake = Fixture::new();
    lake.file("raw/1.parquet", parquet(&ids_and_names()));
    let ids: ArrayRef = Arc::new(arrow::array::Int64Array::from(vec![3]));
    let flags: ArrayRef = Arc::new(arrow::array::BooleanArray::from(vec![true]));
    lake.file("raw/2.parquet", parquet(&RecordBatch::try_from_iter([("id", ids), ("flag", flags)]).unwrap()));
    lake.declare(raw(&["raw/*.parquet"]));
    assert_eq!(lake.rows("select * from raw order by id").await, "id|name|flag\n1|a|\n2||\n3||true");
    assert_eq!(lake.types("select id from raw").await, ["Int64"]);
    let columns = vec![column("id", "varchar"), column("flag", "boolean")];
    lake.declare(ExternalTable { columns, ..raw(&["raw/*.parquet"]) });
    let error = lake.try_rows("select * from raw").await.unwrap_err();
    assert_eq!(error.message, "file `raw/1.parquet`: the declared column `flag` is not there");
}

#[tokio::test]
async fn a_source_wins_over_a_relation_of_its_name() {
    let lake = Fixture::new();
    lake.table("raw", "select 7 as id").await;
    lake.file("t.csv", "id\n1\n");
    lake.declare(raw(&["t.csv"]));
    assert_eq!(lake.rows("select * from raw").await, "id\n1");
    assert_eq!(
        lake.try_table("raw", "select 1 as id").await.unwrap_err().message,
        "`lake.main.raw` is a source made of files and cannot be written"
    );
}

#[tokio::test]
async fn a_source_may_be_in_a_database_of_its_own() {
    let lake = Fixture::new();
    lake.file("t.csv", "id\n1\n");
    let relation = crate::sql::Relation::new("landing", "shop", "Orders");
    lake.declare(ExternalTable { relation, ..raw(&["t.csv"]) });
    assert_eq!(lake.rows("select * from \"landing\".\"shop\".\"Orders\"").await, "id\n1");
}

#[tokio::test]
async fn paths_may_hold_any_character() {
    for name in ["a b", "50%", "50%20", "Größe", "a#b", "x=y z"] {
        let lake = Fixture::new();
        lake.file(&format!("{name}/{name}.csv"), "id\n1\n");
        for location in [format!("{name}/{name}.csv"), format!("{name}/*.csv"), name.to_owned()] {
            lake.declare(raw(&[&location]));
            assert_eq!(lake.rows("select id from raw").await, "id\n1", "{location}");
        }
    }
}

#[tokio::test]
async fn changed_files_are_seen() {
    let lake = Fixture::new();
    lake.file("raw/1.csv", "id\n1\n");
    lake.declare(raw(&["raw"]));
    assert_eq!(lake.rows("select count(*) as n from raw").await, "n\n1");
    lake.file("raw/2.csv", "id\n1\n");
    assert_eq!(lake.rows("select count(*) as n from raw").await, "n\n2");
}
