//! The artifacts, read by another reader: the schemas that dbt publishes, in the `dbt-artifacts-parser` package of Python.

use serde_json::{Value as Json, json};

use super::project::{TestProject, copy, repository};
use super::python::Reader;

const READER: Reader = Reader {
    script: "artifact_reader.py",
    variable: "TRANSFORM_TEST_ARTIFACT_PYTHON",
    folder: "artifact-reader",
    packages: &["dbt-artifacts-parser==0.15.0"],
    at_least: None,
};

#[test]
fn a_manifest_with_every_kind_of_resource_is_what_the_schema_asks_for() {
    let project = TestProject::new();
    copy(&repository().join("tests/data/resources"), &project.root());
    let output = project.run(&["parse"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let found = READER.read(&project.root().join("target"));
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
    let found = READER.read(&project.root().join("target"));
    let mut results: Vec<&str> =
        found["results"].as_array().expect("results").iter().filter_map(Json::as_str).collect();
    results.sort_unstable();
    assert_eq!(json!(results), json!(["error", "fail", "pass", "skipped", "skipped", "success"]));
}

#[test]
fn the_artifacts_of_every_command_are_what_the_schemas_ask_for() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\non-run-start: select 1\non-run-end: \"select {{ results | length }}\"\n"),
        ("seeds/countries.csv", "code,at\nde,2020-01-01 00:00:00\n"),
        ("models/base.sql", "{{ config(materialized='ephemeral') }} select 1 as id, now() as at"),
        ("models/a.sql", "select * from {{ ref('base') }}"),
        ("models/off.sql", "{{ config(enabled=false) }} select 1 as id"),
        ("tests/none.sql", "select * from {{ ref('a') }} where id > 1"),
        ("analyses/all.sql", "select * from {{ ref('a') }}"),
        (
            "models/a.yml",
            "models: [{name: a, columns: [{name: id, data_tests: [unique]}]}, {name: nowhere, data_tests: [not_null: {arguments: {column_name: id}}]}]\n\
             snapshots: [{name: kept, relation: ref('a'), config: {strategy: check, unique_key: id, check_cols: all}}]\n\
             unit_tests: [{name: one, model: a, given: [{input: ref('base'), rows: [{id: 1}]}], expect: {rows: [{id: 1}]}}]\n\
             sources: [{name: raw, schema: main, loaded_at_field: at, config: {freshness: {warn_after: {count: 1, period: day}}}, tables: [{name: countries}, {name: nothing}]}]",
        ),
        ("selectors.yml", "selectors: [{name: small, definition: {union: [a+, {tag: b}]}}]"),
    ]);
    let target = project.root().join("target");
    project.run(&["build"]);
    let built = READER.read(&target);
    let kinds = json!(["analysis", "model", "operation", "seed", "snapshot", "test"]);
    assert_eq!((&built["resource_types"], &built["compiled"]), (&kinds, &json!(7)));
    project.run(&["source", "freshness"]);
    project.run(&["docs", "generate"]);
    let found = READER.read(&target);
    assert_eq!(found["freshness"], json!(["warn", "runtime error"]));
    let relations = json!(["model.shop.a", "seed.shop.countries", "snapshot.shop.kept", "source.shop.raw.countries"]);
    assert_eq!(found["catalog"], relations);
}

#[test]
fn the_manifest_of_the_example_is_what_the_schema_asks_for() {
    let project = TestProject::new();
    copy(&repository().join("example_project"), &project.root());
    let output = project.run(&["parse"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(READER.read(&project.root().join("target"))["nodes"].as_u64() > Some(0));
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
