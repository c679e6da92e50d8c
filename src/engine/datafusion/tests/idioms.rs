//! What analysts write every day, in the words of the warehouses.

use super::fixture::Fixture;

/// Each expression with its value as it is printed.
async fn check(cases: &[(&str, &str)]) {
    let lake = Fixture::new();
    for (sql, value) in cases {
        let query = format!(
            "select {sql} as x from (select date '2024-03-05' as d, timestamp '2024-03-05 10:11:12' as at, \
             '{{\"a\": {{\"b\": [1, 2]}}, \"c\": \"k\"}}' as j, named_struct('f', 7) as s) as t"
        );
        let rows = lake.try_rows(&query).await;
        assert_eq!(rows.as_deref().map_err(|error| &error.message), Ok(format!("x\n{value}").as_str()), "{sql}");
    }
}

#[tokio::test]
async fn parts_of_dates() {
    check(&[
        ("year(d) * 10000 + month(d) * 100 + day(d)", "20240305"),
        ("hour(at) * 10000 + minute(at) * 100 + second(at)", "101112"),
        ("quarter(d)", "1"),
        ("week(d)", "10"),
        ("dayofweek(d) + 10 * dayofweekiso(date '2024-03-03')", "72"),
        ("dayofyear(d)", "65"),
        ("dayname(d) || monthname(d)", "TueMar"),
        ("strftime(d, '%d.%m.%Y')", "05.03.2024"),
        ("format_date('%Y/%m', d)", "2024/03"),
        ("parse_date('%d.%m.%Y', '05.03.2024')", "2024-03-05"),
        ("strptime('05.03.2024', '%d.%m.%Y')", "2024-03-05T00:00:00"),
        ("try_to_date('nothing')", ""),
        ("try_to_date('05.03.2024', 'DD.MM.YYYY')", "2024-03-05"),
        ("try_to_timestamp('nothing', 'DD.MM.YYYY')", ""),
        ("date_from_parts(2024, 2, 29)", "2024-02-29"),
        ("unix_seconds(at)", "1709633472"),
        ("timestamp_seconds(1709633472)", "2024-03-05T10:11:12"),
        ("epoch_ms(1700000000000)", "2023-11-14T22:13:20"),
        ("epoch_ms(at) + epoch_ms(d)", "3419230272000"),
        ("epoch_ms(cast(null as bigint))", ""),
        ("to_timestamp(1700000000123, 3)", "2023-11-14T22:13:20.123"),
        ("to_timestamp(1700000000, 0)", "2023-11-14T22:13:20"),
        ("to_timestamp_ntz(1700000000123456789, 9)", "2023-11-14T22:13:20.123456"),
        ("make_timestamp(2024, 2, 29, 10, 11, 12.5)", "2024-02-29T10:11:12.500"),
        ("make_timestamp(1700000000000000)", "2023-11-14T22:13:20"),
        ("timestamp_from_parts(2024, 2, 29, 10, 61, 1)", "2024-02-29T11:01:01"),
        ("timestamp_from_parts(2024, 2, 29, 10, 0, 1, 500000000)", "2024-02-29T10:00:01.500"),
        ("timestamp_from_parts(d, time '10:00:00')", "2024-03-05T10:00:00"),
        ("date(2024, 2, 29)", "2024-02-29"),
        ("from_utc_timestamp(at, 'Asia/Tokyo')", "2024-03-05T19:11:12"),
        ("to_utc_timestamp(at, 'Asia/Tokyo')", "2024-03-05T01:11:12"),
    ])
    .await;
    let lake = Fixture::new();
    for (sql, reason) in [
        ("datediff('day', 20240101, 20240102)", "does not take"),
        ("dateadd('day', 1, 20240101)", "does not take"),
        ("last_day(20240101)", "does not take"),
        ("make_timestamp(2024, 2, 30, 0, 0, 0)", "there is no timestamp with the parts"),
        ("to_timestamp(1, 12)", "scale"),
        ("next_day(date '2024-01-01', 'someday')", "there is no day of the week `someday`"),
        ("time_bucket(interval '1 month 1 day', now())", "the width of a bucket"),
    ] {
        let error = lake.try_rows(&format!("select {sql} as x")).await.expect_err(sql);
        assert!(error.message.contains(reason), "{sql}: {error:?}");
    }
}

#[tokio::test]
async fn sums_of_dates() {
    check(&[
        ("cast(add_months(date '2024-01-31', 1) as date)", "2024-02-29"),
        ("cast(add_months(date '2024-02-29', 1) as date)", "2024-03-31"),
        ("cast(add_months(d, -1) as date)", "2024-02-05"),
        ("months_between(date '2024-02-29', date '2023-12-31')", "2.0"),
        ("round(months_between(date '2024-03-15', date '2024-01-31'), 4)", "1.4839"),
        ("cast(date_add(d, interval 1 day) as date)", "2024-03-06"),
        ("date_sub(d, 5)", "2024-02-29"),
        ("timestamp_add(at, interval 1 hour)", "2024-03-05T11:11:12"),
        ("timestampadd(day, 1, at)", "2024-03-06T10:11:12"),
        ("timestampdiff(day, d, date '2024-04-05')", "31"),
        ("date_diff(date '2024-04-01', d, month)", "1"),
        ("date_diff('month', d, date '2024-04-01')", "1"),
        ("timestamp_diff(timestamp '2024-03-05 12:11:11', at, hour)", "1"),
        ("date_trunc(at, month)", "2024-03-01T00:00:00"),
        ("timestampdiff(week, date '2024-03-02', date '2024-03-03')", "0"),
        // BigQuery's weeks begin on Sundays: the third of March 2024 is one.
        ("date_trunc(d, week)", "2024-03-03T00:00:00"),
        ("timestamp_trunc(at, week)", "2024-03-03T00:00:00"),
        ("date_trunc(d, isoweek)", "2024-03-04T00:00:00"),
        ("date_trunc(d, week(monday))", "2024-03-04T00:00:00"),
        ("date_trunc(d, week(Wednesday))", "2024-02-28T00:00:00"),
        ("date_trunc('week', date '2024-03-03')", "2024-02-26T00:00:00"),
        ("date_diff(date '2024-03-03', date '2024-03-02', week)", "1"),
        ("date_diff(date '2024-03-03', date '2024-03-02', isoweek)", "0"),
        ("date_diff(date '2024-03-04', date '2024-03-03', week(monday))", "1"),
        ("concat(next_day(d, 'tue'), previous_day(d, 'Friday'))", "2024-03-122024-03-01"),
        ("next_day(date '1969-12-31', 'th')", "1970-01-01"),
        ("time_bucket(interval '1 week', at)", "2024-03-04T00:00:00"),
        ("time_bucket(interval '15 minutes', at)", "2024-03-05T10:00:00"),
        ("time_bucket(interval '3 months', timestamp '1999-12-31 23:00:00')", "1999-10-01T00:00:00"),
        ("time_bucket(interval '1 day', at, timestamp '2000-01-01 12:00:00')", "2024-03-04T12:00:00"),
        // A column that has the name of a part is a column.
        ("date_trunc('month', d)", "2024-03-01T00:00:00"),
    ])
    .await;
}

#[tokio::test]
async fn choices_and_numbers() {
    check(&[
        ("iff(d > date '2020-01-01', 1, 2) + if(false, 10, 20)", "21"),
        ("decode(2, 1, 'a', 2, 'b', 'c') || decode(null, 1, 'a', null, 'n') || decode(5, 1, 'a', 'z')", "bnz"),
        ("decode(encode('a', 'hex'), 'hex') = 'a'", "true"),
        ("zeroifnull(null) + coalesce(nullifzero(0), 5)", "5"),
        ("div0(1, 0) + div0(1, 2)", "0.5"),
        ("safe_divide(1, 0)", ""),
        ("safe_divide(1, 4)", "0.25"),
        ("sign(-2) + sign(0) * 10 + sign(2.5) * 100", "99"),
        ("7 // 2 + div(9, 2)", "7"),
        ("-7 // 2", "-3"),
        ("equal_null(null, null)", "true"),
        ("try_to_number('x')", ""),
        ("to_decimal('12.345', 10, 2)", "12.35"),
        ("ceiling(1.2) + truncate(1.7)", "3.0"),
        ("div(9.5, 2) * 10 + div(-7, 2)", "37"),
        ("width_bucket(0.35, 0, 1, 10) * 100 + width_bucket(-1, 0, 1, 10) * 10 + width_bucket(1, 0, 1, 10)", "411"),
        ("width_bucket(7, 10, 0, 5)", "2"),
        ("to_hex(255) || to_hex(cast('Az' as bytea))", "ff417a"),
        ("typeof(1) || typeof('a') || typeof(d) || typeof([1])", "bigintvarchardatebigint[]"),
    ])
    .await;
}

#[tokio::test]
async fn texts() {
    check(&[
        ("split('a,b', ',')[2]", "b"),
        ("startswith('abc', 'a') and endswith('abc', 'c') and contains('abc', 'b')", "true"),
        ("charindex('b', 'abc') + position('b', 'abc') + position('c' in 'abc') + len('abc')", "10"),
        ("to_varchar(12) || to_char(1.5) || to_varchar(d, 'YYYY')", "121.52024"),
        ("'abc' rlike '^a' and not 'abc' rlike 'x' and 'abc' not rlike 'x' and 'abc' regexp 'b'", "true"),
        ("regexp_extract('x=5;y=6', 'y=([0-9]+)')", "6"),
        ("regexp_extract('x=5;y=6', '([a-z])=([0-9])', 2) || regexp_extract('x=5', '([a-z])=', 0)", "5x="),
        ("regexp_substr('x=5;y=6', 'y=([0-9]+)')", "y=6"),
        ("regexp_extract('x', 'y')", ""),
        ("regexp_contains('abc', 'b') and regexp_matches('abc', '^a')", "true"),
        ("'abc' like any ('x%', 'a%') and 'abc' not like any ('x', 'y') and 'ABC' ilike any ('a%')", "true"),
        ("sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("left(sha2('abc', 256), 8) || left(sha2('abc', 512), 8) || left(sha2('abc'), 2)", "ba7816bfddaf35a1ba"),
        ("length(generate_uuid())", "36"),
        ("regexp_extract_all('a=1;b=2', '([a-z])=[0-9]')", "[a, b]"),
        ("regexp_extract_all('a=1;b=2', '([a-z])=([0-9])', 2)", "[1, 2]"),
        ("regexp_extract_all('a1b2', '[0-9]') || regexp_extract_all('a', 'x')", "[1, 2]"),
        ("to_base64('ab') || from_base64(to_base64('ab'))::varchar", "YWI=ab"),
        ("length('é') + length(cast('é' as bytea)) * 10 + length(12345) * 100", "521"),
    ])
    .await;
}

#[tokio::test]
async fn documents() {
    check(&[
        ("json_extract(j, '$.a.b')", "[1, 2]"),
        ("json_extract_scalar(j, '$.c') || json_value(j, 'c') || get_json_object(j, '$[\"c\"]')", "kkk"),
        ("json_extract_string(j, '$.a.b[1]')", "2"),
        ("json_extract_path_text(j, 'a', 'b')", "[1, 2]"),
        ("j -> 'a' -> 'b' ->> 0", "1"),
        ("j ->> 'c' = 'k' and 'k' = j ->> 'c' and j ->> 'z' is null", "true"),
        ("'is ' || (j ->> 'c')", "is k"),
        ("j:c::varchar || j:\"c\"", "kk"),
        ("j:a.b[1]::int + 1", "3"),
        ("parse_json(j):c", "k"),
        ("try_parse_json('{') is null", "true"),
        ("json_array_length('[1, 2, 3]')", "3"),
        ("json_keys(j)[2]", "c"),
        ("to_json(s) || to_json('a') || to_json([1, null])", "{\"f\":7}\"a\"[1,null]"),
        ("json_object('a', 1, 'b', null)", "{\"a\":1,\"b\":null}"),
    ])
    .await;
    let lake = Fixture::new();
    lake.table("t", "select '{\"a\": 1}' -> 'a' as document, '{\"a\": 1}' ->> 'a' as words").await;
    assert_eq!(lake.rows("select document, words from t").await, "document|words\n1|1");
}

#[tokio::test]
async fn lists_and_structs() {
    check(&[
        ("(s).f + (named_struct('g', named_struct('h', 1))).g.h", "8"),
        ("struct_pack(a := 1, b := 'x')", "{a: 1, b: x}"),
        ("object_construct('a', 1)", "{a: 1}"),
        ("[10, 20][offset(0)] + [10, 20][ordinal(2)]", "30"),
        ("array_size(array_construct(1, 2)) + array_size(make_array())", "2"),
        ("list_filter([1, 2, 3], x -> x > 1 and x < 3)", "[2]"),
        ("transform([1, 2], x -> x + 1)", "[2, 3]"),
        ("any_match([1, 2], x -> x = 2)", "true"),
        ("generate_array(1, 3)", "[1, 2, 3]"),
        ("array_size([[1, 2], [3]]) * 10 + list_unique([[1, 2], [1, 2], [3]])", "22"),
        ("list_unique([1, 1, null, 2])", "2"),
        ("array_compact([1, null, 2])", "[1, 2]"),
        ("length([1, 2, 3]) * 10 + len([[1], [2, 3]])", "32"),
        ("length(make_array()) + array_size(make_array())", "0"),
        ("length(case when d is null then [1] end)", ""),
        ("array_size(case when d is null then [1] end)", ""),
        ("list_aggregate([1, 2, null], 'sum') + list_sum([9007199254740993])", "9007199254740996"),
        ("list_aggregate([1, 2, null], 'max') + list_aggregate([1, 2, null], 'count')", "4"),
        ("list_aggregate(['a', 'b'], 'string_agg', '-')", "a-b"),
    ])
    .await;
}

#[tokio::test]
async fn aggregates() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'a', 10), (1, 'b', 30), (2, 'b', 20), (2, 'c', null)) as v (g, s, n)")
        .await;
    for (sql, value) in [
        ("max_by(s, n) || min_by(s, n) || arg_max(s, n)", "bab"),
        ("mode(s)", "b"),
        ("mode(n) filter (where g > 5)", ""),
        ("count_if(n > 10) * 10 + countif(g = 1)", "22"),
        ("count_if(n > 10) filter (where g = 1)", "1"),
        ("listagg(n, ',') within group (order by n desc)", "30,20,10"),
        ("listagg(distinct s, '') within group (order by s)", "abc"),
        ("group_concat(s, '-' order by n)", "a-b-b-c"),
        ("logical_or(n > 20) and not booland_agg(n > 20)", "true"),
        ("count(distinct g, n)", "3"),
        ("approx_count_distinct(s)", "3"),
        ("round(variance(n))", "100.0"),
        ("percentile_disc(0.5) within group (order by n)", "20"),
        ("percentile_disc(0) within group (order by n desc)", "30"),
        ("percentile_disc(0.5) within group (order by n) filter (where g > 5)", ""),
        ("object_agg(s, n) filter (where g = 1)", "{\"a\":10,\"b\":30}"),
        ("json_object_agg(s, n order by n) filter (where n <> 30 or n is null)", "{\"a\":10,\"b\":20,\"c\":null}"),
        ("object_agg(s, n) filter (where g > 5)", ""),
        ("json_agg(s order by n nulls first)", "[\"c\",\"a\",\"b\",\"b\"]"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x from t")).await, format!("x\n{value}"), "{sql}");
    }
    let error = lake.try_rows("select object_agg(s, n) as x from t").await.unwrap_err();
    assert_eq!(error.message, "the key `b` comes twice in one object");
    let sets = "select g, grouping_id(g, s) as i, count(*) as n from t group by grouping sets ((g), (g, s), ()) order by i desc, g limit 2";
    assert_eq!(lake.rows(sets).await, "g|i|n\n|3|4\n1|1|2");
    let windows = "select count_if(n > 10) over (partition by g) as c, mode(s) over () as m, ratio_to_report(n) over (partition by g) as r from t order by g, n limit 1";
    assert_eq!(lake.rows(windows).await, "c|m|r\n1|b|0.25");
}

#[tokio::test]
async fn columns_are_named_by_what_was_written() {
    let lake = Fixture::new();
    lake.table("t", "select date '2024-03-05' as d, 1 as n").await;
    assert_eq!(
        lake.rows("select year(d), sum(iff(n > 0, n, 0)) from t group by year(d)").await,
        "year(d)|sum(iff(n > 0, n, 0))\n2024|1"
    );
    assert_eq!(lake.rows("select distinct month(d) as m from t order by m").await, "m\n3");
}

#[tokio::test]
async fn parts_of_queries() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'b'), (2, 'a'), (3, 'c')) as v (n, s)").await;
    for (sql, value) in [
        ("select top 1 n from t order by n desc", "n\n3"),
        ("select n from t order by n fetch first 2 rows only", "n\n1\n2"),
        ("select n from t order by n offset 1 rows fetch next 1 rows only", "n\n2"),
        ("select s, n from t order by all", "s|n\na|2\nb|1\nc|3"),
        ("select n from t semi join (select 2 as m) as o on o.m = t.n", "n\n2"),
        ("select n from t anti join (select 2 as m) as o on o.m = t.n order by n", "n\n1\n3"),
    ] {
        assert_eq!(lake.rows(sql).await, value, "{sql}");
    }
}

#[tokio::test]
async fn statements_that_change_tables_know_them_too() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as n, '{\"a\": 5}' as j").await;
    lake.execute("update t set n = iff(year(date '2024-01-01') = 2024, j:a::bigint, 0) where startswith(j, '{')")
        .await
        .unwrap();
    lake.execute("delete from t where zeroifnull(n) = 0").await.unwrap();
    assert_eq!(lake.rows("select n from t").await, "n\n5");
}

#[tokio::test]
async fn pivots_turn_rows_into_columns_and_back() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values ('x', 'a', 1), ('x', 'b', 2), ('y', 'a', 3), ('y', 'a', 4)) as v (g, k, n)")
        .await;
    for (sql, value) in [
        ("select * from t pivot (sum(n) for k in ('a', 'b')) order by g", "g|a|b\nx|1|2\ny|7|"),
        (
            "select p.g, p.one, p.b from t pivot (sum(n) for k in ('a' as one, 'b')) as p order by 1",
            "g|one|b\nx|1|2\ny|7|",
        ),
        (
            "select * from t pivot (sum(n) as total, count(*) as rows for k in ('a', 'b')) order by g",
            "g|a_total|a_rows|b_total|b_rows\nx|1|1|2|1\ny|7|2||0",
        ),
        ("select * from (select k, n from t) pivot (max(n) for k in ('a', 'z'))", "a|z\n4|"),
        (
            "select * from (select g, sum(iff(k = 'a', n, 0)) as a, sum(iff(k = 'b', n, null)) as b from t group by g) \
             unpivot (n for k in (a, b)) order by all",
            "g|k|n\nx|a|1\nx|b|2\ny|a|7",
        ),
        (
            "select u.k, u.n from (select 1 as a, cast(null as bigint) as b) as o \
             unpivot include nulls (n for k in (a as first_one, b)) as u order by k",
            "k|n\nb|\nfirst_one|1",
        ),
    ] {
        assert_eq!(lake.rows(sql).await, value, "{sql}");
    }
    let error = lake.try_rows("select * from t pivot (sum(n) for k in (any))").await.unwrap_err();
    assert!(error.message.contains("list the values"), "{error:?}");
}

#[tokio::test]
async fn a_column_is_built_on_one_before_it() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 10), (2, 20)) as v (a, b)").await;
    for (sql, value) in [
        ("select a + 1 as c, c * 2 as d, c + d as e from t order by a", "c|d|e\n2|4|6\n3|6|9"),
        // A column goes before a name.
        ("select a + 1 as b, b * 2 as d from t order by a", "b|d\n2|20\n3|40"),
        (
            "with s as (select a + 1 as c, c * 2 as d from t) select c + 1 as x, x + d as y from s order by x",
            "x|y\n3|7\n4|10",
        ),
        ("select a * 10 as c from t where c > 10", "c\n20"),
        ("select sum(b) as total, total / count(*) as mean from t", "total|mean\n30|15"),
        ("select a as c, row_number() over (order by c desc) as n from t qualify n = 1", "c|n\n2|1"),
        // The planner's error has no place.
        ("select a as c, c || 'x' as d from t order by a", "c|d\n1|1x\n2|2x"),
        // The parameter of a lambda is none of the columns.
        (
            "select a * 10 as c, array_transform([1, 2], c -> c + 1) as l, c + 1 as d from t order by a",
            "c|l|d\n10|[2, 3]|11\n20|[2, 3]|21",
        ),
    ] {
        assert_eq!(lake.rows(sql).await, value, "{sql}");
    }
    for sql in ["select c as d, 1 as c from t", "select c + 1 as c from t"] {
        assert!(lake.try_rows(sql).await.unwrap_err().message.starts_with("there is no column"), "{sql}");
    }
    for (sql, why) in [
        ("select random() as r, r + 1 as s from t".to_owned(), "another value"),
        (format!("select a as c0{} from t", doubled(20)), "too long"),
    ] {
        let error = lake.try_rows(&sql).await.unwrap_err();
        assert!(error.message.contains(why) && error.help.is_some() && error.position.is_some(), "{error:?}");
    }
}

/// Columns each of which names the one before it three times.
fn doubled(count: usize) -> String {
    let column = |at: usize| format!(", case when c{at} > 1 then c{at} else c{at} * 2 end as c{}", at + 1);
    (0..count).map(column).collect()
}

#[tokio::test]
async fn what_is_joined_to_each_row_is_computed_in_it() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, [10, 20]), (2, [30]), (3, make_array()), (4, null)) as v (a, list)")
        .await;
    for (sql, value) in [
        ("select t.a, u.x from t, unnest(t.list) as u (x) order by all", "a|x\n1|10\n1|20\n2|30"),
        ("select a, x from t cross join unnest(list) as x where x > 10 order by all", "a|x\n1|20\n2|30"),
        ("select a, x from t left join unnest(t.list) as x on true order by all", "a|x\n1|10\n1|20\n2|30\n3|\n4|"),
        (
            "select a, x, n from t, unnest(list) with ordinality as u (x, n) order by all",
            "a|x|n\n1|10|1\n1|20|2\n2|30|1",
        ),
        (
            "select a, x, o from t cross join unnest(list) as x with offset as o order by all",
            "a|x|o\n1|10|0\n1|20|1\n2|30|0",
        ),
        (
            "select t.a, s.b, s.c from t cross join lateral (select t.a * 2 as b, 7 as c) as s where s.b < 4",
            "a|b|c\n1|2|7",
        ),
        ("select t.a, s.b from t join lateral (select t.a * 2 as b) as s on s.b > 7", "a|b\n4|8"),
        ("select x from unnest([1, 2]) as x order by x", "x\n1\n2"),
        ("select x, o from unnest([[1, 2], [3]]) as x with offset as o order by o", "x|o\n[1, 2]|0\n[3]|1"),
        (
            "select day, datediff(day, date '2024-01-01', day) as n from unnest(generate_date_array(date '2024-01-02', date '2024-01-03')) as day",
            "day|n\n2024-01-02|1\n2024-01-03|2",
        ),
        (
            "select a, f.value, f.index from t, lateral flatten(input => t.list) as f order by all",
            "a|value|index\n1|10|0\n1|20|1\n2|30|0",
        ),
        ("select value from t, table(flatten(t.list)) order by value", "value\n10\n20\n30"),
    ] {
        assert_eq!(lake.rows(sql).await, value, "{sql}");
    }
}

#[tokio::test]
async fn a_comparison_with_nulls_binds_closer_than_conditions() {
    check(&[
        ("1 is distinct from 1 or true", "true"),
        ("not 1 is distinct from 1 and true", "true"),
        ("false and 1 is not distinct from 1 or true", "true"),
        ("null is not distinct from null and 1 = 1", "true"),
        ("1 is distinct from 2 and 1 is distinct from 1 or 2 is distinct from 3 and true", "true"),
        ("1 is distinct from (1 = 1 or true)::int", "false"),
    ])
    .await;
}

#[tokio::test]
async fn elements_that_are_structs_have_fields() {
    let lake = Fixture::new();
    lake.table(
        "o",
        "select 1 as id, [named_struct('sku', 'p', 'parts', [1, 2]), named_struct('sku', 'q', 'parts', [3])] as items",
    )
    .await;
    for (sql, value) in [
        ("select o.id, i.sku from o, unnest(o.items) as i order by i.sku", "id|sku\n1|p\n1|q"),
        ("select i from o cross join unnest(items) as i where i.sku = 'q'", "i\n{sku: q, parts: [3]}"),
        ("select i.sku, at from o cross join unnest(items) as i with offset as at where at > 0", "sku|at\nq|1"),
        ("select i.sku, i['sku'] as s, i.i.sku as t from o, unnest(items) as i limit 1", "sku|s|t\np|p|p"),
        // The element goes before the column of the same name.
        ("select items.sku from o, unnest(items) as items order by 1", "sku\np\nq"),
        (
            "select i.sku, part from o, unnest(items) as i, unnest(i.parts) as part order by part",
            "sku|part\np|1\np|2\nq|3",
        ),
        ("select i.sku, max(i.sku) from o, unnest(items) as i group by i.sku order by 1", "sku|max(i.sku)\np|p\nq|q"),
        ("select f.value.sku from o, lateral flatten(input => o.items) as f order by f.index desc", "sku\nq\np"),
        ("select o.items[1] as i, o.items[1].sku as s from o", "i|s\n{sku: p, parts: [1, 2]}|p"),
        ("select id, array(select i.sku from unnest(items) as i where i.sku > 'p') as l from o", "id|l\n1|[q]"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(value), "{sql}");
    }
    let error =
        lake.try_rows("select 1 from o, lateral flatten(input => items, outer => true) as f").await.unwrap_err();
    assert!(error.message.contains("`outer`"), "{error:?}");
}

#[tokio::test]
async fn queries_make_lists() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'b'), (2, 'a')) as v (n, s)").await;
    for (sql, value) in [
        ("array(select n from t order by s)", "[2, 1]"),
        ("array(select s from t order by 1 desc)", "[b, a]"),
        ("array(select n from t where n > 5)", "[]"),
        ("array(select x * 2 from unnest([1, 2]) as x where x > 1)", "[4]"),
        ("array(select sum(n) from t)", "[3]"),
    ] {
        assert_eq!(lake.rows(&format!("select {sql} as x")).await, format!("x\n{value}"), "{sql}");
    }
}

#[tokio::test]
async fn moments_as_they_are_written() {
    check(&[
        ("timestamp '2024-01-01 10:00'", "2024-01-01T10:00:00"),
        ("cast('2024-01-01T10:00' as timestamp)", "2024-01-01T10:00:00"),
        ("'2024-01-01 10:00'::timestamp", "2024-01-01T10:00:00"),
        ("try_cast('2024-01-01 10:00' as datetime)", "2024-01-01T10:00:00"),
        ("'2024-01-01 10:00+02:00'::timestamptz", "2024-01-01T08:00:00Z"),
        ("timestamp '2024-01-01 10:00:30'", "2024-01-01T10:00:30"),
        ("extract(dayofweek from d) * 100 + extract(dayofyear from d)", "265"),
        ("extract(isoweek from d)", "10"),
        ("extract(date from at)", "2024-03-05"),
        ("extract(time from at)", "10:11:12"),
        ("date_part(dow, d) * 1000 + date_part(doy, d)", "2065"),
        ("date_part('dayofweek', d)", "2"),
        ("localtimestamp = now()", "true"),
    ])
    .await;
}

#[tokio::test]
async fn elements_and_patterns() {
    check(&[
        ("'abc' like all ('a%', '%c')", "true"),
        ("'abc' like all ('a%', 'b%')", "false"),
        ("'abc' not like all ('x%', 'b%')", "true"),
        ("'ABC' ilike all ('a%', '%c')", "true"),
        ("2 in unnest([1, 2])", "true"),
        ("3 not in unnest([1, 2])", "true"),
        ("3 not in unnest([1, null])", ""),
        ("1 in unnest(cast(null as int[]))", "false"),
        ("array_compact([1, null, 2])", "[1, 2]"),
        ("t.s['f'] + (t.s).f + s.f", "21"),
    ])
    .await;
}

#[tokio::test]
async fn columns_without_a_name_have_that_of_what_was_written() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id, ' x ' as name, 7 as amount, named_struct('f', named_struct('g', 8)) as s").await;
    for (sql, names) in [
        (
            "select id::bigint, trim(name), max(amount)::int, s.f.g, s['f'] from lake.main.t group by all",
            "id|trim(name)|max(amount)|g|f",
        ),
        ("select cast(id as bigint)::text, try_cast(name as int), (id)::int2 as n from t", "id|name|n"),
        // A name that another column may have is none.
        ("select id::bigint, id::text from t", "id::bigint|id::text"),
        ("select id, id::bigint from t", "id|id::bigint"),
        ("select *, id::bigint from t", "id|name|amount|s|id::bigint"),
        (
            "select id + 1, count(*), count(1) from t group by id + 1 having count(*) > 0 order by id + 1",
            "id + 1|count(*)|count(1)",
        ),
        ("select distinct upper(name) from t order by upper(name)", "upper(name)"),
        ("select (select max(id) from t), (select max(id) as m from t)", "max(id)|m"),
        ("select sum(id) from t union all select id + 1 from t", "sum(id)"),
        ("select a.id, b.id from t as a, t as b", "id|id"),
    ] {
        let rows = lake.try_rows(sql).await.map_err(|error| error.message);
        assert_eq!(rows.as_deref().map(|rows| rows.lines().next().unwrap()), Ok(names), "{sql}");
    }
    let error = lake.try_rows("select id::int as id, id::text as id from t").await.unwrap_err();
    assert_eq!(error.message, "two columns are named `id`");
    assert_eq!(lake.rows("select id from t where id + 1 in (select id + 1 from t)").await, "id\n1");
}

#[tokio::test]
async fn what_stands_behind_a_star() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as a, 2 as b, 3 as c").await;
    for (sql, value) in [
        ("select * rename (a as z) from t", "b|c|z\n2|3|1"),
        ("select t.* rename a as z from t", "b|c|z\n2|3|1"),
        ("select * exclude (B) rename (a as z) from t", "c|z\n3|1"),
        ("select * replace (a + 1 as A) from t", "a|b|c\n2|2|3"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(value), "{sql}");
    }
    let error = lake.try_rows("select * rename (a as z) from t union all select * from t").await.unwrap_err();
    assert!(error.message.contains("`rename`"), "{error:?}");
}

#[tokio::test]
async fn windows_go_on_from_named_ones() {
    let lake = Fixture::new();
    lake.table("t", "select * from (values (1, 'x', 1), (2, 'y', 10), (1, 'z', 100)) as v (a, k, b)").await;
    for (sql, rows) in [
        (
            "select k, sum(b) over (w order by k) as s from t window w as (partition by a) order by k",
            "k|s\nx|1\ny|10\nz|101",
        ),
        ("select k, sum(b) over (w) as s from t window w as (partition by a) order by k", "k|s\nx|101\ny|10\nz|101"),
        (
            "select k, sum(b) over v as s from t window w as (partition by a), v as (w order by k desc) order by k",
            "k|s\nx|101\ny|10\nz|100",
        ),
        (
            "select k from t window w as (partition by a) qualify row_number() over (W order by k desc) = 1 order by k",
            "k\ny\nz",
        ),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
    let error = lake.try_rows("select sum(b) over (w order by k) from t").await.unwrap_err();
    assert_eq!(error.message, "there is no window `w` for this one to go on from");
}

#[tokio::test]
async fn expressions_that_only_give_a_name_mean_what_they_meant() {
    let lake = Fixture::new();
    lake.table("one", "select * from (values (1), (2)) as v (x)").await;
    lake.table("other", "select * from (values (100), (200)) as v (x)").await;
    for (query, rows) in [
        ("with a as (select * from lake.main.one) select a.x from A where a.x > 1", "x\n2"),
        // The columns of a query within another are those of its own last expression.
        (
            "select o.x from lake.main.other o where exists (select 1 from
               (with f as (select o.x from lake.main.one o) select * from f) where o.x = 100)",
            "x\n100",
        ),
        (
            "select f.x + one.x as s from (with f as (select one.x from lake.main.one) select * from f) f
             join lake.main.one on f.x = one.x order by s",
            "s\n2\n4",
        ),
        ("select f.x from (with f as (select x from lake.main.one) select * from f) where x = 1", "x\n1"),
        ("with \u{c9} as (select * from lake.main.one), \u{e9} as (select 7 as x) select x from \u{e9}", "x\n7"),
    ] {
        assert_eq!(lake.rows(query).await, rows, "{query}");
    }
    let twice = "with f as (select 1 as x), f as (select 2 as x) select * from f";
    assert!(lake.try_rows(twice).await.is_err());
}
