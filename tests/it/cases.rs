//! Transcripts of the command line, a test a file of `tests/cases`.
//!
//! Besides `transform …` (with `NAME=value` before it) a transcript may look around with `cat FILE`, `ls FOLDER` (its files) and
//! `results` (of the last command that ran nodes), `keys FILE` (the relations of a catalog), `json FILE POINTER` (what an artifact
//! says), `events FILE` (of a log in JSON). What runs nodes does so one by one, so that the lines have one order, unless the transcript says otherwise.

use std::fs;
use std::path::Path;

use super::case::{self, words};
use super::project::{Output, TestProject};

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                case::check(concat!("cases/", stringify!($name), ".txt"), execute);
            }
        )*

        #[test]
        fn every_file_is_run() {
            let mut run = vec![$(stringify!($name)),*];
            run.sort_unstable();
            assert_eq!(case::files("cases"), run);
        }
    };
}

cases! {
    artifacts
    audit
    bad_files
    bad_graph
    bad_sql
    bad_templates
    clone
    commands
    compile
    debug
    defer
    docs_diff
    docs_generate
    empty_and_sample
    events
    external
    faulty
    flag_places
    flags
    freshness
    history
    lineage
    language
    layouts
    maintain
    materialized_views
    modules
    names
    packages
    partial_parse
    project_files
    projects
    properties
    query_comment
    query_results
    resources
    retry
    run_operation
    runs
    selection
    selectors
    state
    static_analysis
    unit_tests
    warn_error
}

fn execute(project: &TestProject, line: &str) -> Output {
    let words = words(line);
    let assignments = words.iter().take_while(|word| word.contains('=') && !word.starts_with('-')).count();
    let (assignments, words) = words.split_at(assignments);
    let arguments: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    match words[0].as_str() {
        "transform" => {
            let mut command = project.command(&arguments);
            if arguments.first().is_some_and(|name| ["build", "run", "test", "seed"].contains(name))
                && !arguments.contains(&"--threads")
            {
                command.args(["--threads", "1"]);
            }
            command.envs(assignments.iter().filter_map(|word| word.split_once('=')));
            Output::of(&mut command)
        }
        "cat" => printed(project.read(arguments[0])),
        "ls" => printed(listing(&project.root().join(arguments[0]), "")),
        "results" => printed(results(project)),
        "keys" => printed(catalog(project, arguments[0])),
        "events" => printed(event_lines(&project.read(arguments[0]))),
        "json" => printed(pointed(project, arguments[0], arguments[1])),
        name => panic!("transcripts have no command `{name}`"),
    }
}

fn printed(stdout: String) -> Output {
    Output { stdout, stderr: String::new(), code: Some(0) }
}

/// The files below a folder, a line each.
fn listing(folder: &Path, prefix: &str) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return format!("{} is no folder\n", folder.display()) };
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    let lines = entries.into_iter().map(|path| {
        let name = format!("{prefix}{}", path.file_name().expect("a name").to_string_lossy());
        if path.is_dir() { listing(&path, &format!("{name}/")) } else { format!("{name}\n") }
    });
    lines.collect()
}

/// What an artifact says at a JSON pointer.
fn pointed(project: &TestProject, path: &str, pointer: &str) -> String {
    let artifact = project.artifact(path);
    artifact.pointer(pointer).map_or_else(|| format!("{path} has no {pointer}\n"), |value| format!("{value}\n"))
}

/// The events of a log, a line each: level, name, code, worker, the node and what it does, the other facts that the event has.
fn event_lines(log: &str) -> String {
    let lines = log.lines().map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let info = |key: &str| event["info"][key].as_str().unwrap_or("-").to_owned();
        let node = match &event["data"]["node_info"] {
            serde_json::Value::Object(node) => format!(" {} is {}", node["unique_id"], node["node_status"]),
            _ => String::new(),
        };
        let data = event["data"].as_object().expect("data");
        let keys: Vec<&str> = data.keys().map(String::as_str).filter(|key| *key != "node_info").collect();
        let (level, name, code, thread) = (info("level"), info("name"), info("code"), info("thread"));
        format!("{level:<5} {code} {name} [{thread}]{node}: {}\n", keys.join(" "))
    });
    lines.collect()
}

/// The relations of a catalog with their columns, a line each.
fn catalog(project: &TestProject, path: &str) -> String {
    let artifact = project.artifact(path);
    let tables = ["nodes", "sources"].into_iter().flat_map(|key| artifact[key].as_object().expect("tables"));
    let lines = tables.map(|(id, table)| {
        let columns = table["columns"].as_object().expect("columns");
        let columns =
            columns.iter().map(|(name, column)| format!(" {name}:{}", column["type"].as_str().unwrap_or("-")));
        format!("{id} {}{}\n", table["metadata"]["type"].as_str().unwrap_or("-"), columns.collect::<String>())
    });
    lines.collect()
}

/// The results of the last run, a line each.
fn results(project: &TestProject) -> String {
    let artifact = project.artifact("target/run_results.json");
    let results = artifact["results"].as_array().expect("results");
    let lines = results.iter().map(|result| {
        let text = |key: &str| result[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} failures={} {}\n", text("status"), text("unique_id"), result["failures"], text("message"))
    });
    lines.collect()
}
