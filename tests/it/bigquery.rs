//! A target in BigQuery: of a server of its protocol on this machine, which is the package `local-bigquery` of Python.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::project::{TestProject, repository};
use super::python::{Reader, Server};

/// Extensions of DuckDB come as packages, and only of this version of it.
const SERVER: Reader = Reader {
    script: "bigquery_server.py",
    variable: "TRANSFORM_TEST_BIGQUERY_PYTHON",
    folder: "bigquery-server",
    packages: &[
        "local-bigquery==0.3.2",
        "duckdb==1.5.5",
        "duckdb-extensions==1.5.5",
        "duckdb-extension-ducklake==1.5.5",
        "duckdb-extension-icu==1.5.5",
        "duckdb-extension-json==1.5.5",
        "duckdb-extension-spatial==1.5.5",
    ],
    at_least: Some((3, 13)),
};

/// The secret of the targets.
pub(crate) const TOKEN: &str = "hush-hush-token";

/// Keeps other tests from the server: its catalog takes one change at a time.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of the server.
pub(crate) fn server() -> &'static str {
    static SERVED: OnceLock<Server> = OnceLock::new();
    SERVED.get_or_init(|| SERVER.serve(&[])).address()
}

/// Lets a project build into a dataset of its own, with one thread.
pub(crate) fn target(project: &TestProject) {
    target_at(project, server());
}

/// The same, of a server at an address.
pub(crate) fn target_at(project: &TestProject, address: &str) {
    static DATASETS: AtomicUsize = AtomicUsize::new(0);
    let dataset = format!("case_{}", DATASETS.fetch_add(1, Ordering::Relaxed));
    let profile = format!(
        "warehouse:\n  target: local\n  outputs:\n    local:\n      type: bigquery\n      method: oauth-secrets\n      token: '{{{{ env_var(\"DBT_ENV_SECRET_TOKEN\") }}}}'\n      project: shop\n      dataset: {dataset}\n      threads: 1\n      api_endpoint: '{address}'\n"
    );
    project.write("profiles.yml", profile.as_bytes());
    project.set("DBT_PROFILE", "warehouse");
    project.set("DBT_ENV_SECRET_TOKEN", TOKEN);
}

/// The cases of a file, `behaviour/….txt`, that differ in BigQuery, by their titles: those of `tests/bigquery_differences.txt`, which says
/// why each does.
pub(crate) fn differences(path: &str) -> Vec<String> {
    let file = Path::new(path).file_stem().and_then(|stem| stem.to_str()).expect("the name of a file");
    let text = include_str!("../bigquery_differences.txt");
    let named = text.lines().filter_map(|line| line.strip_prefix(file)?.strip_prefix(": "));
    named.map(str::to_owned).collect()
}

/// The statements that our changes are made of, as the analyser of GoogleSQL sees them. The snapshot of `statements.rs` holds them.
#[test]
fn the_analyser_of_googlesql_understands_every_statement() {
    const ANALYSER: Reader = Reader {
        script: "bigquery_analyzer.py",
        variable: "TRANSFORM_TEST_ZETASQL_PYTHON",
        folder: "zetasql",
        packages: &["zetasql==0.1.5"],
        at_least: None,
    };
    let snapshot = "src/engine/bigquery/snapshots/transform__engine__bigquery__statements__tests__every_statement.snap";
    let said = ANALYSER.read(&repository().join(snapshot));
    assert_eq!(said["analysed"], 28, "{said}");
    let titles = said["errors"].as_object().expect("errors by title");
    let wrong: Vec<String> = titles
        .iter()
        .flat_map(|(title, errors)| {
            errors.as_array().into_iter().flatten().map(move |error| format!("{title}: {error}"))
        })
        .collect();
    assert!(titles.len() == 17 && wrong.is_empty(), "{} statements:\n{}", titles.len(), wrong.join("\n"));
}
