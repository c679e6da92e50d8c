//! Conventions that no compiler checks: the order of the floors, how files open, what is not said.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The table of floors in `src/lib.rs`: module → floor.
fn floors() -> HashMap<String, usize> {
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut floors = HashMap::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("//! | ")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let Ok(floor) = cells[0].parse::<usize>() {
            for module in cells[1].split_whitespace() {
                floors.insert(module.trim_matches('`').to_owned(), floor);
            }
        }
    }
    floors
}

#[test]
fn every_module_has_a_floor() {
    let floors = floors();
    let text = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for module in text.lines().filter_map(|line| line.strip_prefix("pub mod ")) {
        let module = module.trim_end_matches(';');
        assert!(floors.contains_key(module), "`{module}` is not in the table of src/lib.rs");
    }
}

#[test]
fn modules_import_downward_only() {
    let floors = floors();
    let mut broken = Vec::new();
    for path in rust_files(&root().join("src")) {
        let relative = path.strip_prefix(root().join("src")).unwrap().to_path_buf();
        let own = relative.iter().next().unwrap().to_string_lossy().trim_end_matches(".rs").to_owned();
        let Some(floor) = floors.get(&own) else { continue };
        let text = std::fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for rest in line.split("crate::").skip(1) {
                let names = imported(rest);
                for name in names.iter().filter(|name| **name != own) {
                    if floors.get(name).is_some_and(|other| other >= floor) {
                        broken.push(format!("{}:{}: `{own}` imports `{name}`", relative.display(), number + 1));
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "these paths lead up or sideways:\n{}", broken.join("\n"));
}

/// The modules behind `crate::`: one, or the first names of a list in braces.
fn imported(rest: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    match rest.strip_prefix('{') {
        Some(list) => list.split(',').map(|item| word(item.trim())).collect(),
        None => vec![word(rest)],
    }
}

#[test]
fn files_open_with_what_they_are() {
    for folder in ["src", "tests", "benches"] {
        for path in rust_files(&root().join(folder)) {
            let text = std::fs::read_to_string(&path).unwrap();
            let is_test =
                path.file_name().is_some_and(|name| name == "tests.rs") || path.iter().any(|part| part == "tests");
            assert!(
                is_test && folder == "src" || text.starts_with("//!"),
                "{} does not open with `//!`",
                path.display()
            );
        }
    }
}

#[test]
fn lints_are_expected_with_a_reason() {
    for path in rust_files(&root().join("src")) {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("#[allow("), "{} silences a lint without saying why", path.display());
    }
}

#[test]
fn engines_are_named_in_the_registry_only() {
    for path in rust_files(&root().join("src")) {
        let inside = path.strip_prefix(root().join("src/engine")).is_ok();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(inside || !text.contains("engine::datafusion"), "{} names an engine", path.display());
    }
}

#[test]
fn diagnostic_codes_are_unique_sorted_and_used() {
    let text = std::fs::read_to_string(root().join("src/diagnostic/code.rs")).unwrap();
    let codes: Vec<(&str, &str)> = text
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.trim().split_once(" = \"T")?;
            Some((name, rest.split('"').next()?))
        })
        .collect();
    assert!(codes.len() > 30, "the table of codes was not understood");
    assert!(codes.windows(2).all(|pair| pair[0].1 < pair[1].1), "codes must rise");
    let all: String =
        rust_files(&root().join("src")).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for (name, _) in codes {
        assert!(all.contains(&format!("codes::{name}")), "`{name}` is never reported");
    }
}

#[test]
fn no_file_speaks_of_a_machine() {
    for folder in ["src", "tests", "benches", "templates", "example_project", ".ci"] {
        for path in text_files(&root().join(folder)) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            for place in [
                concat!("/ro", "ot/"),
                concat!("/wo", "rk/"),
                concat!("crates", ".io"),
                concat!("pypi", ".org"),
                concat!("npm", "js.org"),
            ] {
                assert!(!text.contains(place), "{} names {place}", path.display());
            }
        }
    }
}

fn text_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target" && name != "node_modules") {
                found.extend(text_files(&path));
            }
        } else {
            found.push(path);
        }
    }
    found
}
