//! Several builds on one lake: each relation is made by one of them at a time, and nobody waits for more than that. Commands at once on one
//! project.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::project::{Output, TestProject};

const FILES: &[(&str, &str)] = &[
    ("dbt_project.yml", "name: shop\nprofile: shop\n"),
    ("profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev: {type: datafusion, path: lake, lock_timeout: 0}\n"),
    // Counts in one thread for some seconds, so that it is held long enough on any machine.
    (
        "models/slow.sql",
        "{{ config(materialized='table') }}\n\
         select count(*) as n from range(0, {{ var('work', 1) }}) as a cross join range(0, 1000) as b\n\
         where (a.value * 7919 + b.value) % 13 = 1\n",
    ),
    ("models/quick.sql", "{{ config(materialized='table') }}\nselect 1 as id\n"),
];

#[test]
fn a_relation_that_is_being_built_is_refused_to_others_and_the_builder_named() {
    let project = TestProject::of(FILES);
    assert_eq!(project.run(&["build"]).code, Some(0));
    let mut first = project.start(&["build", "--select", "slow", "--vars", "work: 100000000"]);
    let holder = format!("process {} on", first.id());
    // The lock file names its holder as soon as it is held.
    let lock = "lake/.locks/main/slow";
    let deadline = Instant::now() + Duration::from_secs(20);
    while !project.read(lock).contains(&format!("\"pid\":{}", first.id())) {
        assert!(Instant::now() < deadline, "the first build never took the model: {}", project.read(lock));
        std::thread::sleep(Duration::from_millis(10));
    }

    let second = project.run(&["build", "--select", "slow"]);
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(second.stdout.contains("error[T0507]"), "{}", second.stdout);
    assert!(second.stdout.contains(&holder), "{} is not named in\n{}", holder, second.stdout);
    assert!(second.stdout.contains("`transform build`"), "{}", second.stdout);
    let clean = project.run(&["clean"]);
    assert_eq!(clean.code, Some(1), "{}", clean.stderr);
    // Another model is nothing to wait for, and readers are in nobody's way, nor anybody in theirs.
    assert_eq!(project.run(&["build", "--select", "quick"]).code, Some(0));
    assert_eq!(count(&project, "slow"), 77);
    assert_eq!(count(&project, "quick"), 1);

    first.kill().expect("the first build was still at work");
    first.wait().expect("an end");
    let third = project.run(&["build", "--vars", "work: 2"]);
    assert_eq!(third.code, Some(0), "{}", third.stderr);
    assert_eq!(count(&project, "quick"), 1);
}

/// How often each of two processes builds.
const BUILDS: u64 = 4;
const ROWS: u64 = 500;

/// What both build: tables, a view, a table that each build adds a row to, and one that a hook adds a row to.
const BOTH: &[(&str, &str)] = &[
    (
        "models/first.sql",
        "{{ config(materialized='table', post_hook=\"insert into hooked select '{{ var('builder') }}', {{ var('n') }}\") }}\n\
         select value as id, '{{ var('builder') }}{{ var('n') }}' as version from range(0, 500)\n",
    ),
    ("models/second.sql", "{{ config(materialized='table') }}\nselect id, version from {{ ref('first') }}\n"),
    ("models/seen.sql", "{{ config(materialized='view') }}\nselect id, version from {{ ref('second') }}\n"),
    (
        "models/merged.sql",
        "{{ config(materialized='incremental', unique_key='id') }}\nselect id, version from {{ ref('first') }}\n",
    ),
    (
        "models/added.sql",
        "{{ config(materialized='incremental') }}\nselect '{{ var('builder') }}' as builder, {{ var('n') }} as n,\n\
         {% if is_incremental() %} (select count(*) from {{ this }}) {% else %} 0 {% endif %} as before\n",
    ),
    (
        "models/models.yml",
        "models:\n  - {name: first, columns: [{name: id, data_tests: [unique, not_null]}]}\n\
         \x20 - {name: merged, columns: [{name: id, data_tests: [unique]}]}\n",
    ),
    ("seeds/words.csv", "id,word\n1,a\n2,b\n"),
];

/// A project with a model of its own besides, over a lake that it shares.
fn builder(name: &str, lake: &TestProject) -> TestProject {
    let project = TestProject::of(BOTH);
    let path = lake.root().join("lake");
    let profile = format!(
        "shop:\n  target: dev\n  outputs:\n    dev: {{type: datafusion, path: '{}', threads: 3}}\n",
        path.display()
    );
    project.write("profiles.yml", profile.as_bytes());
    let start = "create table if not exists hooked (builder varchar, n bigint)";
    let config = format!("name: shop\nprofile: shop\non-run-start: [\"{start}\"]\nvars: {{builder: {name}, n: 0}}\n");
    project.write("dbt_project.yml", config.as_bytes());
    project.write(
        &format!("models/own_{name}.sql"),
        b"{{ config(materialized='table') }}\nselect id, version from {{ ref('second') }}\n",
    );
    project
}

#[test]
fn two_processes_build_into_one_lake_and_nothing_is_lost() {
    let lake = TestProject::new();
    let builders = ["a", "b"].map(|name| (name, builder(name, &lake)));
    for (_, project) in &builders {
        built(&project.run(&["build"]));
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let building = builders.each_ref().map(|(_, project)| {
            scope.spawn(move || {
                for n in 1..=BUILDS {
                    built(&project.run(&["build", "--vars", &format!("n: {n}")]));
                }
            })
        });
        let reader = scope.spawn(|| {
            let project = &builders[0].1;
            while !is_over.load(Ordering::Relaxed) {
                whole(project, &["first", "second", "seen", "merged", "own_a"]);
            }
        });
        let ended = building.map(std::thread::ScopedJoinHandle::join);
        is_over.store(true, Ordering::Relaxed);
        reader.join().expect("whole relations");
        ended.into_iter().for_each(|ended| ended.expect("builds that succeed"));
    });
    whole(&builders[0].1, &["first", "second", "seen", "merged", "own_a"]);
    whole(&builders[1].1, &["own_b"]);
    let project = &builders[0].1;
    for table in ["added", "hooked"] {
        let query = format!("select distinct builder, n from lake.main.{table} order by builder, n");
        let rows = project.rows(&query).expect("rows");
        let expected = ["a", "b"].iter().flat_map(|name| (0..=BUILDS).map(move |n| ((*name).to_owned(), n)));
        let found = rows.iter().map(|row| (row["builder"].as_str().unwrap().to_owned(), row["n"].as_u64().unwrap()));
        assert!(found.eq(expected), "{table}: {rows:?}");
    }
    // Each build that adds saw what all before it had added.
    let before = project.rows("select before from lake.main.added order by before").expect("rows");
    let before: Vec<u64> = before.iter().map(|row| row["before"].as_u64().unwrap()).collect();
    assert!(before.into_iter().eq(0..2 * (BUILDS + 1)));
}

fn built(output: &Output) {
    assert_eq!(output.code, Some(0), "{}\n{}", output.stdout, output.stderr);
}

/// Checks that relations hold all rows of one version each.
fn whole(project: &TestProject, relations: &[&str]) {
    let of = |name: &&str| {
        format!("select '{name}' as name, count(distinct version) as versions, count(*) as n from lake.main.{name}")
    };
    let query = relations.iter().map(of).collect::<Vec<_>>().join(" union all ");
    let rows = project.rows(&query).unwrap_or_else(|output| panic!("{}\n{}", output.stdout, output.stderr));
    assert_eq!(rows.len(), relations.len());
    let is_whole = |row: &Json| row["versions"] == 1 && row["n"] == ROWS;
    assert!(rows.iter().all(is_whole), "{rows:?}");
}

/// The only number of a table.
fn count(project: &TestProject, table: &str) -> u64 {
    let rows = project.rows(&format!("select * from {{{{ ref('{table}') }}}}")).expect("rows");
    rows[0].as_object().expect("a row").values().next().and_then(Json::as_u64).expect("a number")
}

/// Each writes the cache of readings and the manifest; what is left is whole, and what any of them would have left alone.
#[test]
fn commands_at_once_leave_a_whole_cache_of_readings() {
    let project = TestProject::of(&[("dbt_project.yml", "name: shop\n")]);
    for number in 0..150 {
        let text = format!("{{{{ config(materialized='table') }}}}\nselect {number} as id\n");
        project.write(&format!("models/m{number}.sql"), text.as_bytes());
    }
    for round in 0..3 {
        // Every round has a file to read anew, and so something to write.
        project.write("models/m0.sql", format!("select {round} as id -- {}\n", "x".repeat(round)).as_bytes());
        let mut parses: Vec<_> = (0..4).map(|_| project.start(&["parse"])).collect();
        for parse in &mut parses {
            assert_eq!(parse.wait().expect("an end").code(), Some(0), "round {round}");
        }
        let kept = project.run(&["parse"]);
        assert_eq!(kept.code, Some(0), "round {round}: {}", kept.stderr);
        assert!(!kept.stderr.contains("warning"), "round {round}: {}", kept.stderr);
        let with_cache = nodes(&project);
        assert_eq!(project.run(&["parse", "--no-partial-parse"]).code, Some(0));
        assert_eq!(with_cache, nodes(&project), "round {round}");
        assert_eq!(with_cache.len(), 150);
    }
    let files = std::fs::read_dir(project.root().join("target")).expect("a folder").map(|file| file.expect("a file"));
    let left_over: Vec<_> =
        files.map(|file| file.file_name()).filter(|name| name.to_string_lossy().contains("tmp")).collect();
    assert!(left_over.is_empty(), "{left_over:?}");
}

/// The nodes of the manifest, but for when they were made.
fn nodes(project: &TestProject) -> serde_json::Map<String, Json> {
    let mut nodes = project.artifact("target/manifest.json")["nodes"].as_object().expect("nodes").clone();
    nodes.values_mut().filter_map(|node| node.as_object_mut()).for_each(|node| drop(node.remove("created_at")));
    nodes
}
