//! Joins by columns: what the column is that both sides have.

use super::fixture::Fixture;

async fn lake() -> Fixture {
    let lake = Fixture::new();
    lake.table("a", "select * from (values (1, 'a1'), (2, 'a2')) as v (id, x)").await;
    lake.table("b", "select * from (values (2, 'b2'), (3, 'b3')) as v (id, y)").await;
    lake.table("c", "select * from (values (3, 'c3'), (4, 'c4')) as v (id, z)").await;
    lake
}

#[tokio::test]
async fn the_column_is_of_both_sides() {
    let lake = lake().await;
    for (sql, rows) in [
        ("select id, x, y from a full join b using (id) order by id", "id|x|y\n1|a1|\n2|a2|b2\n3||b3"),
        ("select id, x, y from a right join b using (id) order by id", "id|x|y\n2|a2|b2\n3||b3"),
        ("select * from a full join b using (id) order by id", "id|x|y\n1|a1|\n2|a2|b2\n3||b3"),
        ("select * from a right join b using (id) order by id", "id|x|y\n2|a2|b2\n3||b3"),
        ("select * from b as q join a using (id)", "id|y|x\n2|b2|a2"),
        (
            "select id + 1, a.id, max(id) over () from a full join b using (id) order by id",
            "id + 1|id|max(id) over ()\n2|1|3\n3|2|3\n4||3",
        ),
        ("select x from a full join b using (id) where id <> 2 order by id desc", "x\n\na1"),
        ("select id, count(*) as n from a full join b using (id) group by id having id > 2", "id|n\n3|1"),
        ("select x from a full join b using (id) qualify row_number() over (order by id desc) = 3", "x\na1"),
        ("select ID as \"Key\" from lake.main.a full join lake.main.b using (Id) order by Id limit 1", "Key\n1"),
        ("select id from a full join b using (id) union all select id from c order by id", "id\n1\n2\n3\n3\n4"),
        ("with q as (select * from a full join b using (id)) select id from q order by id", "id\n1\n2\n3"),
        ("select id from a right join (select 7 as id) using (id)", "id\n7"),
        ("select id, x, k from a join (select 2 as id, 'k2' as k) using (id)", "id|x|k\n2|a2|k2"),
        (
            "select id, x, y from a join (select id, y from b) using (id) left join (select id, z from c) using (id)",
            "id|x|y\n2|a2|b2",
        ),
        ("select id, x, y from (select * from a) natural join b", "id|x|y\n2|a2|b2"),
        ("select * from (select id from a) join (select id from b) using (id)", "id\n2"),
        (
            "select array_transform([1], id -> id + 1) as l, id from a right join b using (id) order by id",
            "l|id\n[2]|2\n[2]|3",
        ),
        ("select distinct id from a full join b using (id) order by id", "id\n1\n2\n3"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn chains_go_on_with_the_column_of_the_sides_before() {
    let lake = lake().await;
    for (sql, rows) in [
        (
            "select * from a full join b using (id) full join c using (id) order by id",
            "id|x|y|z\n1|a1||\n2|a2|b2|\n3||b3|c3\n4|||c4",
        ),
        ("select id, z from a right join b using (id) left join c using (id) order by id", "id|z\n2|\n3|c3"),
        ("select id, z from (a full join b using (id)) join c using (id)", "id|z\n3|c3"),
        ("select id from a left join b using (id) left join c using (id) order by id", "id\n1\n2"),
        ("select id, k from a full join b using (id) join (select 3 as k) as k on k.k = id", "id|k\n3|3"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn a_star_takes_the_column_away_or_changes_it() {
    let lake = lake().await;
    for (sql, rows) in [
        ("select * exclude (id) from a join b using (id)", "x|y\na2|b2"),
        ("select * except (id) from a full join b using (id) order by x", "x|y\na1|\na2|b2\n|b3"),
        ("select * exclude (x) from a full join b using (id) order by id", "id|y\n1|\n2|b2\n3|b3"),
        ("select * replace (id * 2 as id) from a right join b using (id) order by id", "id|x|y\n4|a2|b2\n6||b3"),
    ] {
        assert_eq!(lake.try_rows(sql).await.as_deref().map_err(|error| &error.message), Ok(rows), "{sql}");
    }
}

#[tokio::test]
async fn what_cannot_be_told_is_refused() {
    let lake = lake().await;
    for (sql, message) in [
        ("select * from a natural full join b", "`natural` with a right or full join is not supported"),
        (
            "select id from a join c on a.id < c.id full join b using (id)",
            "which table's column `id` is meant cannot be told",
        ),
        (
            "select * exclude (id, x) from a full join b using (id)",
            "`*` over these joins with `using` is not supported",
        ),
    ] {
        let error = lake.try_rows(sql).await.unwrap_err();
        assert_eq!(error.message, message, "{sql}");
        assert!(error.help.is_some() && error.position.is_some(), "{error:?}");
    }
}
