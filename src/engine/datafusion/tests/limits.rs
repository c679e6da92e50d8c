//! Errors, and what limits the engine: settings, memory, other writers, the cancel token.

use std::time::{Duration, Instant};

use datafusion::common::DataFusionError;
use futures::StreamExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::fixture::{Fixture, engine, relation};
use crate::engine::{Access, Engine, EngineError, ErrorKind, Layout, Merge, Operation, Position, Rules};

#[cfg(unix)]
#[test]
fn what_the_system_has_no_more_of_is_told() {
    const ENOSPC: i32 = 28;
    const EMFILE: i32 = 24;
    for (number, help) in [(ENOSPC, "`temp_dir`"), (EMFILE, "`ulimit -n`")] {
        let error = DataFusionError::IoError(std::io::Error::from_raw_os_error(number));
        let error = EngineError::from(error.context("while sorting"));
        assert_eq!((error.kind, error.help.unwrap().contains(help)), (ErrorKind::Io, true));
    }
}

#[tokio::test]
async fn errors_say_what_where_and_what_to_do() {
    use ErrorKind::UnknownFunction;

    let lake = Fixture::new();
    lake.table("customers", "select 1 as id, 'a' as name").await;
    let at = |line, column| Some(Position { line, column });
    for (sql, kind, message, help, position) in [
        ("select (1\n from t", ErrorKind::Syntax, "expected: ), found: from", None, at(2, 2)),
        (
            "select\n  nme\nfrom customers",
            ErrorKind::Plan,
            "there is no column `nme`",
            Some("did you mean `name`?"),
            at(2, 3),
        ),
        (
            "select ID from (select 1 as \"ID\") t",
            ErrorKind::Plan,
            "there is no column `id`",
            Some("names without quotes are lower case: write \"ID\" in quotes"),
            at(1, 8),
        ),
        (
            "select c.zzzz from customers c",
            ErrorKind::Plan,
            "there is no column `c.zzzz`",
            Some("columns here: `id` and `name`"),
            at(1, 8),
        ),
        (
            "select * from custmers",
            ErrorKind::Plan,
            "there is no table or view `lake.main.custmers`",
            Some("did you mean `customers`?"),
            at(1, 15),
        ),
        (
            "select * from s.t",
            ErrorKind::Plan,
            "there is no table or view `lake.s.t`",
            Some("schema `s` has no tables or views yet"),
            at(1, 15),
        ),
        (
            "select id from customers a join customers b on a.id = b.id",
            ErrorKind::Plan,
            "column `id` is in more than one of the tables",
            Some("name the table before the column"),
            at(1, 8),
        ),
        ("select uper(1)", UnknownFunction, "there is no function `uper`", Some("did you mean `upper`?"), at(1, 8)),
        (
            "select sum(name) from customers",
            ErrorKind::Plan,
            "function `sum` does not take (Utf8View)",
            Some(
                "it takes `sum(Decimal)`, `sum(UInt64)`, `sum(Int64)`, `sum(Float64)`, `sum(Duration)`, `sum(Interval)`; cast the arguments",
            ),
            at(1, 8),
        ),
        ("select 1 / 0", ErrorKind::Execution, "division by zero", None, None),
        (
            "select cast(name as int) from customers",
            ErrorKind::Execution,
            "cannot cast string 'a' to value of Int32 type",
            None,
            None,
        ),
        (
            "select 1; select 2",
            ErrorKind::Unsupported,
            "more than one statement where one is expected",
            Some("remove what follows the first `;`"),
            None,
        ),
        ("-- nothing", ErrorKind::Plan, "there is no SQL statement", None, None),
        (
            "select * from customers tablesample bernoulli (10)",
            ErrorKind::Unsupported,
            "`tablesample` of `customers` is not supported",
            Some("use `where random() < 0.1` for a sample of about a tenth"),
            at(1, 15),
        ),
    ] {
        let error = lake.try_rows(sql).await.unwrap_err();
        let found = (error.kind, error.message.as_str(), error.help.as_deref(), error.position);
        assert_eq!(found, (kind, message, help, position), "{sql}");
    }
}

#[test]
fn wrong_settings_name_the_key() {
    for (values, message) in [
        (json!({"memory_limit": "lots"}), "`memory_limit: \"lots\"` is not a size such as `4GB`, `512MB` or `50%`"),
        (json!({"retention_days": "abc"}), "`retention_days: \"abc\"` is not a number of days"),
        (json!({"retention_days": 1e300}), "`retention_days: 1e+300` is not a number of days"),
        (json!({"lock_timeout": -1}), "`lock_timeout: -1` is not a number of seconds"),
        (json!({"partitions": 0}), "`partitions: 0` is not a whole number above zero"),
        (
            json!({"path": "ftp://host/lake"}),
            "`path: \"ftp://host/lake\"` is not a folder of this machine or of a bucket (`s3://bucket/folder`, `gs://…`, `az://…`)",
        ),
        (
            json!({"path": "s3://key:secret@bucket/lake"}),
            "`path` holds keys, or something else that is no part of a path",
        ),
        (
            json!({"path": "/a%20b"}),
            "the path of the lake `/a%20b` holds one of `[`, `]`, `^`, `|`, `\\`, or `%` with two digits",
        ),
        (json!({"schema": ["a"]}), "`schema: [\"a\"]` is not a text"),
    ] {
        let error = engine("/nowhere".as_ref(), values).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Settings, message));
    }
}

#[tokio::test]
async fn a_folder_for_temporary_files_is_made_or_named() {
    let lake = Fixture::with(json!({"temp_dir": "tmp"}));
    lake.engine.check().await.unwrap();
    assert!(lake.path("tmp").is_dir());
    let lake = Fixture::with(json!({"temp_dir": "no/such/tmp"}));
    lake.file("file", "a file");
    let file = engine(lake.folder.path(), json!({"temp_dir": "file"})).unwrap();
    let message = |name: &str| format!("`temp_dir: {}` cannot be written to: ", lake.path(name).display());
    for (error, message) in [
        (lake.engine.check().await.unwrap_err(), message("no/such/tmp")),
        (lake.try_table("t", "select 1 as id").await.unwrap_err(), message("no/such/tmp")),
        (file.check().await.unwrap_err(), message("file")),
    ] {
        assert_eq!(error.kind, ErrorKind::Settings);
        assert!(error.message.starts_with(&message), "{error}");
        assert_eq!(error.help.as_deref(), Some("correct `temp_dir` in `profiles.yml`, or remove it"));
    }
}

#[tokio::test]
async fn wrong_options_are_named() {
    let lake = Fixture::with(json!({"settings": {"execution.batch_sise": 1}}));
    let error = lake.try_rows("select 1").await.unwrap_err();
    assert_eq!(error.message, "DataFusion has no option `execution.batch_sise` (key `settings`)");
    let lake = Fixture::with(json!({"settings": {"datafusion.execution.batch_size": "many"}}));
    assert_eq!(lake.try_rows("select 1").await.unwrap_err().kind, ErrorKind::Settings);
    let lake =
        Fixture::with(json!({"settings": {"execution.time_zone": "Europe/Paris"}, "database": "db", "schema": "s"}));
    assert_eq!(lake.rows("select 1 as d").await, "d\n1");
}

#[tokio::test]
async fn a_lake_that_cannot_be_a_folder_is_named() {
    let lake = Fixture::with(json!({"path": "lake"}));
    lake.file("lake", "a file");
    for error in [
        lake.engine.begin("x", Access::Shared).await.unwrap_err(),
        lake.try_table("t", "select 1 as id").await.unwrap_err(),
    ] {
        assert_eq!(error.kind, ErrorKind::Io);
        assert!(error.message.contains(lake.path("lake").to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn a_cancelled_query_stops() {
    let lake = Fixture::new();
    let cancel = CancellationToken::new();
    let sql = "select count(*) from range(100000000) a, range(100000000) b where a.value * b.value % 7 = 8";
    let mut rows = lake.engine.query(sql, &cancel).await.unwrap().batches;
    let stop = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    };
    let (error, ()) = tokio::join!(rows.next(), stop);
    assert_eq!(error.unwrap().unwrap_err().kind, ErrorKind::Cancelled);
    assert!(rows.next().await.is_none());
}

#[tokio::test]
async fn a_cancelled_write_leaves_the_table() {
    let lake = Fixture::new();
    lake.table("t", "select 1 as id").await;
    let before = lake.lake_files("main/t");
    for name in ["t", "new"] {
        let cancel = CancellationToken::new();
        let query = "select value as id, repeat('x', 100) as x from range(100000000)".to_owned();
        let operation = Operation::CreateTable {
            relation: relation(name),
            query,
            rules: Rules::default(),
            layout: Layout::default(),
        };
        let stop = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            cancel.cancel();
        };
        let (outcome, ()) = tokio::join!(lake.engine.apply(operation, &cancel), stop);
        assert_eq!(outcome.unwrap_err().kind, ErrorKind::Cancelled);
    }
    assert_eq!(lake.rows("select * from t").await, "id\n1");
    assert_eq!(lake.lake_files("main/t"), before);
    assert_eq!(lake.kind("new").await, None);
}

/// Reads few rows and makes many of them.
const LONG: &str =
    "select sum(cast(a.value * b.value % 7 as bigint)) as s from range(0, 60000) a cross join range(0, 20000) b";

/// The same, but a join that looks for rows that are not there never gives its thread back on the way.
const LONG_WITHOUT_A_PAUSE: &str =
    "select count(*) as s from range(0, 12000) a join range(0, 20000) b on a.value * b.value % 7 > 7";

#[tokio::test]
async fn work_that_makes_many_rows_of_few_is_cancelled_at_once() {
    let lake = Fixture::new();
    lake.table("t", "select cast(1 as bigint) as s").await;
    let files = lake.lake_files("main/t");
    let (relation, query) = (relation("t"), LONG.to_owned());
    let key = Merge { unique_key: vec!["s".to_owned()], ..Merge::default() };
    for operation in [
        Operation::CreateTable {
            relation: relation.clone(),
            query: query.clone(),
            rules: Rules::default(),
            layout: Layout::default(),
        },
        Operation::Insert { relation: relation.clone(), query: query.clone() },
        Operation::Merge { relation: relation.clone(), query: query.clone(), merge: key },
        Operation::Execute { sql: query.clone() },
        Operation::CreateTable {
            relation,
            query: LONG_WITHOUT_A_PAUSE.to_owned(),
            rules: Rules::default(),
            layout: Layout::default(),
        },
    ] {
        let cancel = CancellationToken::new();
        let stop = async {
            tokio::time::sleep(Duration::from_millis(200)).await;
            cancel.cancel();
            Instant::now()
        };
        let (outcome, since) = tokio::join!(lake.engine.apply(operation, &cancel), stop);
        assert_eq!(outcome.unwrap_err().kind, ErrorKind::Cancelled);
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    }
    assert_eq!(lake.rows("select * from t").await, "s\n1");
    assert_eq!(lake.lake_files("main/t/_delta_log"), ["00000000000000000000.json"]);
    assert_eq!(lake.lake_files("main/t"), files);
}

#[tokio::test]
async fn what_was_cancelled_is_never_committed() {
    let lake = Fixture::new();
    lake.table("t", "select value as id from range(100)").await;
    let cancel = CancellationToken::new();
    cancel.cancel();
    for sql in ["delete from t where id > 5", "update t set id = 7", "insert into t select 1 as id"] {
        let error = lake.engine.apply(Operation::Execute { sql: sql.to_owned() }, &cancel).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Cancelled, "{sql}");
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(lake.rows("select count(*) as n, max(id) as m from t").await, "n|m\n100|99");
    assert_eq!(lake.lake_files("main/t").len(), 2);
}

#[tokio::test]
async fn a_sort_larger_than_the_memory_limit_spills() {
    let lake = Fixture::with(json!({"memory_limit": "48MB", "temp_dir": "spill", "partitions": 2}));
    let query = "select value as id, repeat('x', 200) || value as x from range(400000) order by x desc";
    let outcome = lake.table("t", query).await;
    assert_eq!(outcome.rows, Some(400_000));
    assert_eq!(lake.rows("select count(distinct id) as n from t").await, "n\n400000");
}

#[tokio::test]
async fn a_join_and_a_merge_larger_than_the_memory_limit_sort_what_they_read() {
    // Each side has 84 MB. Of much less memory the sorts of the one side may leave those of the other too little to begin with.
    let lake = Fixture::with(json!({"memory_limit": "64MB", "temp_dir": "spill", "partitions": 2}));
    let wide = "select value as id, repeat('x', 200) || value as x from range(400000)";
    let joined = format!("select a.id, b.x from ({wide}) a join ({wide}) b on a.x = b.x");
    let outcome = lake.table("t", &joined).await;
    assert_eq!(outcome.rows, Some(400_000));
    assert_eq!(lake.rows(&format!("select count(*) as n from ({joined})")).await, "n\n400000");
    let merge = Merge { unique_key: vec!["id".to_owned()], ..Merge::default() };
    let (relation, query) = (relation("t"), format!("select id + 1 as id, x from ({wide})"));
    lake.apply(Operation::Merge { relation, query, merge }).await.unwrap();
    assert_eq!(lake.rows("select count(*) as n, sum(id) as s from t").await, "n|s\n400001|80000200000");
}

/// As `apache/datafusion#24883` tells it: of two inputs that spill to one reader at the same time, the reader waits for the wrong one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_redistributed_beyond_the_memory_limit_comes_to_an_end() {
    let settings = json!({"execution.batch_size": 64});
    let lake =
        Fixture::with(json!({"memory_limit": "2MB", "temp_dir": "spill", "partitions": 2, "settings": settings}));
    lake.table("t", "select value % 13 as g, md5(cast(value % 337 as varchar)) as id from range(40000)").await;
    for _ in 0..12 {
        let groups = lake
            .rows("select count(*) as groups, sum(n) as n from (select g, count(distinct id) as n from t group by g)");
        let groups = tokio::time::timeout(Duration::from_secs(30), groups).await.expect("an end");
        assert_eq!(groups, "groups|n\n13|4381");
    }
}

#[tokio::test]
async fn what_cannot_spill_says_that_memory_ran_out() {
    let lake = Fixture::with(json!({"memory_limit": "4MB"}));
    let query = "select array_agg(value || repeat('x', 100)) as all_of_them from range(1000000)";
    let error = lake.try_table("t", query).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::OutOfMemory, "{error:?}");
    assert_eq!(lake.kind("t").await, None);
}

#[tokio::test]
async fn the_check_says_what_it_found() {
    let lake = Fixture::new();
    let found = lake.engine.check().await.unwrap();
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["engine", "lake", "database", "schema", "memory limit"]);
}

#[tokio::test]
async fn long_chains_run_and_chains_without_end_are_refused() {
    let lake = Fixture::new();
    let union = |count: usize| vec!["select 1 as id"; count].join(" union all ");
    assert_eq!(lake.rows(&format!("select count(*) as n from ({})", union(600))).await, "n\n600");
    let sum = |count: usize| format!("select {} as n from (select 1 as id)", vec!["id"; count].join(" + "));
    assert_eq!(lake.rows(&sum(600)).await, "n\n600");
    for sql in [union(6_000), sum(6_000)] {
        let error = lake.try_rows(&sql).await.expect_err("too long");
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert_eq!(error.message, "a chain of more than 5000 operators is not supported");
        assert!(error.position.is_some());
    }
}
