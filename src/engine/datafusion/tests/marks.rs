//! `in` and `exists` of a query as values.

use super::fixture::Fixture;

async fn lake() -> Fixture {
    let lake = Fixture::new();
    lake.table("s", "select * from (values (1, 'a'), (2, 'b'), (cast(null as bigint), 'b')) as v (k, g)").await;
    lake.table("ones", "select * from (values (1, 'a'), (1, 'a')) as v (k, g)").await;
    lake.table("gaps", "select * from (values (1, 'a'), (cast(null as bigint), 'b')) as v (k, g)").await;
    lake
}

#[tokio::test]
async fn in_has_three_values() {
    let lake = lake().await;
    for (sql, rows) in [
        ("k in (select k from ones)", "true|false|"),
        ("k not in (select k from ones)", "false|true|"),
        ("k in (select k from gaps)", "true||"),
        ("not k in (select k from gaps)", "false||"),
        ("k in (select k from gaps where false)", "false|false|false"),
        ("k not in (select k from gaps where false)", "true|true|true"),
        ("k in (select k from ones where ones.g = s.g)", "true|false|false"),
        ("k + 1 in (select k from s as t) or k is null", "true||true"),
        ("2 in (select k from s as t where k is not null)", "true|true|true"),
        ("k in (select k from s as t order by k limit 1)", "true|false|"),
        ("k in (select distinct k from ones union all select 2)", "true|true|"),
        ("k = 1 and k in (select cast(k as varchar) from ones)", "true|false|"),
        ("case when k in (select k from ones) then 'in' else 'out' end", "in|out|out"),
    ] {
        let query = format!(
            "select array_to_string(array_agg(x order by g, k), '|', '') as x from (select {sql} as x, k, g from s)"
        );
        let found = lake.try_rows(&query).await;
        assert_eq!(found.as_deref().map_err(|error| &error.message), Ok(format!("x\n{rows}").as_str()), "{sql}");
    }
}

#[tokio::test]
async fn exists_is_never_null() {
    let lake = lake().await;
    for (sql, rows) in [
        (
            "select k, exists (select 1 from ones where ones.k = s.k) as e from s order by g, k",
            "k|e\n1|true\n2|false\n|false",
        ),
        (
            "select k, not exists (select * from ones where ones.k = s.k) as e from s order by g, k",
            "k|e\n1|false\n2|true\n|true",
        ),
        ("select exists (select 1) as e, exists (select 1 where false) as n", "e|n\ntrue|false"),
        (
            "select k, exists (select 1 from ones where ones.k = s.k order by k limit 1) as e from s order by g, k",
            "k|e\n1|true\n2|false\n|false",
        ),
        ("select k from s where exists (select 1 from ones where ones.k = s.k limit 1)", "k\n1"),
        ("select exists (select count(*) from ones where ones.k = s.k) as e from s limit 1", "e\ntrue"),
        (
            "select k, exists (select 1 from ones where ones.k = s.k) as x from s union select 1, false order by 2, 1",
            "k|x\n1|false\n2|false\n|false\n1|true",
        ),
        ("select exists (select 1 from ones)", "exists (select 1 from ones)\ntrue"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn aggregations_read_them() {
    let lake = lake().await;
    for (sql, rows) in [
        ("select sum(case when k in (select k from ones) then 1 else 0 end) as n from s", "n\n1"),
        ("select count(*) filter (where exists (select 1 from ones where ones.k = s.k)) as n from s", "n\n1"),
        (
            "select k in (select k from ones) as i, count(*) as n from s group by 1 order by 1",
            "i|n\nfalse|1\ntrue|1\n|1",
        ),
        (
            "select g, max(k in (select k from ones)), min(k in (select k from ones)) as least from s group by g order by g",
            "g|max(k in (select k from ones))|least\na|true|true\nb|false|false",
        ),
        ("select g from s group by g having max(k) in (select k from ones)", "g\na"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn the_query_may_read_the_same_table() {
    let lake = lake().await;
    for (sql, rows) in [
        ("select k, k in (select k from s where g = 'a') as x from s order by g, k", "k|x\n1|true\n2|false\n|"),
        ("select g, g in (select g from s where k = 2) as x from s order by g, k", "g|x\na|false\nb|true\nb|true"),
        ("select sum(case when k in (select k from s where g = 'a') then 1 else 0 end) as n from s", "n\n1"),
        (
            "with a as (select k from s) select k, k in (select k from a where k > 1) as x from a order by k",
            "k|x\n1|false\n2|true\n|",
        ),
        ("select k, k + 1 in (select k from s) as x from s where k is not null order by k", "k|x\n1|true\n2|"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn what_is_made_of_the_answer_has_three_values_too() {
    let lake = lake().await;
    for (condition, rows) in [
        ("(k in (select k from gaps)) is null", "k|g\n2|b\n|b"),
        ("k not in (select k from gaps) or g = 'b'", "k|g\n2|b\n|b"),
        ("k not in (select k from gaps) or k = 7", ""),
        ("k in (select k from gaps) or k = 2", "k|g\n1|a\n2|b"),
        ("coalesce(k in (select k from gaps), true)", "k|g\n1|a\n2|b\n|b"),
        ("not (k in (select k from ones)) and g = 'b'", "k|g\n2|b"),
        ("exists (select count(*) from gaps where gaps.k = s.k)", "k|g\n1|a\n2|b\n|b"),
        ("not exists (select max(k) from gaps where gaps.k = s.k)", ""),
    ] {
        let sql = format!("select k, g from s where {condition} order by g, k");
        assert_eq!(lake.try_rows(&sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn several_columns_are_among_those_of_a_query() {
    let lake = lake().await;
    for (condition, rows) in [
        ("(k, g) in (select k, g from ones)", "k|g\n1|a"),
        ("(k, g) in (select * from ones)", "k|g\n1|a"),
        ("(s.k, upper(g)) in (select k, upper(g) from ones)", "k|g\n1|a"),
        ("(k, k) in (select k, k from s)", "k|g\n1|a\n2|b"),
        ("(k, g) in (select k, g from gaps)", "k|g\n1|a"),
        ("g = 'b' and ((k, g) in (select 2, 'b' union all select 1, 'b') or k = 1)", "k|g\n2|b"),
    ] {
        let sql = format!("select k, g from s where {condition} order by g, k");
        assert_eq!(lake.try_rows(&sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
    for (condition, message) in [
        ("(k, g) not in (select k, g from ones)", "`(a, b) not in (select …)` is not supported"),
        ("not (k, g) in (select k, g from ones)", "can only stand in a `where`"),
        ("(k, g) in (select k, g, 1 from ones)", "2 columns are looked for among 3"),
    ] {
        let error = lake.try_rows(&format!("select k from s where {condition}")).await.unwrap_err();
        assert!(error.message.contains(message), "{error:?}");
    }
}

#[tokio::test]
async fn elsewhere_it_is_said_what_to_do() {
    let lake = lake().await;
    for sql in [
        "select k from s order by exists (select 1 from ones where ones.k = s.k)",
        "select row_number() over (order by case when k in (select k from ones) then 0 else 1 end) from s",
    ] {
        let error = lake.try_rows(sql).await.unwrap_err();
        assert!(error.message.contains("not supported at this place"), "{error:?}");
    }
    for sql in [
        "select k, k in (select max(k) from gaps where gaps.g = s.g) as x from s",
        "select k from s where exists (select 1 from gaps where gaps.g = s.g qualify row_number() over (order by k) = 1)",
    ] {
        let error = lake.try_rows(sql).await.unwrap_err();
        assert!(error.message.contains("depends on the rows around it"), "{error:?}");
    }
}
