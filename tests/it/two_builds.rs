//! Two builds on one lake: the second is refused by name of the first, and neither harms the other.

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
