//! Two builds on one lake: the second is refused by name of the first, and neither harms the other. Commands at once on one project.

use std::time::{Duration, Instant};

use super::project::TestProject;

const FILES: &[(&str, &str)] = &[
    ("dbt_project.yml", "name: shop\n"),
    // Counts in one thread for some seconds, so that the lake is held long enough on any machine.
    (
        "models/slow.sql",
        "{{ config(materialized='table') }}\n\
         select count(*) as n from range(0, {{ var('work', 1) }}) as a cross join range(0, 1000) as b\n\
         where (a.value * 7919 + b.value) % 13 = 1\n",
    ),
    ("models/quick.sql", "{{ config(materialized='table') }}\nselect 1 as id\n"),
];

#[test]
fn the_second_build_is_refused_and_names_the_first() {
    let project = TestProject::of(FILES);
    assert_eq!(project.run(&["build"]).code, Some(0));
    let mut first = project.start(&["build", "--select", "slow", "--vars", "work: 100000000"]);
    let holder = format!("process {} on", first.id());
    // The lock file names its holder as soon as it is held.
    let lock = "target/lake/.transform.lock";
    let deadline = Instant::now() + Duration::from_secs(20);
    while !project.read(lock).contains(&format!("\"pid\":{}", first.id())) {
        assert!(Instant::now() < deadline, "the first build never took the lake: {}", project.read(lock));
        std::thread::sleep(Duration::from_millis(10));
    }

    let second = project.run(&["build", "--select", "quick"]);
    assert_eq!(second.code, Some(1), "{}", second.stderr);
    assert!(second.stdout.contains("error[T0507]"), "{}", second.stdout);
    assert!(second.stdout.contains(&holder), "{} is not named in\n{}", holder, second.stdout);
    assert!(second.stdout.contains("`transform build`"), "{}", second.stdout);
    // Readers are not in the way of writers, nor writers in theirs.
    assert_eq!(count(&project, "slow"), 77);
    assert_eq!(count(&project, "quick"), 1);

    first.kill().expect("the first build was still at work");
    first.wait().expect("an end");
    let third = project.run(&["build", "--vars", "work: 2"]);
    assert_eq!(third.code, Some(0), "{}", third.stderr);
    assert_eq!(count(&project, "quick"), 1);
}

#[test]
fn the_second_build_waits_where_the_profile_says_so() {
    let profile = "shop:\n  target: dev\n  outputs:\n    dev: {type: datafusion, path: lake, lock_timeout: 120}\n";
    let project = TestProject::of(FILES);
    project.write("dbt_project.yml", b"name: shop\nprofile: shop\n");
    project.write("profiles.yml", profile.as_bytes());
    let mut builds: Vec<_> = (0..3).map(|_| project.start(&["build"])).collect();
    for build in &mut builds {
        assert_eq!(build.wait().expect("an end").code(), Some(0));
    }
    assert_eq!(count(&project, "quick"), 1);
}

/// The only number of a table.
fn count(project: &TestProject, table: &str) -> u64 {
    let rows = project.rows(&format!("select * from {{{{ ref('{table}') }}}}")).expect("rows");
    rows[0].as_object().expect("a row").values().next().and_then(serde_json::Value::as_u64).expect("a number")
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
fn nodes(project: &TestProject) -> serde_json::Map<String, serde_json::Value> {
    let mut nodes = project.artifact("target/manifest.json")["nodes"].as_object().expect("nodes").clone();
    nodes.values_mut().filter_map(|node| node.as_object_mut()).for_each(|node| drop(node.remove("created_at")));
    nodes
}
