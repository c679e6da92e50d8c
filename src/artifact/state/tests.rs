use std::path::Path;

use super::{PreviousState, StateManifest, StateSources};
use crate::diagnostic::Diagnostics;
use crate::source::MemoryWorld;

fn manifest(text: &str) -> Result<Option<StateManifest>, String> {
    let world = MemoryWorld::with_files([("state/manifest.json", text)]);
    StateManifest::read(&world, Path::new("state/manifest.json")).map_err(|diagnostic| diagnostic.message.clone())
}

const V7: &str = r#"{
    "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v7.json"},
    "nodes": {"model.p.a": {
        "resource_type": "model", "name": "a", "fqn": ["p", "a"], "raw_code": "select 1",
        "database": "db", "schema": "s", "alias": "a1", "relation_name": "db.s.a1", "columns": null,
        "checksum": {"name": "sha256", "checksum": "x"}, "config": {"materialized": "table"}, "access": null}},
    "sources": {"source.p.s.t": {"resource_type": "source", "name": "t", "schema": "s", "identifier": "t0", "relation_name": "s.t0"}},
    "exposures": {}, "metrics": {},
    "macros": {"macro.p.m": {"package_name": "p", "macro_sql": "{% macro m() %}{% endmacro %}", "depends_on": {"macros": []}}}
}"#;

#[test]
fn old_manifests_are_read_with_what_they_have() {
    let manifest = manifest(V7).unwrap().unwrap();
    assert_eq!((manifest.version, manifest.resources.len(), manifest.macros.len()), (7, 2, 1));
    let relation = manifest.resources["model.p.a"].relation().unwrap();
    assert_eq!((relation.database.as_str(), relation.identifier.as_str()), ("db", "a1"));
    assert_eq!(manifest.resources["source.p.s.t"].relation().unwrap().identifier, "t0");
}

#[test]
fn what_is_no_manifest_is_said() {
    assert!(manifest("{").unwrap_err().contains("cannot be read"));
    assert!(manifest("{}").unwrap_err().contains("names no schema"));
    let old = r#"{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v4.json"}}"#;
    assert!(manifest(old).unwrap_err().contains("of a version that is not understood"));
}

#[test]
fn a_unit_test_has_a_bare_checksum() {
    let text = r#"{
        "metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"},
        "unit_tests": {"unit_test.p.a.t": {"name": "t", "checksum": "abc"}}
    }"#;
    assert_eq!(manifest(text).unwrap().unwrap().resources["unit_test.p.a.t"].checksum.checksum, "abc");
}

#[test]
fn a_folder_without_artifacts_has_no_state() {
    let mut diagnostics = Diagnostics::new();
    let state = PreviousState::read(&MemoryWorld::default(), Path::new("state"), &mut diagnostics);
    assert!(diagnostics.is_empty() && state.manifest.is_none() && state.run_results.is_none());
}

#[test]
fn fresher_sources_have_newer_rows() {
    let sources = |text: &str| serde_json::from_str::<StateSources>(text).unwrap();
    let before = sources(
        r#"{"results": [{"unique_id": "a", "max_loaded_at": "2026-01-01T00:00:00Z"},
            {"unique_id": "b", "max_loaded_at": "2026-01-02T00:00:00+00:00"}]}"#,
    );
    let now = sources(
        r#"{"results": [{"unique_id": "a", "max_loaded_at": "2026-01-01T00:00:01Z"},
            {"unique_id": "b", "max_loaded_at": "2026-01-02T00:00:00Z"},
            {"unique_id": "c", "max_loaded_at": "2026-01-02T00:00:00Z"}, {"unique_id": "d", "status": "runtime error"}]}"#,
    );
    assert_eq!(now.fresher_than(&before), ["a", "c"]);
}
