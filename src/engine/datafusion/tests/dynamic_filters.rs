//! What joins and limits know while they run leaves rows out of scans, and never one of the result.

use super::fixture::Fixture;

/// More batches than are looked at before a filter rests.
const ROWS: u32 = 200_000;

async fn lake() -> Fixture {
    let lake = Fixture::new();
    let numbers = format!("select value as k, value % 7 as g from generate_series(1, {ROWS}) as t (value)");
    lake.table("large", &format!("{numbers} union all select null, 1 union all select null, 2")).await;
    lake.table("few", "select * from (values (10, 'a'), (199999, 'b'), (0, 'c'), (null, 'd')) as v (k, name)").await;
    lake.table("most", "select k from large where g <> 0 or k is null").await;
    lake
}

#[tokio::test]
async fn every_join_has_its_rows() {
    let lake = lake().await;
    for (from, wanted) in [
        ("few join large on few.k = large.k", 2),
        ("large join few on few.k = large.k", 2),
        ("few join large on few.k is not distinct from large.k", 4),
        ("few left join large on few.k = large.k", 4),
        ("few right join large on few.k = large.k", 200_002),
        ("few full join large on few.k = large.k", 200_004),
        ("large where k in (select k from few)", 2),
        ("large where k not in (select k from few where k is not null)", 199_998),
        ("large where exists (select 1 from few where few.k = large.k)", 2),
        ("large where not exists (select 1 from few where few.k = large.k)", 200_000),
        ("most join large on most.k = large.k", 171_429),
        ("few join (select k, count(*) as n from large group by k) as counts on counts.k = few.k", 2),
        ("few join (select large.k from large join most on large.k = most.k) as both on both.k = few.k", 2),
        ("few join large on few.k = large.k and large.g > 2", 1),
        ("few join (select * from large where g > 2) as part on few.k = part.k", 1),
    ] {
        let rows = lake.rows(&format!("select count(*) as n from {from}")).await;
        assert_eq!(rows, format!("n\n{wanted}"), "{from}");
    }
}

#[tokio::test]
async fn a_name_may_be_that_of_another_column_of_the_files() {
    let lake = lake().await;
    lake.table("texts", "select cast(k as varchar) as txt, cast(k as decimal(12, 2)) / 4 as dec from few").await;
    for (sql, rows) in [
        (
            "select few.k, x.g from few join (select k + 1 as k, g from large) as x on x.k = few.k order by 1",
            "k|g\n10|2\n199999|1",
        ),
        (
            "select few.k, x.k as x from few left join (select k + 1 as k from large) as x on x.k = few.k order by 1",
            "k|x\n0|\n10|10\n199999|199999\n|",
        ),
        (
            "select few.k, x.k as x from few join (select k as g, g as k from large where k < 9) as x on x.g = few.k + 5 order by 1",
            "k|x\n0|5",
        ),
        (
            "select k from (select k + 1 as k from large) as x where k in (select k from few) order by 1",
            "k\n10\n199999",
        ),
        (
            "select few.k, x.k as x from few join (select abs(k - 20) as k from large) as x on x.k = few.k where few.k < 20 order by 1",
            "k|x\n0|0\n10|10\n10|10",
        ),
        (
            "select x.k from texts join (select cast(k as varchar) || '0' as txt, k from large) as x on x.txt = texts.txt",
            "k\n1",
        ),
        ("select -k as k from large order by k limit 2", "k\n-200000\n-199999"),
        ("select k, g from large order by k desc nulls last limit 2", "k|g\n200000|3\n199999|2"),
        ("select few.k from few join large on [few.k] = [large.k] and few.k is not null order by 1", "k\n10\n199999"),
        ("select a.k from few as a join few as b on (a.k, a.name) = (b.k, b.name) order by 1", "k\n0\n10\n199999\n"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
    lake.execute("delete from few where exists (select 1 from (select k - 1 as k from large) as x where x.k = few.k)")
        .await
        .unwrap();
    assert_eq!(lake.rows("select name from few order by 1").await, "name\nd");
}

#[tokio::test]
async fn rows_are_left_out_where_they_are_read() {
    let lake = lake().await;
    let plan = lake.rows("explain analyze select count(*) as n from few join large on few.k = large.k").await;
    let filter =
        plan.lines().find(|line| line.contains("DynamicFilterExec") && line.contains("output_rows=2,")).is_some();
    assert!(filter, "{plan}");
}
