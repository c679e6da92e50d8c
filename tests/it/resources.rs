//! Every kind of resource in the manifest, key by key as dbt has it. `tests/data/resources` is a project with all of them and
//! what dbt Core makes of it; `tests/dbt_manifest.py` says how.

use serde_json::{Map, Value as Json};

use super::project::{TestProject, copy, repository};

/// Keys whose values are made of time, or are a tool's own.
const OTHERS: &[&str] = &["created_at", "compiled_path", "build_path", "root_path"];

/// Lists without an order.
const SETS: &[&str] = &["tags", "refs", "sources", "nodes", "macros", "doc_blocks"];

#[test]
fn every_kind_of_resource_is_what_dbt_makes_of_it() {
    let project = TestProject::new();
    copy(&repository().join("tests/data/resources"), &project.root());
    let output = project.run(&["parse"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let manifest = project.artifact("target/manifest.json");
    let expected: Json = serde_json::from_str(&project.read("expected.json")).expect("the fixture");
    let mut differences = Vec::new();
    for (kind, expected) in object(&expected) {
        let found = object(&manifest[kind]);
        for (id, resource) in object(expected) {
            match found.get(id) {
                Some(found) => compare(&format!("{kind} {id}"), kind, resource, found, &mut differences),
                None => differences.push(format!("{kind} {id} is missing")),
            }
        }
        // The macros and documentation of the tool itself are each tool's own.
        let is_own = |id: &&String| !id.starts_with("macro.dbt") && !id.starts_with("doc.dbt.");
        for id in found.keys().filter(is_own).filter(|id| !object(expected).contains_key(*id)) {
            differences.push(format!("{kind} {id} is not in dbt's manifest"));
        }
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

fn compare(place: &str, key: &str, expected: &Json, found: &Json, differences: &mut Vec<String>) {
    if OTHERS.contains(&key) {
        return;
    }
    match (expected, found) {
        (Json::Object(expected), Json::Object(found)) => {
            for key in expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key))) {
                let place = format!("{place}.{key}");
                match (expected.get(key), found.get(key)) {
                    (Some(expected), Some(found)) => compare(&place, key, expected, found, differences),
                    (None, Some(_)) if !OTHERS.contains(&key.as_str()) => {
                        differences.push(format!("{place} is too much"))
                    }
                    (Some(_), None) if !OTHERS.contains(&key.as_str()) => {
                        differences.push(format!("{place} is missing"))
                    }
                    _ => {}
                }
            }
        }
        (Json::Array(expected), Json::Array(found)) if SETS.contains(&key) => {
            if sorted(expected, key) != sorted(found, key) {
                differences.push(format!("{place}: {found:?} instead of {expected:?}"));
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{place}: {found} instead of {expected}")),
    }
}

/// Each item once; of macros only those of projects, since the built-in ones are each tool's own.
fn sorted(list: &[Json], key: &str) -> Vec<String> {
    let texts = list.iter().map(Json::to_string);
    let mut texts: Vec<String> = texts.filter(|text| key != "macros" || !text.starts_with("\"macro.dbt")).collect();
    texts.sort();
    texts.dedup();
    texts
}

fn object(value: &Json) -> &Map<String, Json> {
    value.as_object().expect("an object")
}
