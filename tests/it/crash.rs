//! Builds are killed at random moments: whoever reads sees whole versions, and the next build succeeds.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use super::project::TestProject;

/// How often a build is killed, and how long that may take together. The variable `TRANSFORM_KILLS` asks for more, however long it takes.
const KILLS: usize = 30;
const BUDGET: Duration = Duration::from_secs(40);
const MORE_KILLS: &str = "TRANSFORM_KILLS";

/// Every table has [`ROWS`] rows, all of one version; `merged` keeps its keys and takes over the version.
const FILES: &[(&str, &str)] = &[
    ("dbt_project.yml", "name: shop\nmodels: {+materialized: table}\n"),
    ("models/first.sql", "select value as id, {{ var('version') }} as version from range(0, 2000)\n"),
    ("models/second.sql", "select id, version from {{ ref('first') }}\n"),
    ("models/view.sql", "{{ config(materialized='view') }}\nselect id, version from {{ ref('second') }}\n"),
    (
        "models/merged.sql",
        "{{ config(materialized='incremental', unique_key='id') }}\nselect id, version from {{ ref('first') }}\n",
    ),
    ("seeds/words.csv", "id,word\n1,a\n2,b\n"),
];
const RELATIONS: [&str; 4] = ["first", "second", "view", "merged"];
const ROWS: u64 = 2000;

#[test]
fn a_killed_build_leaves_whole_tables() {
    let project = TestProject::of(FILES);
    let mut version = 1;
    let started = Instant::now();
    build(&project, version);
    // The kills are spread over somewhat more than a build takes.
    let longest = u64::try_from(started.elapsed().as_millis()).expect("a short time") * 5 / 4;
    let more: Option<usize> = std::env::var(MORE_KILLS).ok().map(|kills| kills.parse().expect("a number of kills"));
    let deadline = more.is_none().then(|| Instant::now() + BUDGET);
    let mut kills = 0;
    while kills < more.unwrap_or(KILLS) && deadline.is_none_or(|deadline| Instant::now() < deadline) {
        version += 1;
        let delay = RandomState::new().hash_one(version) % longest.max(1);
        kill_after(&project, version, Duration::from_millis(delay));
        kills += 1;
        let found = versions(&project);
        let is_whole = |relation: &&str| matches!(found[*relation][..], [(found, ROWS)] if found <= version);
        assert!(RELATIONS.iter().all(is_whole), "torn by a kill after {delay} ms: (version, rows) are {found:?}");
        if kills % 5 == 0 {
            version += 1;
            build(&project, version);
        }
    }
    version += 1;
    build(&project, version);
    assert!(kills > 5, "only {kills} builds were killed in {BUDGET:?}");
}

/// Builds a version, and finds it in every relation.
fn build(project: &TestProject, version: u64) {
    let output = project.run(&["build", "--vars", &format!("version: {version}")]);
    assert_eq!(output.code, Some(0), "the build after the kills failed:\n{}", output.stderr);
    let whole = RELATIONS.map(|relation| (relation.to_owned(), vec![(version, ROWS)]));
    assert_eq!(versions(project), BTreeMap::from(whole), "after a whole build");
}

fn kill_after(project: &TestProject, version: u64, delay: Duration) {
    let mut child = project.start(&["build", "--vars", &format!("version: {version}")]);
    std::thread::sleep(delay);
    // It may have ended by itself; then there is nothing to kill.
    let _ = child.kill();
    child.wait().expect("an end");
}

/// The versions that each relation holds, each with its rows.
fn versions(project: &TestProject) -> BTreeMap<String, Vec<(u64, u64)>> {
    let of = |relation| {
        format!(
            "select '{relation}' as relation, version, count(distinct id) as n from lake.main.{relation} group by version"
        )
    };
    let query = RELATIONS.map(of).join(" union all ");
    // `version` has no default, so that no build forgets it; the reader needs one to parse the project.
    let arguments = ["show", "-q", "--inline", &query, "--limit", "-1", "--output", "json", "--vars", "version: 0"];
    let output = project.run(&arguments);
    assert_eq!(output.code, Some(0), "the relations cannot be read:\n{}", output.stderr);
    let json: Json = serde_json::from_str(&output.stdout).expect("JSON on stdout");
    let number = |row: &Json, key: &str| row[key].as_u64().expect("a number");
    let mut found: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    for row in json["show"].as_array().expect("rows") {
        let relation = row["relation"].as_str().expect("a name").to_owned();
        found.entry(relation).or_default().push((number(row, "version"), number(row, "n")));
    }
    found
}
