//! The artifacts, read by another reader: the schemas that dbt publishes, in the `dbt-artifacts-parser` package of Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value as Json, json};

use super::manifest::copy;
use super::project::{TestProject, repository};

#[test]
fn a_manifest_with_every_kind_of_resource_is_what_the_schema_asks_for() {
    let project = TestProject::new();
    copy(&repository().join("tests/data/resources"), &project.root());
    let output = project.run(&["parse"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let found = read(&project.root().join("target"));
    for kind in ["exposures", "metrics", "groups", "saved_queries", "semantic_models", "unit_tests", "functions"] {
        assert!(found[kind].as_u64() > Some(0), "no {kind}: {found}");
    }
}

#[test]
fn the_results_of_a_build_are_what_the_schema_asks_for() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("seeds/countries.csv", "code,name\nde,Germany\n"),
        ("models/a.sql", "select * from {{ ref('countries') }}"),
        ("models/b.sql", "select 1 / 0 as x from {{ ref('a') }} where no_such_column"),
        ("models/c.sql", "select * from {{ ref('b') }}"),
        (
            "models/a.yml",
            "models: [{name: a, columns: [{name: code, data_tests: [unique, {accepted_values: {arguments: {values: [fr]}}}]}]}]",
        ),
    ]);
    project.run(&["build", "--threads", "1"]);
    let found = read(&project.root().join("target"));
    let mut results: Vec<&str> =
        found["results"].as_array().expect("results").iter().filter_map(Json::as_str).collect();
    results.sort_unstable();
    assert_eq!(json!(results), json!(["fail", "pass", "skipped", "skipped", "success", "success"]));
}

fn read(folder: &Path) -> Json {
    let mut command = Command::new(python());
    command.arg(repository().join("tests/artifact_reader.py")).arg(folder);
    let output = command.output().expect("Python runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the other reader failed:\n{stderr}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("the other reader: {error}\n{stderr}"))
}

/// A Python with `dbt-artifacts-parser`: the one that `TRANSFORM_TEST_ARTIFACT_PYTHON` names, else one that is made once and kept.
fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("TRANSFORM_TEST_ARTIFACT_PYTHON") {
        return python.into();
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("artifact-reader");
    let (python, done) = (folder.join("bin/python"), folder.join("installed"));
    if !done.exists() {
        must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        must(Command::new(&python).args(["-m", "pip", "install", "--quiet", "dbt-artifacts-parser==0.15.0"]));
        fs::write(done, "").expect("the mark of an installation that came to its end");
    }
    python
}

fn must(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{command:?} failed (TRANSFORM_TEST_ARTIFACT_PYTHON may name another Python):\n{stderr}"
    );
}

#[test]
fn of_a_large_seed_the_path_counts() {
    let project = TestProject::of(&[("dbt_project.yml", "name: shop\n"), ("seeds/small.csv", "id\n1\n")]);
    let large = |digit: &str| format!("id\n{}", format!("{digit}\n").repeat(600_000));
    project.write("seeds/large.csv", large("1").as_bytes());
    assert_eq!(project.run(&["parse"]).code, Some(0));
    let manifest = project.artifact("target/manifest.json");
    let checksum = |name: &str| manifest["nodes"][format!("seed.shop.{name}")]["checksum"].clone();
    assert_eq!(checksum("large"), serde_json::json!({"name": "path", "checksum": "seeds/large.csv"}));
    assert_eq!(checksum("small")["name"], "sha256");
    copy(&project.root().join("target"), &project.root().join("before"));
    project.write("seeds/large.csv", large("2").as_bytes());
    project.write("seeds/small.csv", b"id\n2\n");
    let changed = project.run(&["ls", "--select", "state:modified", "--state", "before", "--output", "name"]);
    assert_eq!(changed.stdout.trim(), "small");
}
