//! The manifest holds what dbt's would: ids and names of all resources, their configs, dependencies and places in the
//! warehouse. `tests/data/manifest` is a project with what dbt Core makes of it; `tests/dbt_manifest.py` says how.

use serde_json::{Map, Value as Json};

use super::project::{TestProject, copy, repository};

#[test]
fn the_manifest_is_what_dbt_makes_of_the_same_project() {
    let project = TestProject::new();
    let folder = repository().join("tests/data/manifest");
    copy(&folder, &project.root());
    let output = project.run(&["parse"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let manifest = project.artifact("target/manifest.json");
    let expected: Json = serde_json::from_str(&project.read("expected.json")).expect("the fixture");

    let mut differences = Vec::new();
    let keys = object(&expected["keys"]);
    no_other_keys("metadata", &keys["metadata"], &manifest["metadata"], &mut differences);
    for kind in ["nodes", "sources", "exposures"] {
        let (found, expected) = (object(&manifest[kind]), object(&expected[kind]));
        for id in expected.keys().filter(|id| !found.contains_key(*id)) {
            differences.push(format!("{id} is missing"));
        }
        for (id, resource) in found {
            match expected.get(id) {
                Some(expected) => {
                    compare(id, expected, resource, &mut differences);
                    let kind = resource["resource_type"].as_str().expect("a kind");
                    no_other_keys(id, &keys[kind], resource, &mut differences);
                }
                None => differences.push(format!("{id} is not in dbt's manifest")),
            }
        }
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

/// The schema of dbt's manifest, which tools check, allows no keys but its own.
fn no_other_keys(place: &str, known: &Json, found: &Json, differences: &mut Vec<String>) {
    let known: Vec<&str> = known.as_array().expect("a list").iter().filter_map(Json::as_str).collect();
    let others = object(found).keys().filter(|key| !known.contains(&key.as_str()));
    differences.extend(others.map(|key| format!("{place} has a key `{key}`, which dbt's has not")));
}

/// Compares every value that the fixture has; lists of dependencies and tags have no order, and dbt repeats some tags.
fn compare(place: &str, expected: &Json, found: &Json, differences: &mut Vec<String>) {
    match (expected, found) {
        (Json::Object(expected), found) if place.ends_with(".depends_on") || found.is_object() => {
            for (key, expected) in expected {
                compare(&format!("{place}.{key}"), expected, &found[key], differences);
            }
        }
        (Json::Array(_), Json::Object(nodes)) if place.ends_with(".depends_on") => {
            let none = Json::Array(Vec::new());
            compare(place, expected, nodes.get("nodes").unwrap_or(&none), differences);
        }
        (Json::Array(expected), Json::Array(found)) if place.ends_with(".depends_on") || place.ends_with(".tags") => {
            let sorted = |list: &[Json]| {
                let mut texts: Vec<String> = list.iter().map(Json::to_string).collect();
                texts.sort();
                texts.dedup();
                texts
            };
            if sorted(expected) != sorted(found) {
                differences.push(format!("{place}: {found:?} instead of {expected:?}"));
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{place}: {found} instead of {expected}")),
    }
}

fn object(value: &Json) -> &Map<String, Json> {
    value.as_object().expect("an object")
}
