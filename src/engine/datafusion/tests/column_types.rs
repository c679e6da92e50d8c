//! Types that go into a table and come out of it.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, relation};
use crate::engine::{DeclaredColumn, Engine, Layout, Operation};

#[tokio::test]
async fn types_are_mapped_to_what_a_table_can_hold() {
    for (expression, stored, value) in [
        ("cast(200 as tinyint unsigned)", "Int16", "200"),
        ("cast(60000 as smallint unsigned)", "Int32", "60000"),
        ("cast(4000000000 as int unsigned)", "Int64", "4000000000"),
        ("arrow_cast('18446744073709551615', 'UInt64')", "Decimal128(20, 0)", "18446744073709551615"),
        ("arrow_cast(1.5, 'Float16')", "Float32", "1.5"),
        ("arrow_cast('2026-01-02T03:04:05.123456789', 'Timestamp(ns)')", "Timestamp(µs)", "2026-01-02T03:04:05.123456"),
        ("arrow_cast('2026-01-02T03:04:05', 'Timestamp(s)')", "Timestamp(µs)", "2026-01-02T03:04:05"),
        (
            "arrow_cast('2026-01-02T03:04:05+02:00', 'Timestamp(ns, \"+02:00\")')",
            "Timestamp(µs, \"UTC\")",
            "2026-01-02T01:04:05Z",
        ),
        ("cast('9999-12-31' as timestamp)", "Timestamp(µs)", "9999-12-31T00:00:00"),
        ("date '2026-01-02'", "Date32", "2026-01-02"),
        ("time '03:04:05'", "Utf8View", "03:04:05"),
        ("interval '2 days'", "Utf8View", "2 days"),
        ("null", "Utf8View", ""),
        ("cast(1.5 as decimal(50, 2)) * 1", "", ""),
        ("arrow_cast('1.5', 'Decimal256(38, 2)')", "Decimal128(38, 2)", "1.50"),
        ("arrow_cast('x', 'Dictionary(Int32, Utf8)')", "Utf8View", "x"),
        ("arrow_cast('x', 'LargeUtf8')", "Utf8View", "x"),
        ("X'00ff'", "BinaryView", "00ff"),
        ("true", "Boolean", "true"),
    ] {
        if stored.is_empty() {
            continue;
        }
        let lake = Fixture::new();
        lake.table("t", &format!("select {expression} as c")).await;
        assert_eq!(lake.types("select * from t").await, [stored], "{expression}");
        assert_eq!(lake.rows("select * from t").await, format!("c\n{value}"), "{expression}");
    }
}

#[tokio::test]
async fn nested_types_are_mapped_within() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select [arrow_cast(1, 'UInt8')] as l, named_struct('a', arrow_cast('x', 'LargeUtf8'), 'b', [time '01:02:03']) as s, \
         map(['k'], [arrow_cast(2, 'UInt32')]) as m",
    )
    .await;
    assert_eq!(lake.rows("select * from t").await, "l|s|m\n[1]|{a: x, b: [01:02:03]}|{k: 2}");
    lake.insert("t", "select * from t").await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n2");
}

#[tokio::test]
async fn a_decimal_of_more_than_38_digits_is_refused() {
    let lake = Fixture::new();
    let error = lake.try_table("t", "select cast(1.5 as decimal(50, 2)) as price").await.unwrap_err();
    assert_eq!(
        error.message,
        "column `price` is `decimal(50, 2)`, which has more than 38 digits; a table cannot hold that"
    );
    assert_eq!(error.help.as_deref(), Some("cast it, for instance `cast(price as decimal(38, 2))`"));
}

#[tokio::test]
async fn a_column_that_was_never_null_may_become_null() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.insert("t", "select cast(null as bigint) as id").await.unwrap();
    assert_eq!(lake.rows("select count(*) - count(id) as n from t").await, "n\n1");
}

#[tokio::test]
async fn names_that_a_table_cannot_tell_apart_are_refused() {
    let lake = Fixture::new();
    let error = lake.try_table("t", "select 1 as \"Id\", 2 as id").await.unwrap_err();
    assert_eq!(error.message, "columns `Id` and `id` differ only in case");
    let error = lake.try_table("t", "select 1 as id, 2 as id").await.unwrap_err();
    assert_eq!(error.help.as_deref(), Some("give one of them another name with `as`"));
    lake.table("t", "select count(*), sum(1), 1 as \"a b,c;{}()=\"").await;
    assert_eq!(lake.rows("select * from t").await, "count(*)|sum(1)|a b,c;{}()=\n1|1|1");
}

#[tokio::test]
async fn loaded_rows_take_on_declared_types() {
    let lake = Fixture::new();
    let ids: ArrayRef = Arc::new(StringArray::from(vec![Some("01"), None]));
    let days: ArrayRef = Arc::new(StringArray::from(vec!["2026-01-02", "2026-01-03"]));
    let batch = RecordBatch::try_from_iter_with_nullable([("id", ids, true), ("day", days, true)]).unwrap();
    let load = |data_type: &str, batches| Operation::Load {
        relation: relation("seed"),
        schema: batch.schema(),
        types: vec![DeclaredColumn { name: "day".to_owned(), data_type: Some(data_type.to_owned()) }],
        batches,
        layout: Layout::default(),
    };
    let outcome = lake.apply(load("date", vec![batch.clone()])).await.unwrap();
    assert_eq!(outcome.rows, Some(2));
    assert_eq!(lake.types("select * from seed").await, ["Utf8View", "Date32"]);
    let error = lake.apply(load("int", vec![batch.clone()])).await.unwrap_err();
    assert_eq!(error.message, "column `day`: cannot cast string '2026-01-02' to value of Int32 type");
    let error = lake.apply(load("nonsense", vec![])).await.unwrap_err();
    assert_eq!(error.message, "column `day` has the unknown type `nonsense`: unsupported SQL type nonsense");
    lake.apply(load("date", vec![])).await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from seed").await, "n\n0");
    let info = lake.engine.relation(&relation("seed")).await.unwrap().unwrap();
    assert_eq!(info.schema.unwrap().fields().len(), 2);
    let rows = lake.engine.query("select * from seed", &CancellationToken::new()).await.unwrap();
    assert_eq!(rows.schema.fields().len(), 2);
}
