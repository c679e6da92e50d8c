//! Functions of the project's own.

use super::fixture::Fixture;
use crate::engine::ErrorKind;

#[tokio::test]
async fn a_function_is_kept_and_called() {
    let lake = Fixture::new();
    lake.execute(
        "create or replace function \"lake\".\"main\".\"twice\" (price float) returns float immutable as $$ select price * 2 $$ language sql",
    )
    .await
    .unwrap();
    assert_eq!(lake.lake_files("main"), ["twice.function.json"]);
    lake.table("t", "select * from (values (1, 1.5), (2, null), (3, 4.0)) as v (id, price)").await;
    assert_eq!(lake.rows("select lake.main.twice(100) as x").await, "x\n200.0");
    assert_eq!(lake.types("select twice(100) as x, main.twice(price => 1) as y").await, ["Float64", "Float64"]);
    let grouped =
        "select twice(price) as x, count(*) as n from t where twice(price) > 2 group by twice(price) order by x";
    assert_eq!(lake.rows(grouped).await, "x|n\n3.0|1\n8.0|1");
    assert_eq!(lake.rows("select sum(twice(price)) as x from t").await, "x\n11.0");
    assert_eq!(lake.rows("select id from t where id in (select cast(twice(0.5) as int))").await, "id\n1");
    lake.view("v", "select twice(price) as x from main.t").await;
    lake.execute("update t set price = twice(price) where twice(id) = 2").await.unwrap();
    lake.execute("delete from t where twice(id) = 6").await.unwrap();
    lake.execute("insert into t select 9, twice(9)").await.unwrap();
    lake.execute(
        "merge into t using (select 2 as id) as s on t.id = s.id when matched then update set price = twice(5)",
    )
    .await
    .unwrap();
    assert_eq!(lake.rows("select x from v order by x").await, "x\n6.0\n20.0\n36.0");
    lake.execute("create or replace function twice(price float) returns float as 'price * 3'").await.unwrap();
    assert_eq!(lake.rows("select max(x) as x from v").await, "x\n54.0");
    lake.execute("drop function twice").await.unwrap();
    let error = lake.try_rows("select lake.main.twice(1) as x").await.unwrap_err();
    assert_eq!(error.message, "there is no function `lake.main.twice`");
}

#[tokio::test]
async fn functions_have_types_defaults_and_bodies_of_many_kinds() {
    let lake = Fixture::new();
    lake.table("rates", "select 2.5 as rate").await;
    for sql in [
        "create function taxed(price numeric, rate int default 20, label text default 'EUR') returns text as $$ select cast(price * (100 + rate) / 100 as int) || label $$",
        "create function answer() returns int return 42",
        "create function later(at timestamp) returns timestamp stable as $$ case when at > now() then at else at + interval '1 day' end $$",
        "create function rated(x double) returns double as $$ x * (select max(rate) from rates) $$",
        "create function outer_one(x int) returns int as $$ select answer() + x $$",
        "create function roll(x double) returns double volatile as $$ x + random() * 0 $$",
        "create function \"Square\"(\"X\" int) returns int as $$ \"X\" * \"X\" $$",
    ] {
        lake.execute(sql).await.unwrap();
    }
    for (call, wanted) in [
        ("taxed(10)", "12EUR"),
        ("taxed(10, 50)", "15EUR"),
        ("taxed(price => 10, rate => 0, label => '!')", "10!"),
        ("answer()", "42"),
        ("later('9999-12-31')", "9999-12-31T00:00:00"),
        ("later('2020-01-01')", "2020-01-02T00:00:00"),
        ("rated(2)", "5.0"),
        ("outer_one(answer())", "84"),
        ("roll(1) between 0.9 and 1.1", "true"),
        ("\"Square\"(7)", "49"),
        ("(select answer()) + 1", "43"),
    ] {
        assert_eq!(lake.rows(&format!("select {call} as x")).await, format!("x\n{wanted}"), "{call}");
    }
}

#[tokio::test]
async fn what_is_no_function_is_refused() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    lake.execute("create function f(x int) returns int as $$ x + x $$").await.unwrap();
    for (sql, kind, message) in [
        ("create function f(x int) returns int as $$ x $$", ErrorKind::Plan, "function `lake.main.f` exists already"),
        ("create function g(x int) returns int as $$ y $$", ErrorKind::Plan, "function `lake.main.g`: "),
        ("create function g(x int) returns nothing as $$ x $$", ErrorKind::Plan, "function `lake.main.g`: "),
        (
            "create function g(x int) returns int as $$ sum(x) $$",
            ErrorKind::Unsupported,
            "function `lake.main.g`: its body is not one",
        ),
        ("create function g(x int) returns int as $$ select x, x $$", ErrorKind::Plan, "function `lake.main.g`: "),
        (
            "create function g(x int) returns int as $$ select max(id) from t where id < x $$",
            ErrorKind::Unsupported,
            "function `lake.main.g`: its body looks its arguments up in a table",
        ),
        (
            "create function g(x int) returns int as $$ g(x) $$ language python",
            ErrorKind::Unsupported,
            "function `lake.main.g` is in python",
        ),
        ("create function g(int) returns int as $$ 1 $$", ErrorKind::Unsupported, "the embedded engine cannot run"),
        ("drop function g", ErrorKind::UnknownFunction, "there is no function `lake.main.g`"),
        ("select f() as x", ErrorKind::Plan, ""),
        ("select f(1, 2) as x", ErrorKind::Plan, ""),
        ("select main.g(1) as x", ErrorKind::UnknownFunction, "there is no function `lake.main.g`"),
        ("select f(cast(random() as int)) as x", ErrorKind::Plan, "function `lake.main.f` uses `x` more than once"),
    ] {
        let error = lake.execute(sql).await.unwrap_err();
        assert_eq!(error.kind, kind, "{sql}: {error:?}");
        assert!(error.message.starts_with(message), "{sql}: {}", error.message);
    }
    lake.execute("create or replace function g(x int) returns int as $$ f(x) $$").await.unwrap();
    lake.execute("create or replace function f(x int) returns int as $$ g(x) $$").await.unwrap_err();
    lake.execute("create function if not exists f(x int) returns int as $$ 0 $$").await.unwrap_err();
    lake.execute("drop function if exists nope").await.unwrap();
    assert_eq!(lake.rows("select f(2) as x").await, "x\n4");
}
