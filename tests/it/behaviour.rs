//! What an engine must do with a project, a test a file of `tests/behaviour`; the embedded engine over a folder, and over a bucket.
//!
//! Cases hold nothing of an engine: no timings, no wording of its errors, no row counts that an engine may not know. Commands are
//! `build`, `run`, `test`, `seed` and `retry` with their flags, which give a line a node (status, kind, name, failures); `rows QUERY`, which
//! gives the rows of a template; `comments`, which gives the remarks on relations; and `messages`, what the last run said of each test.

use serde_json::Value as Json;

use super::bigquery;
use super::bucket;
use super::case::{self, words};
use super::project::{Output, TestProject};

/// The tests of an engine, one a file, by what checks a file of a name.
macro_rules! behaviours {
    ($check:path) => {
        behaviours! {
            $check:
            constraints
            contracts
            dispatch
            functions
            hooks
            incremental
            layouts
            materialization_macros
            materializations
            persist_docs
            relations
            seed_types
            seeds
            snapshots
            templates
            tests
            user_functions
        }
    };
    ($check:path: $($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                $check(concat!("behaviour/", stringify!($name), ".txt"));
            }
        )*

        #[test]
        fn every_file_is_run() {
            let mut run = vec![$(stringify!($name)),*];
            run.sort_unstable();
            assert_eq!($crate::case::files("behaviour"), run);
        }
    };
}

behaviours!(check);

fn check(path: &str) {
    case::check(path, execute);
}

/// The same over a lake in a bucket.
mod in_bucket {
    use super::{Output, TestProject, bucket, case, execute_over};

    behaviours!(check);

    fn check(path: &str) {
        case::check(path, execute);
    }

    fn execute(project: &TestProject, line: &str) -> Output {
        execute_over(bucket::keep_lake, project, line)
    }
}

/// The same in BigQuery, but for what `tests/bigquery_differences.txt` names.
mod in_bigquery {
    use super::{Output, TestProject, bigquery, case, execute_over};

    behaviours!(check);

    fn check(path: &str) {
        let _alone = bigquery::alone();
        case::check_but(path, &bigquery::differences(path), execute);
    }

    fn execute(project: &TestProject, line: &str) -> Output {
        execute_over(bigquery::target, project, line)
    }
}

/// Executes a line over a target that the project is given, unless it says itself where it runs.
fn execute_over(target: fn(&TestProject), project: &TestProject, line: &str) -> Output {
    if !project.root().join("profiles.yml").exists() {
        target(project);
    }
    execute(project, line)
}

fn execute(project: &TestProject, line: &str) -> Output {
    if !project.root().join("dbt_project.yml").exists() {
        // Not every engine has audits.
        let no_audit = "name: shop\nmodels: {+audit: false}\nseeds: {+audit: false}\nsnapshots: {+audit: false}\n";
        project.write("dbt_project.yml", no_audit.as_bytes());
    }
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    match name {
        "build" | "run" | "test" | "seed" | "retry" => {
            let words = words(rest);
            let arguments: Vec<&str> = [name, "--quiet"].into_iter().chain(words.iter().map(String::as_str)).collect();
            let output = project.run(&arguments);
            if output.code == Some(2) {
                return output;
            }
            Output { stdout: statuses(project), stderr: String::new(), code: output.code }
        }
        "rows" => match project.rows(rest) {
            Ok(rows) => Output { stdout: table(&rows), stderr: String::new(), code: Some(0) },
            Err(output) => output,
        },
        "comments" => {
            let output = project.run(&["docs", "generate", "--quiet"]);
            if output.code != Some(0) {
                return output;
            }
            Output { stdout: comments(project), stderr: String::new(), code: Some(0) }
        }
        "messages" => Output { stdout: messages(project), stderr: String::new(), code: Some(0) },
        name => panic!("behaviours have no command `{name}`"),
    }
}

/// The results of the last run, sorted, since independent nodes may run in any order.
fn results(project: &TestProject) -> Vec<(String, String, Json)> {
    let artifact = project.artifact("target/run_results.json");
    let mut results: Vec<_> = artifact["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| {
            let id = result["unique_id"].as_str().expect("an id");
            let mut parts = id.split('.');
            let kind = parts.next().expect("a kind").to_owned();
            (kind, parts.nth(1).expect("a name").to_owned(), result.clone())
        })
        .collect();
    results.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
    results
}

/// What the catalog says of relations and their columns, a line a remark.
fn comments(project: &TestProject) -> String {
    let catalog = project.artifact("target/catalog.json");
    let nodes = catalog["nodes"].as_object().expect("nodes");
    let mut lines: Vec<String> = Vec::new();
    for node in nodes.values() {
        let name = node["metadata"]["name"].as_str().expect("a name");
        let columns = node["columns"].as_object().expect("columns").iter();
        let columns = columns.map(|(column, said)| (format!("{name}.{column}"), &said["comment"]));
        let all = std::iter::once((name.to_owned(), &node["metadata"]["comment"])).chain(columns);
        lines.extend(all.filter(|(_, comment)| comment.is_string()).map(|(of, comment)| format!("{of}: {comment}\n")));
    }
    lines.sort();
    lines.concat()
}

fn statuses(project: &TestProject) -> String {
    let lines = results(project).into_iter().map(|(kind, name, result)| {
        let failures = result["failures"].as_u64().filter(|count| *count > 0);
        let failures = failures.map_or_else(String::new, |count| format!(" {count}"));
        format!("{:<7} {kind:<5} {name}{failures}\n", result["status"].as_str().expect("a status"))
    });
    lines.collect()
}

fn messages(project: &TestProject) -> String {
    let lines = results(project)
        .into_iter()
        .filter(|(kind, ..)| kind == "test")
        .map(|(_, name, result)| format!("{name}: {}\n", result["message"].as_str().unwrap_or("-")));
    lines.collect()
}

/// Rows under the names of their columns; texts in quotes, so that `1` and `'1'` are told apart.
fn table(rows: &[Json]) -> String {
    let mut lines = Vec::new();
    for row in rows {
        let row = row.as_object().expect("an object a row");
        if lines.is_empty() {
            lines.push(row.keys().cloned().collect::<Vec<_>>().join(" | "));
        }
        lines.push(row.values().map(Json::to_string).collect::<Vec<_>>().join(" | "));
    }
    if lines.is_empty() { "no rows\n".to_owned() } else { format!("{}\n", lines.join("\n")) }
}
