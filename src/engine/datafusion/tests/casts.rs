//! Casts have the values that they have in the warehouses.

use super::fixture::Fixture;

/// Each expression over the columns of `t` with its value as it is printed.
async fn check(lake: &Fixture, cases: &[(&str, &str)]) {
    for (sql, value) in cases {
        let rows = lake.try_rows(&format!("select {sql} as x from t")).await;
        assert_eq!(rows.as_deref().map_err(|error| &error.message), Ok(format!("x\n{value}").as_str()), "{sql}");
    }
}

#[tokio::test]
async fn a_fraction_is_rounded_to_a_whole_number() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select 2.5 as half, -2.5 as below, cast(2.5 as decimal(4, 1)) as digits, cast(2.7 as real) as short, \
         9007199254740993 as large, cast('99999999999999999999999999999999999.95' as decimal(37, 2)) as most",
    )
    .await;
    check(
        &lake,
        &[
            ("cast(2.7 as int)", "3"),
            ("cast(-2.7 as bigint)", "-3"),
            ("cast(half as int)", "3"),
            ("below::int", "-3"),
            ("try_cast(half as smallint)", "3"),
            ("cast(digits as bigint)", "3"),
            ("cast(-digits as int)", "-3"),
            ("try_cast(digits as int)", "3"),
            ("cast(short as int)", "3"),
            ("cast(2.4 as tinyint)", "2"),
            ("cast(cast(null as double) as int)", ""),
            ("cast(large as bigint)", "9007199254740993"),
            ("cast(cast(large as decimal(20, 0)) as bigint)", "9007199254740993"),
            ("cast(cast(large as decimal(22, 2)) as bigint)", "9007199254740993"),
            ("try_cast(most as bigint)", ""),
            ("try_cast(1e300 as int)", ""),
            ("cast(half as int) = 3 and cast(digits as int) = 3", "true"),
            ("(select count(*) from t where cast(digits as int) = 3)", "1"),
            ("(select count(*) from t where cast(digits as int) in (2))", "0"),
            ("(select count(*) from t where cast(digits as decimal(4, 0)) = 3)", "1"),
            ("(select count(*) from t where try_cast(most as decimal(37, 1)) = 0)", "0"),
            ("(select sum(cast(half as int)) from t group by cast(half as int))", "3"),
            ("div(half, 1) + div(below, 1) * 10 + div(digits, 1) * 100 + -7 // 2 * 1000", "-2818"),
        ],
    )
    .await;
    let error = lake.try_rows("select cast(most as bigint) as x from t").await.unwrap_err();
    assert!(error.message.contains("out of range") || error.message.contains("cast"), "{error:?}");
    assert_eq!(lake.rows("select cast(half as int), count(*) as n from t group by 1").await, "half|n\n3|1");
    lake.execute("delete from t where cast(half as int) = 2").await.unwrap();
    lake.execute("update t set large = cast(digits as bigint) where cast(half as int) = 3").await.unwrap();
    assert_eq!(lake.rows("select large from t").await, "large\n3");
}

#[tokio::test]
async fn a_text_without_seconds_is_the_full_minute() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select timestamp '2024-01-01 12:00:00' as at, '2024-01-01 12:00' as minute, '2024-01-01T12:00:30' as second, \
         'nothing' as word",
    )
    .await;
    check(
        &lake,
        &[
            ("at > '2024-01-01 10:00' and at < '2024-01-01T12:01' and at = '2024-01-01 12:00'", "true"),
            ("at between '2024-01-01 12:00' and '2024-01-02'", "true"),
            ("cast(minute as timestamp)", "2024-01-01T12:00:00"),
            ("cast(second as timestamp)", "2024-01-01T12:00:30"),
            ("minute::timestamp = at", "true"),
            ("coalesce(cast(try_cast(word as timestamp) as varchar), 'none')", "none"),
            ("try_cast(minute as timestamp)", "2024-01-01T12:00:00"),
            ("try_cast(' 2024-01-01 ' as timestamp)", "2024-01-01T00:00:00"),
            ("(select count(*) from t where at >= '2024-01-01 12:00')", "1"),
            ("cast('2024-01-01 12:00+02:00' as timestamptz)", "2024-01-01T10:00:00Z"),
        ],
    )
    .await;
    let joined =
        lake.rows("select a.minute from t as a join t as b on a.minute::timestamp = b.at and a.at = b.minute").await;
    assert_eq!(joined, "minute\n2024-01-01 12:00");
    lake.execute("update t set at = timestamp '2024-01-02 10:00' where at = '2024-01-01 12:00'").await.unwrap();
    lake.execute("delete from t where at < timestamp '2024-01-02 10:00' and minute = '2024-01-01 12:00'")
        .await
        .unwrap();
    assert_eq!(lake.rows("select at, minute from t").await, "at|minute\n2024-01-02T10:00:00|2024-01-01 12:00");
    let error = lake.try_rows("select cast(word as timestamp) as x from t").await.unwrap_err();
    assert!(error.message.contains("nothing"), "{error:?}");
}

#[tokio::test]
async fn a_time_does_not_grow_with_the_timestamps() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select * from (values (timestamp '2024-01-01 10:00:00'), (timestamp '2024-01-02 00:00:00'), (null)) as v (at)",
    )
    .await;
    check(
        &lake,
        &[
            ("max(at::time)", "10:00:00"),
            ("count(*) filter (where at in (select at from t where at::time = time '10:00'))", "1"),
            ("count(*) filter (where at in (select at from t where cast(at as time) > '09:00'))", "1"),
            ("min(cast(at as time))", "00:00:00"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_timestamp_is_written_with_a_space() {
    let lake = Fixture::new();
    lake.table(
        "t",
        "select timestamp '2024-01-01 10:00:00' as at, timestamp '2024-01-01 10:00:00.250' as later, \
         cast('2024-01-01 10:00:00+00' as timestamptz) as zoned, date '2024-01-01' as d",
    )
    .await;
    check(
        &lake,
        &[
            ("cast(at as varchar)", "2024-01-01 10:00:00"),
            ("at::text || '!'", "2024-01-01 10:00:00!"),
            ("'at ' || at", "at 2024-01-01 10:00:00"),
            ("concat('at ', at)", "at 2024-01-01 10:00:00"),
            ("concat_ws('/', at, 'x')", "2024-01-01 10:00:00/x"),
            ("cast(later as varchar)", "2024-01-01 10:00:00.25"),
            ("cast(zoned as varchar)", "2024-01-01 10:00:00+00"),
            ("try_cast(at as varchar)", "2024-01-01 10:00:00"),
            ("cast(timestamp '0001-01-01' as varchar)", "0001-01-01 00:00:00"),
            ("cast(cast(null as timestamp) as varchar)", ""),
            ("cast(cast(zoned as varchar) as timestamptz) = zoned", "true"),
            ("cast(cast(later as varchar) as timestamp) = later", "true"),
            ("cast(d as varchar)", "2024-01-01"),
            ("to_varchar(at)", "2024-01-01 10:00:00"),
            ("string_agg(at, ',')", "2024-01-01 10:00:00"),
        ],
    )
    .await;
    assert_eq!(
        lake.rows("select at::varchar as x from t union all select 'never' order by x").await,
        "x\n2024-01-01 10:00:00\nnever"
    );
    lake.execute("delete from t where cast(at as varchar) = '2024-01-01 10:00:00'").await.unwrap();
    assert_eq!(lake.rows("select count(*) as n from t").await, "n\n0");
}

#[tokio::test]
async fn other_casts_stay_what_they_are() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as a, 'x' as b").await;
    let plan = lake.rows("explain select cast(b as varchar) as b from t where cast(a as int) = 1").await;
    // The cast is moved to the number, so that files can be left out.
    assert!(plan.contains("a = Int64(1)") || plan.contains("a@0 = 1"), "{plan}");
}
