//! Sums stay within their types, and times in their zones.

use super::fixture::Fixture;
use crate::engine::ErrorKind;

#[tokio::test]
async fn a_whole_number_that_does_not_fit_is_an_error() {
    let lake = Fixture::new();
    lake.table("t", "select 9223372036854775807 as large, cast(2147483647 as integer) as small, 2 as two").await;
    for sql in [
        "large + 1",
        "1 + large",
        "large + two",
        "-two - large",
        "large * two",
        "small * small * small * small",
        "small + small",
        "9223372036854775807 + 1",
        "max(large + two)",
        "-(-large - 1)",
        "sum(two) + 9223372036854775807",
        "(select sum(a) from (values (9223372036854775807), (1)) as v(a))",
        "(select max(s) from (select b, sum(a) as s from (values (9223372036854775807, 1), (1, 1)) as v(a, b) group by b))",
        "(select sum(distinct a) from (values (9223372036854775807), (1)) as v(a))",
        "(select max(s) from (select sum(a) over (order by b) as s from (values (9223372036854775807, 1), (1, 2)) as v(a, b)))",
        "(select sum(a + 9223372036854775806) from (values (1), (1)) as v(a))",
    ] {
        let error = lake.try_rows(&format!("select {sql} as x from t")).await.expect_err(sql);
        assert!(error.message.contains("overflow"), "{sql}: {error:?}");
    }
    for (sql, value) in [
        ("large - 1", "9223372036854775806"),
        ("small + 1", "2147483648"),
        ("small + null", ""),
        ("-small", "-2147483647"),
        ("(select sum(a) from (values (9223372036854775807), (1), (-1)) as v(a))", "9223372036854775807"),
        ("(select sum(a) from (values (1)) as v(a) where a > 1)", ""),
        ("(select sum(a) filter (where a > 1) from (values (1), (2), (null), (3)) as v(a))", "5"),
        ("(select sum(distinct a) from (values (2), (2), (3)) as v(a))", "5"),
        (
            "(select max(s) from (select sum(a) over (order by a rows 1 preceding) as s from (values (1), (2), (4)) as v(a)))",
            "6",
        ),
        ("(select sum(cast(a as decimal(5, 2))) from (values (1), (2)) as v(a))", "3.00"),
        ("date '2024-01-31' + 1", "2024-02-01"),
        ("row_number() over (order by two) - row_number() over (order by large) - 1", "-1"),
        ("(select count(*) from t as o where o.two = t.two - 1)", "0"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x from t")).await, format!("x\n{value}"), "{sql}");
    }
    assert_eq!(lake.rows("select two + 1, count(*) from t group by two + 1").await, "two + 1|count(*)\n3|1");
}

#[tokio::test]
async fn a_decimal_that_does_not_fit_is_an_error() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select cast('99999999999999999999999999999999999999' as decimal(38, 0)) as most, \
         cast('1000000000' as decimal(38, 10)) as large, cast('12345678.5' as decimal(19, 10)) as small, cast(1 as decimal(38, 0)) as one, \
         cast('10000000' as decimal(38, 30)) as fine",
    )
    .await;
    for (sql, name) in [
        ("most + one", "decimal(38, 0)"),
        ("-most - one", "decimal(38, 0)"),
        ("large * large", "decimal(38, 20)"),
        ("most * one / small", "decimal(38, 4)"),
        ("1000000000::numeric * 1000000000::numeric", "decimal(38, 20)"),
        ("max(most) + max(one)", "decimal(38, 0)"),
        ("(select sum(v) from (select most as v from t union all select one from t))", "decimal(38, 0)"),
        ("(select sum(v) from (select fine as v from t, range(20)))", "decimal(38, 30)"),
        (
            "(select max(s) from (select sum(v) as s from (select fine as v, value as k from t, range(20)) group by k % 1))",
            "decimal(38, 30)",
        ),
        (
            "(select max(s) from (select sum(v) as s from (select most as v, 1 as k from t union all select one, 1 from t) group by k))",
            "decimal(38, 0)",
        ),
        ("(select sum(distinct v) from (select most as v from t union all select one from t))", "decimal(38, 0)"),
        (
            "(select max(s) from (select sum(v) over (order by v rows 1 preceding) as s from (select most as v from t union all select one from t)))",
            "decimal(38, 0)",
        ),
    ] {
        let error = lake.try_rows(&format!("select {sql} as x from t")).await.expect_err(sql);
        assert!(error.message.contains("overflow") && error.message.contains(name), "{sql}: {error:?}");
    }
    for (sql, value) in [
        ("most - one", "99999999999999999999999999999999999998"),
        ("large * one", "1000000000.0000000000"),
        ("one * one + null", ""),
        ("small + small", "24691357.0000000000"),
        (
            "(select sum(v) from (select most as v from t union all select -most from t union all select one from t))",
            "1",
        ),
        (
            "(select sum(v) from (select fine as v from t union all select null))",
            "10000000.000000000000000000000000000000",
        ),
        ("(select sum(v) from (select one as v from t where one > 1))", ""),
        (
            "(select max(s) from (select sum(v) as s from (select one as v, 1 as k from t union all select null, 1) group by k))",
            "1",
        ),
        (
            "(select max(s) from (select sum(v) over (order by v rows 1 preceding) as s from (select one as v from t union all select small from t)))",
            "12345679.5000000000",
        ),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x from t")).await, format!("x\n{value}"), "{sql}");
    }
    assert_eq!(lake.rows("select one + one, count(*) as n from t group by one + one").await, "one + one|n\n2|1");
}

#[tokio::test]
async fn what_a_statement_changes_stays_within_its_type() {
    let lake = Fixture::new();
    lake.table("t", "select 9223372036854775807 as large").await;
    let error = lake.execute("update t set large = large + 1").await.unwrap_err();
    assert!(error.message.contains("overflow"), "{error:?}");
    assert_eq!(lake.rows("select large - 1 as x from t").await, "x\n9223372036854775806");
}

#[tokio::test]
async fn at_time_zone_is_what_clocks_show_there() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select cast('2024-07-01 12:00:00+00' as timestamptz) as at, timestamp '2024-07-01 12:00:00' as wall",
    )
    .await;
    for (sql, value) in [
        ("at at time zone 'Europe/Berlin'", "2024-07-01T14:00:00"),
        ("cast(at at time zone 'Europe/Berlin' as timestamp)", "2024-07-01T14:00:00"),
        ("date_part('hour', at at time zone 'Europe/Berlin')", "14"),
        ("cast(at at time zone 'Pacific/Auckland' as date)", "2024-07-02"),
        ("wall at time zone 'Europe/Berlin'", "2024-07-01T10:00:00Z"),
        ("wall at time zone 'utc' at time zone 'Europe/Berlin'", "2024-07-01T14:00:00"),
        ("wall at time zone '+02:00'", "2024-07-01T10:00:00Z"),
        ("at at time zone case when true then 'Asia/Tokyo' end", "2024-07-01T21:00:00"),
        ("timezone('Asia/Tokyo', at)", "2024-07-01T21:00:00"),
        ("at at time zone null", ""),
        ("(now() at time zone 'Asia/Tokyo') = now() + interval '9 hours'", "true"),
        ("(current_timestamp at time zone 'UTC') = now()", "true"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x from t")).await, format!("x\n{value}"), "{sql}");
    }
    let error = lake.try_rows("select at at time zone 'Mars/Olympus' from t").await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Execution, "there is no time zone `Mars/Olympus`"));
}

#[tokio::test]
async fn a_stored_moment_keeps_its_moment_and_is_shown_in_utc() {
    let lake = Fixture::new();
    lake.table("t", "select cast('2024-07-01 12:00:00+02' as timestamptz) as at").await;
    assert_eq!(
        lake.rows("select at, at = '2024-07-01 12:00:00+02' as same from t").await,
        "at|same\n2024-07-01T10:00:00Z|true"
    );
    assert_eq!(lake.types("select at from t").await, ["Timestamp(µs, \"UTC\")"]);
}

#[tokio::test]
async fn a_date_and_hours_are_a_moment() {
    let lake = Fixture::new();
    lake.table("t", "select date '2024-01-31' as d, 2 as n").await;
    for (sql, value) in [
        ("date '2024-01-31' + interval '36 hours'", "2024-02-01T12:00:00"),
        ("d + interval '36 hours'", "2024-02-01T12:00:00"),
        ("interval '90 minutes' + d", "2024-01-31T01:30:00"),
        ("d - interval '1 second'", "2024-01-30T23:59:59"),
        ("d + interval '1 day 1 hour'", "2024-02-01T01:00:00"),
        ("d + i", "2024-02-01T12:00:00"),
        ("d + interval '1 hour' * n", "2024-01-31T02:00:00"),
        ("d + interval '1 day' * 1.5", "2024-02-01T12:00:00"),
        ("d + interval '1 month'", "2024-02-29"),
        ("d - interval '1 week'", "2024-01-24"),
        ("d + interval '1 day' * n", "2024-02-02"),
        ("d - interval '1 month' * -n", "2024-03-31"),
        ("d + 1", "2024-02-01"),
        ("d + interval '1 day' > d", "true"),
    ] {
        let query = format!("select {sql} as x from (select *, interval '36 hours' as i from t) as t");
        assert_eq!(lake.rows(&query).await, format!("x\n{value}"), "{sql}");
    }
}

#[tokio::test]
async fn an_interval_times_a_number_is_as_long_as_it_is() {
    let lake = Fixture::new();
    for (sql, value) in [
        ("timestamp '1970-01-01' + interval '1 second' * 253402300799", "9999-12-31T23:59:59"),
        ("timestamp '1970-01-01' + 1 * interval '1 microsecond'", "1970-01-01T00:00:00.000001"),
        ("timestamp '1970-01-01' + interval '1 month' * 1.5", "1970-02-16T00:00:00"),
        ("timestamp '1970-01-01' + interval '1 hour' * cast(null as int)", ""),
        ("timestamp '9999-12-31' - interval '1 second' * 86400", "9999-12-30T00:00:00"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x")).await, format!("x\n{value}"), "{sql}");
    }
    for sql in
        ["interval '1 month' * 9999999999", "interval '1 day' * 1e300", "interval '1 day' * cast('nan' as double)"]
    {
        let error = lake.try_rows(&format!("select {sql} as x")).await.expect_err(sql);
        assert!(error.message.contains("overflow"), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn a_decimal_that_is_rounded_has_the_digits_that_are_asked_for() {
    let lake = Fixture::new();
    lake.table("t", "select 430 as whole, cast(429.6 as decimal(28, 6)) as d, 2.345 as f, cast(2.345 as double) as g")
        .await;
    for (sql, rows) in [
        ("round(d, 0)", "430"),
        ("round(d, 2)", "429.60"),
        ("round(d)", "430"),
        ("round(d, whole - 429)", "429.600000"),
        ("round(whole, -2)", "400"),
        ("round(g, 1)", "2.3"),
        ("round(null, 1)", ""),
        ("arrow_typeof(round(d, 2))", "Decimal128(28, 2)"),
    ] {
        let found = lake.try_rows(&format!("select {sql} as x from t")).await;
        assert_eq!(found.as_deref().map_err(|error| &error.message), Ok(format!("x\n{rows}").as_str()), "{sql}");
    }
    for condition in
        ["round(d, 0) != whole", "whole <> round(d, 0) or round(d, 1) <> 429.6", "round(d, 1) not in (429.6)"]
    {
        let sql = format!(
            "with f as (select whole, d from t), g as (select whole, round(d, 0) as r, d from f) select r from g where {condition}"
        );
        assert_eq!(lake.try_rows(&sql).await.as_deref().map_err(|error| &error.message), Ok(""), "{sql}");
    }
    let error = lake.try_rows("select round('a', 1)").await.unwrap_err();
    assert_eq!(error.message, "function `round` does not take (Utf8, Int64)");
}
