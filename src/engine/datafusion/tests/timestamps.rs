//! Timestamps have microseconds, from the year 1 to the year 9999.

use super::fixture::Fixture;
use crate::engine::ErrorKind;

const MICROS: &str = "Timestamp(µs)";
const MICROS_UTC: &str = "Timestamp(µs, \"UTC\")";

#[tokio::test]
async fn whatever_makes_a_timestamp_makes_microseconds() {
    let lake = Fixture::new();
    for (sql, wanted) in [
        ("timestamp '2020-01-01 10:00:00'", MICROS),
        ("cast('2020-01-01' as timestamp)", MICROS),
        ("'2020-01-01'::timestamp(9)", MICROS),
        ("try_cast('x' as timestamp)", MICROS),
        ("cast('2020-01-01 10:00:00Z' as timestamp with time zone)", MICROS_UTC),
        ("timestamp '2020-01-01' at time zone 'UTC'", MICROS_UTC),
        ("now()", MICROS),
        ("current_timestamp", MICROS),
        ("current_timestamp()", MICROS),
        ("to_timestamp('2020-01-01')", MICROS),
        ("to_timestamp(1.5)", MICROS),
        ("date_trunc('month', '2020-01-15')", MICROS),
        ("date_trunc('month', date '2020-01-15')", MICROS),
        ("timestamp '2020-01-01' + interval '1 day'", MICROS),
        ("now() - interval '1 month'", MICROS),
        ("date '2020-01-01' + time '10:00:00'", MICROS),
        ("coalesce(timestamp '2020-01-01', '9999-12-31')", MICROS),
        ("case when true then date '2020-01-01' else timestamp '2020-01-01' end", MICROS),
        ("timestamp '2020-01-01' - timestamp '2019-01-01'", "Duration(µs)"),
    ] {
        assert_eq!(lake.types(&format!("select {sql} as x")).await, [wanted], "{sql}");
    }
    let union = "select timestamp '2020-01-01' as x union all select date '9999-12-31'";
    assert_eq!(lake.types(union).await, [MICROS]);
    assert_eq!(lake.rows(&format!("select max(x) as x from ({union})")).await, "x\n9999-12-31T00:00:00");
}

#[tokio::test]
async fn nanoseconds_are_for_those_who_name_them() {
    let lake = Fixture::new();
    let wanted = ["Timestamp(ns)", "Timestamp(ns)", "Boolean"];
    let sql = "select to_timestamp_nanos(1) as a, arrow_cast(now(), 'Timestamp(ns)') as b, to_timestamp_nanos(1) < now() as c";
    assert_eq!(lake.types(sql).await, wanted);
}

#[tokio::test]
async fn the_first_and_the_last_year_fit() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select * from (values (timestamp '0001-01-01'), (timestamp '9999-12-31 23:59:59.999999'), (null)) as v (at)",
    )
    .await;
    assert_eq!(
        lake.rows("select at from t order by at nulls last").await,
        "at\n0001-01-01T00:00:00\n9999-12-31T23:59:59.999999\n"
    );
    for (condition, count) in [
        ("at < '9999-12-31'", 1),
        ("at > date '9999-12-30'", 1),
        ("at between '0001-01-01' and '9999-12-31 23:59:59.999999'", 2),
        ("at in ('0001-01-01', '9999-12-31')", 1),
        ("at = to_timestamp('9999-12-31 23:59:59.999999')", 1),
        ("at = (select max(at) from t)", 1),
        ("at + interval '1 day' > '0001-01-02' and at < now()", 0),
        ("at - interval '1 year' < '9999-01-01' and at > now()", 1),
        ("coalesce(at, '9999-12-31') = cast('9999-12-31' as timestamp)", 1),
        ("nullif(at, '0001-01-01') is null", 2),
        ("date_trunc('year', at) = '9999-01-01'", 1),
        ("date_trunc('month', at at time zone 'UTC') = '9999-12-01'", 1),
        ("date_trunc('week', at) = '9999-12-27'", 1),
        ("date_part('year', at) = 9999", 1),
        ("to_char(at, '%Y') = '9999'", 1),
        ("case when at > now() then 'late' end = 'late'", 1),
    ] {
        let rows = lake.rows(&format!("select count(*) as n from t where {condition}")).await;
        assert_eq!(rows, format!("n\n{count}"), "{condition}");
    }
    lake.view("v", "select at, now() as read_at, at at time zone 'UTC' as zoned from t").await;
    lake.table("u", "select * from v").await;
    assert_eq!(lake.rows("select count(*) as n from u where zoned > '9999-12-31'").await, "n\n1");
    lake.execute("delete from t where at < '0001-01-02'").await.unwrap();
    lake.execute("update t set at = '9999-12-31' where at is null").await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t where at >= '9999-12-31'").await, "n\n2");
}

#[tokio::test]
async fn moments_and_intervals_add_up() {
    let lake = Fixture::new();
    for (sql, wanted) in [
        ("timestamp '9999-12-31' - interval '1 microsecond'", "9999-12-30T23:59:59.999999"),
        ("timestamp '0001-01-01' + interval '9998 years'", "9999-01-01T00:00:00"),
        ("date '9999-12-31' + time '23:00:00'", "9999-12-31T23:00:00"),
        ("to_timestamp(1.5)", "1970-01-01T00:00:01.500"),
        ("to_timestamp(253402214400)", "9999-12-31T00:00:00"),
        ("to_timestamp('31/12/9999', '%d/%m/%Y')", "9999-12-31T00:00:00"),
        ("cast(to_timestamp(cast(1.25 as decimal(10, 2))) as varchar)", "1970-01-01 00:00:01.25"),
        ("to_timestamp('0001-01-01 10:00 Europe/Paris', '%s', '%Y-%m-%d %H:%M %Z')", "0001-01-01T09:50:39"),
        ("to_timestamp('9999-12-31T23:00:00-01:00')", "+10000-01-01T00:00:00"),
        ("to_timestamp('x', null)", ""),
        ("now() = current_timestamp", "true"),
        ("date_trunc('second', now()) <= now()", "true"),
        ("timestamp '2020-01-02' - timestamp '2020-01-01' = interval '24 hours'", "true"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x")).await, format!("x\n{wanted}"), "{sql}");
    }
}

#[tokio::test]
async fn what_is_no_moment_is_refused() {
    let lake = Fixture::new();
    for sql in [
        "cast('9999-13-01' as timestamp)",
        "timestamp '2020-01-01' < 'soon'",
        "to_timestamp('soon')",
        "to_timestamp('soon', '%Y')",
    ] {
        let error = lake.try_rows(&format!("select {sql} as x")).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Execution | ErrorKind::Plan), "{sql}: {error:?}");
    }
    lake.try_rows("select to_timestamp() as x").await.unwrap_err();
}

#[tokio::test]
async fn intervals_compare_by_their_length() {
    let lake = Fixture::new();
    for condition in [
        "interval '1 day' = timestamp '2020-01-02' - timestamp '2020-01-01'",
        "timestamp '2020-01-02' - timestamp '2020-01-01' <= interval '24 hours'",
        "interval '1 month' > interval '29 days'",
        "interval '25 hours' <> interval '1 day'",
        "not (interval '2 days' < timestamp '2020-01-02' - timestamp '2020-01-01')",
        "(interval '1 day' = null) is null",
    ] {
        assert_eq!(lake.rows(&format!("select {condition} as x")).await, "x\ntrue", "{condition}");
    }
    let column = "select count(*) as n from (values (interval '36 hours'), (null)) as t (i) where i > interval '1 day'";
    assert_eq!(lake.rows(column).await, "n\n1");
}

#[tokio::test]
async fn series_of_timestamps_have_microseconds_too() {
    let lake = Fixture::new();
    let ends = "timestamp '2020-01-01', timestamp '2020-01-03', interval '1 day'";
    for (function, rows) in [("range", "2"), ("generate_series", "3")] {
        let types = lake.types(&format!("select unnest({function}({ends})) as x")).await;
        assert_eq!(types, [MICROS], "{function}");
        let counted = format!("select count(*) as n from (select unnest({function}({ends})) as x)");
        assert_eq!(lake.rows(&counted).await, format!("n\n{rows}"), "{function}");
        assert_eq!(lake.rows(&format!("select array_length({function}(3)) > 2 as x")).await, "x\ntrue");
    }
    assert_eq!(
        lake.types("select unnest(range(date '2020-01-01', date '2020-01-03', interval '1 day')) as x").await,
        ["Date32"]
    );
}

#[tokio::test]
async fn an_offset_may_be_one_digit() {
    let lake = Fixture::new();
    for (sql, wanted) in [
        ("timestamp '2020-01-01 00:00:00-0'", "2020-01-01T00:00:00"),
        ("cast('2020-01-01 03:00:00+2' as timestamp)", "2020-01-01T01:00:00"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x")).await, format!("x\n{wanted}"), "{sql}");
    }
}

#[tokio::test]
async fn dates_are_written_and_read_in_the_words_of_warehouses() {
    let lake = Fixture::new();
    let text = lake.rows("select to_char(timestamp '2024-03-05 14:07:09', 'YYYY-MM-DD HH24:MI:SS') as at").await;
    assert_eq!(text, "at\n2024-03-05 14:07:09");
    let columns = "select to_char(at, f) as at from (values (date '2024-03-05', 'DD Mon YY'), (date '2024-03-06', '%d/%m')) t(at, f)";
    assert_eq!(lake.rows(columns).await, "at\n05 Mar 24\n06/03");
    assert_eq!(lake.rows("select to_date('05.03.2024', 'DD.MM.YYYY') as d").await, "d\n2024-03-05");
    assert_eq!(
        lake.rows("select to_timestamp('20240305 1407', 'YYYYMMDD HH24MI') as at").await,
        "at\n2024-03-05T14:07:00"
    );
    let error = lake.try_rows("select to_char(date '2024-03-05', 'YYYY-XX') as at").await.unwrap_err();
    assert!(error.message.contains("a word that is not known, at `XX`"), "{error}");
}

#[tokio::test]
async fn moments_with_a_zone_are_compared_with_those_without_one() {
    let lake = Fixture::new();
    let rows =
        "(values (1, '2020-01-01 10:00:00Z'), (2, '2021-01-01 10:00:00Z'), (3, '2022-01-01 10:00:00Z')) as t(id, at)";
    lake.table("t", &format!("select id, cast(at as timestamp with time zone) as at from {rows}")).await;
    lake.execute("delete from t where at < timestamp '2020-06-01'").await.unwrap();
    lake.execute("update t set id = 9 where at > cast('2021-06-01' as timestamp)").await.unwrap();
    assert_eq!(lake.rows("select id from t order by id").await, "id\n2\n9");
}
