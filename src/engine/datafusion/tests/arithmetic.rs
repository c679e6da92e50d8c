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
    assert_eq!(lake.rows("select two + 1, count(*) from t group by two + 1").await, "t.two + Int64(1)|count(*)\n3|1");
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
