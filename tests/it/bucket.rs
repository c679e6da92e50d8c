//! A lake in a bucket: of a server of the S3 protocol on this machine, which is the package `moto` of Python.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::project::{Output, TestProject};
use super::python::{Reader, Server};

const SERVER: Reader = Reader {
    script: "bucket_server.py",
    variable: "TRANSFORM_TEST_BUCKET_PYTHON",
    folder: "bucket-server",
    packages: &["moto[s3]==5.2.5", "flask", "flask-cors"],
    at_least: None,
};

const BUCKET: &str = "lake";

/// The address of the server.
fn server() -> &'static str {
    static SERVED: OnceLock<Server> = OnceLock::new();
    SERVED.get_or_init(|| SERVER.serve(&[BUCKET])).address()
}

/// Lets a project keep its lake in a folder of its own in the bucket, whatever its project file says.
pub(crate) fn keep_lake(project: &TestProject) {
    static LAKES: AtomicUsize = AtomicUsize::new(0);
    let lake = format!("s3://{BUCKET}/lakes/{}", LAKES.fetch_add(1, Ordering::Relaxed));
    keep_lake_at(project, &lake, server());
}

fn keep_lake_at(project: &TestProject, lake: &str, server: &str) {
    let profile = format!("lake:\n  target: local\n  outputs:\n    local: {{type: datafusion, path: '{lake}'}}\n");
    project.write("profiles.yml", profile.as_bytes());
    for (name, value) in [
        ("DBT_PROFILE", "lake"),
        ("AWS_ACCESS_KEY_ID", "anyone"),
        ("AWS_SECRET_ACCESS_KEY", "hush-hush"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL", server),
        ("AWS_ALLOW_HTTP", "true"),
    ] {
        project.set(name, value);
    }
}

/// What two processes build: a table that both make, which holds one version as a whole, one that both add to, and one of their own.
fn builder(name: &str, lake: &str) -> TestProject {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\nmodels: {+materialized: table}\nvars: {n: 0}\n"),
        ("models/both.sql", "select value as id, {{ var('n') }} as version from range(0, 100)\n"),
        ("models/added.sql", "{{ config(materialized='incremental') }}\nselect {{ var('n') }} as n\n"),
        ("models/seen.sql", "{{ config(materialized='view') }}\nselect id, version from {{ ref('both') }}\n"),
    ]);
    project.write(&format!("models/own_{name}.sql"), b"select id, version from {{ ref('both') }}\n");
    keep_lake_at(&project, lake, server());
    project
}

/// No lock keeps them apart: who comes second fails, says so, and has changed nothing.
#[test]
fn two_processes_build_into_one_bucket_and_nothing_is_lost() {
    let lake = format!("s3://{BUCKET}/shared");
    let builders = ["a", "b"].map(|name| builder(name, &lake));
    let first = builders[0].run(&["build"]);
    assert_eq!(first.code, Some(0), "{}\n{}", first.stdout, first.stderr);
    // Each has numbers of its own; those that were added are returned.
    let added: Vec<u64> = std::thread::scope(|scope| {
        let building = [0, 1].map(|at| {
            let project = &builders[at];
            scope.spawn(move || {
                let numbers = (1..=4).map(|n| 10 * n + at as u64);
                numbers.filter(|n| is_added(project, *n)).collect::<Vec<_>>()
            })
        });
        building.into_iter().flat_map(|building| building.join().expect("builds that are whole or refused")).collect()
    });
    whole(&builders[0]);
    let rows = builders[0].rows("select n from lake.main.added where n > 0 order by n").expect("rows");
    let found: Vec<u64> = rows.iter().map(|row| row["n"].as_u64().expect("a number")).collect();
    let mut expected = added;
    expected.sort_unstable();
    assert_eq!(found, expected, "what was said to be added is there, and nothing else");
    let last = builders[1].run(&["build", "--vars", "n: 99"]);
    assert_eq!(last.code, Some(0), "{}\n{}", last.stdout, last.stderr);
    whole(&builders[0]);
}

/// Builds with a number; says whether it was added.
fn is_added(project: &TestProject, n: u64) -> bool {
    let output = project.run(&["build", "--vars", &format!("n: {n}")]);
    if output.code != Some(0) {
        assert_eq!(output.code, Some(1), "{}", output.stderr);
        let errors = output.stdout.lines().filter(|line| line.starts_with("error["));
        let others: Vec<_> = errors.filter(|line| !line.starts_with("error[T0507]")).collect();
        assert!(others.is_empty(), "{}", output.stdout);
    }
    let results = project.artifact("target/run_results.json");
    whole(project);
    let results = results["results"].as_array().expect("results");
    results.iter().any(|result| result["unique_id"] == "model.shop.added" && result["status"] == "success")
}

fn whole(project: &TestProject) {
    let query = "select count(distinct version) as versions, count(*) as n from lake.main.seen";
    let rows = project.rows(query).unwrap_or_else(|output| panic!("{}\n{}", output.stdout, output.stderr));
    assert!(rows[0]["versions"] == 1 && rows[0]["n"] == 100, "{rows:?}");
}

fn refused(lake: &str, server: &str) -> Output {
    let project = TestProject::of(&[("dbt_project.yml", "name: shop\n"), ("models/one.sql", "select 1 as id\n")]);
    keep_lake_at(&project, lake, server);
    let started = Instant::now();
    let output = project.run(&["build"]);
    assert!(started.elapsed().as_secs() < 60, "it took {:?}", started.elapsed());
    for said in [&output.stdout, &output.stderr] {
        assert!(!said.contains("hush-hush"), "the secret is shown:\n{said}");
    }
    output
}

#[test]
fn what_is_wrong_with_a_bucket_is_said_in_a_line() {
    let missing = refused("s3://nowhere/lake", server());
    assert_eq!(missing.code, Some(1), "{}", missing.stderr);
    assert!(missing.stdout.contains("there is no such bucket"), "{}\n{}", missing.stdout, missing.stderr);

    let denied = refused("s3://lake/lake", &one_that_denies());
    assert_eq!(denied.code, Some(1), "{}", denied.stderr);
    assert!(denied.stdout.contains("the service answers 403 Forbidden (AccessDenied)"), "{}", denied.stdout);

    let keys = refused("s3://key:hush-hush@lake/x", server());
    assert_eq!(keys.code, Some(2), "{}", keys.stdout);
    assert!(keys.stderr.contains("keys of buckets belong into the environment"), "{}", keys.stderr);
}

/// A server that denies everybody everything.
fn one_that_denies() -> String {
    const ANSWER: &str =
        "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = "HTTP/1.1 403 Forbidden\r\nContent-Type: application/xml\r\nConnection: close\r\n";
            let _ = write!(stream, "{head}Content-Length: {}\r\n\r\n{ANSWER}", ANSWER.len());
        }
    });
    format!("http://{address}")
}
