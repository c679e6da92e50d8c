//! What a run tells those who collect lineage: judged by OpenLineage's published schemas, and taken by a server that refuses all else.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use regex::Regex;
use serde_json::{Value as Json, json};

use super::project::{Output, TestProject, repository};
use super::python::Reader;

const READER: Reader = Reader {
    script: "openlineage_reader.py",
    variable: "TRANSFORM_OPENLINEAGE_PYTHON",
    folder: "openlineage",
    packages: &["jsonschema[format-nongpl]==4.26.0", "openlineage-python==1.54.0"],
};

/// A bit of everything: files, a seed, an ephemeral and an incremental model, a snapshot, tests of all outcomes, an exposure, a failure.
fn shop() -> TestProject {
    TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("raw/orders/one.csv", "id,customer,amount\n1,7,2.5\n2,8,1.5\n"),
        ("seeds/people.csv", "id,email\n7,a@b.c\n8,d@e.f\n"),
        (
            "models/_models.yml",
            "sources:
  - name: raw
    tables: [{name: orders, description: As they come., external: {location: 'raw/orders/*.csv'}}]
seeds:
  - name: people
    columns: [{name: email, description: Where letters go., meta: {pii: true}, tags: [gdpr]}]
models:
  - name: customers
    description: Who bought something.
    config: {tags: [daily], meta: {owner: sales}}
    columns:
      - {name: customer, data_tests: [not_null, unique]}
      - {name: email, data_tests: [{accepted_values: {arguments: {values: [a@b.c]}, config: {severity: warn}}}]}
  - name: faulty
    columns: [{name: id, data_tests: [not_null]}]
exposures:
  - {name: board, type: dashboard, url: 'https://bi.example/board', owner: {email: a@b.c}, depends_on: [ref('customers')]}
unit_tests:
  - name: sums
    model: customers
    given:
      - {input: ref('recent'), rows: [{customer: 1, amount: 2}]}
      - {input: ref('people'), rows: [{id: 1, email: x}]}
    expect: {rows: [{customer: 1, amount: 2}]}
",
        ),
        (
            "models/recent.sql",
            "{{ config(materialized='ephemeral') }} select customer, amount from {{ source('raw', 'orders') }} where amount > 1",
        ),
        (
            "models/customers.sql",
            "{{ config(materialized='table') }}
select r.customer, p.email, sum(r.amount) as amount from {{ ref('recent') }} as r
join {{ ref('people') }} as p on p.id = r.customer group by r.customer, p.email",
        ),
        ("models/kept.sql", "{{ config(materialized='incremental') }} select email as address from {{ ref('customers') }}"),
        ("models/faulty.sql", "select id from {{ ref('people') }} where cast(email as int) > 0"),
        ("models/behind.sql", "{{ config(materialized='table') }} select id from {{ ref('faulty') }}"),
        (
            "snapshots/people_then.yml",
            "snapshots:\n  - {name: people_then, relation: ref('people'), config: {unique_key: id, strategy: check, check_cols: all}}\n",
        ),
        ("tests/none_is_free.sql", "select * from {{ ref('customers') }} where amount <= 0"),
        ("tests/nobody_is_kept.sql", "select * from {{ ref('kept') }}"),
    ])
}

fn events(project: &TestProject) -> Vec<Json> {
    let text = project.read("events.ndjson");
    text.lines().map(|line| serde_json::from_str(line).expect("an event a line")).collect()
}

fn event<'a>(events: &'a [Json], kind: &str, job: &str) -> &'a Json {
    let is_it = |event: &&Json| event["eventType"] == kind && event["job"]["name"] == job;
    events.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} of {job}"))
}

#[test]
fn events_are_what_the_published_schemas_ask_for() {
    let project = shop();
    project.set("OPENLINEAGE__TRANSPORT", r#"{"type": "file", "log_file_path": "events.ndjson", "append": true}"#);
    project.set("OPENLINEAGE_PARENT_ID", "airflow/daily.build/0199a1b2-c3d4-7e5f-8a6b-0123456789ab");
    let output = project.run(&["build"]);
    assert_eq!(output.code, Some(1), "{}", all(&output));
    let judged = READER.read(&project.root());
    assert_eq!(judged["errors"], json!([]));
    let events = events(&project);
    let result = project.artifact("target/run_results.json");
    let (first, last) = (&events[0], &events[events.len() - 1]);
    for command in [first, last] {
        assert_eq!(command["job"]["name"], "transform-build-shop");
        assert_eq!(command["run"]["runId"], result["metadata"]["invocation_id"]);
    }
    assert_eq!((&first["eventType"], &last["eventType"]), (&json!("START"), &json!("FAIL")));
    for result in result["results"].as_array().expect("results") {
        let status = result["status"].as_str().expect("a status");
        let kind = match status {
            "success" | "pass" | "warn" => "COMPLETE",
            "skipped" => "ABORT",
            _ => "FAIL",
        };
        let job = result["unique_id"].as_str().expect("an id");
        let ended = event(&events, kind, job);
        assert_eq!(ended["run"]["runId"], event(&events, "START", job)["run"]["runId"], "{job}");
    }
    // Nothing is read or made that has another name at the end than at the start.
    let told = event(&events, "COMPLETE", "model.shop.customers");
    let text = Regex::new(r#""(eventTime|runId)": "[^"]*""#).expect("a pattern");
    let text = text.replace_all(&format!("{told:#}"), r#""$1": "…""#).into_owned();
    let root = project.root().canonicalize().expect("the project").display().to_string();
    insta::assert_snapshot!("customers", text.replace(&root, "[PROJECT]"));
    insta::assert_snapshot!("judged", format!("{judged:#}"));
}

/// A server of the shape that Marquez has.
struct Marquez {
    process: Child,
    said: BufReader<std::process::ChildStdout>,
    address: String,
}

impl Marquez {
    fn start() -> Self {
        let mut command = Command::new(READER.python());
        command.arg(repository().join("tests").join(READER.script)).arg("--serve");
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python runs");
        let mut said = BufReader::new(process.stdout.take().expect("what the server says"));
        let mut address = String::new();
        said.read_line(&mut address).expect("an address");
        assert!(address.starts_with("http://"), "the server did not start: {address}");
        Marquez { process, said, address: address.trim().to_owned() }
    }

    /// What it answered, and the jobs of what it took.
    fn stop(mut self) -> Json {
        drop(self.process.stdin.take());
        let mut said = String::new();
        self.said.read_to_string(&mut said).expect("what the server says");
        self.process.wait().expect("the server ends");
        serde_json::from_str(&said).expect("what it was sent")
    }
}

fn small() -> TestProject {
    TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/a.sql", "select 1 as id"),
        ("models/b.sql", "select id from {{ ref('a') }}"),
    ])
}

fn succeeded(output: &Output) {
    assert_eq!(output.code, Some(0), "{}", all(output));
}

fn all(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

#[test]
fn a_server_takes_them_and_is_asked_again_when_it_stumbles() {
    let server = Marquez::start();
    let project = small();
    project.set("OPENLINEAGE_URL", &server.address);
    project.set("OPENLINEAGE_API_KEY", "the-key");
    let output = project.run(&["run", "--log-level", "debug"]);
    succeeded(&output);
    assert!(!all(&output).contains("warning"), "{}", all(&output));
    let keys =
        [&output.stdout, &output.stderr, &project.read("logs/dbt.log"), &project.read("target/run_results.json")];
    assert!(keys.iter().all(|text| !text.contains("the-key")), "the key is a secret");
    let taken = server.stop();
    assert_eq!(taken["answers"], json!([503, 201, 201, 201, 201, 201, 201]));
    let jobs = [
        "START transform-run-shop",
        "START model.shop.a",
        "COMPLETE model.shop.a",
        "START model.shop.b",
        "COMPLETE model.shop.b",
        "COMPLETE transform-run-shop",
    ];
    assert_eq!(taken["jobs"], json!(jobs));
}

#[test]
fn a_file_says_where_they_go_compressed() {
    let server = Marquez::start();
    let project = small();
    let file = format!(
        "transport: {{type: http, url: '{}', compression: gzip, auth: {{type: api_key, apiKey: the-key}}}}\n",
        server.address
    );
    project.write("openlineage.yml", file.as_bytes());
    succeeded(&project.run(&["run", "--select", "a"]));
    assert_eq!(server.stop()["answers"], json!([503, 201, 201, 201, 201]));
}

#[test]
fn what_goes_wrong_is_told_and_the_run_goes_on() {
    let server = Marquez::start();
    let project = small();
    project.set("OPENLINEAGE_URL", &server.address);
    let refused = project.run(&["run"]);
    succeeded(&refused);
    let said = all(&refused);
    assert!(said.contains("warning[T0604]") && said.contains("401"), "{said}");
    server.stop();
    let refused = project.run(&["run"]);
    succeeded(&refused);
    assert!(all(&refused).contains("6 events not taken"), "{}", all(&refused));
    project.write("openlineage.yml", b"transport: {type: kafka}\n");
    let unknown = project.run(&["run"]);
    succeeded(&unknown);
    assert!(all(&unknown).contains("the transport `kafka` is not known"), "{}", all(&unknown));
    project.write("openlineage.yml", b"transport: {type: file, log_file_path: target/events/one}\n");
    succeeded(&project.run(&["run", "--select", "a"]));
    let files = fs::read_dir(project.root().join("target/events")).expect("the folder of events");
    assert_eq!(files.count(), 4, "a file for each event");
    project.write("openlineage.yml", b"transport: {type: console}\n");
    let told = project.run(&["run", "--select", "a"]);
    succeeded(&told);
    assert_eq!(all(&told).matches("\"eventType\":\"COMPLETE\"").count(), 2);
    project.set("OPENLINEAGE_DISABLED", "true");
    let silent = project.run(&["run", "--select", "a"]);
    assert!(!all(&silent).contains("eventType"));
}
