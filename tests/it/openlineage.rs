//! What a run tells those who collect lineage: judged by OpenLineage's published schemas, and taken by a server that refuses all else.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use regex::Regex;
use serde_json::{Value as Json, json};

use super::project::{Output, TestProject, repository};
use super::python::Reader;

const READER: Reader = Reader {
    script: "openlineage_reader.py",
    variable: "TRANSFORM_OPENLINEAGE_PYTHON",
    folder: "openlineage",
    packages: &["jsonschema[format-nongpl]==4.26.0", "openlineage-python==1.54.0"],
    at_least: None,
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

/// The tags of the columns of what a job made or read, as `column key=value`.
fn tags(event: &Json, side: &str) -> Vec<String> {
    let datasets = event[side].as_array().into_iter().flatten();
    let tags = datasets.filter_map(|dataset| dataset["facets"]["tags"]["tags"].as_array()).flatten();
    let text = |tag: &Json, key: &str| tag[key].as_str().unwrap_or_default().to_owned();
    tags.map(|tag| format!("{} {}={}", text(tag, "field"), text(tag, "key"), text(tag, "value"))).collect()
}

#[test]
fn what_is_said_far_up_is_told_of_a_part_of_the_project() {
    let project = TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("raw/orders_1.csv", "id,email\n1,a@b.c\n"),
        ("raw/people_1.csv", "id,name\n1,Ada\n"),
        (
            "models/_models.yml",
            "sources:
  - name: raw
    tables:
      - {name: orders, external: {location: 'raw/orders_*.csv'}, columns: [{name: email, meta: {pii: true}}]}
      - {name: people, external: {location: './raw/people_*.csv'}}
",
        ),
        (
            "models/a.sql",
            "select o.id, o.email, p.name from {{ source('raw', 'orders') }} o join {{ source('raw', 'people') }} p using (id)",
        ),
        ("models/b.sql", "select email from {{ ref('a') }}"),
    ]);
    project.set("OPENLINEAGE__TRANSPORT", r#"{"type": "file", "log_file_path": "events.ndjson", "append": true}"#);
    succeeded(&project.run(&["run"]));
    let first = events(&project);
    let read = event(&first, "COMPLETE", "model.shop.a")["inputs"].as_array().expect("inputs").clone();
    let names: Vec<&str> = read.iter().filter_map(|dataset| dataset["name"].as_str()?.rsplit('/').next()).collect();
    assert_eq!(names, ["orders_*.csv", "people_*.csv"], "what lies in one folder is not one dataset");
    fs::remove_file(project.root().join("events.ndjson")).expect("the events");
    succeeded(&project.run(&["run", "--select", "b"]));
    let told = events(&project);
    let told = event(&told, "COMPLETE", "model.shop.b");
    assert_eq!(
        (tags(told, "inputs"), tags(told, "outputs")),
        (vec!["email pii=true".to_owned()], vec!["email pii=true".to_owned()])
    );
}

#[test]
fn what_is_read_elsewhere_is_told_as_that() {
    let project = small();
    let profile = "shop:
  target: dev
  outputs:
    dev: {type: datafusion, schema: dev}
    prod: {type: datafusion, schema: prod}
";
    project.write("dbt_project.yml", b"name: shop\nprofile: shop\n");
    project.write("profiles.yml", profile.as_bytes());
    succeeded(&project.run(&["run", "--target", "prod"]));
    fs::create_dir(project.root().join("state")).expect("a folder");
    fs::copy(project.root().join("target/manifest.json"), project.root().join("state/manifest.json")).expect("a copy");
    project.set("OPENLINEAGE__TRANSPORT", r#"{"type": "file", "log_file_path": "events.ndjson", "append": true}"#);
    succeeded(&project.run(&["run", "--select", "b", "--defer", "--state", "state"]));
    let events = events(&project);
    let told = event(&events, "COMPLETE", "model.shop.b");
    let read = told["inputs"][0]["name"].as_str().expect("a name");
    assert!(read.ends_with("/prod/a"), "{read}");
    let field = &told["outputs"][0]["facets"]["columnLineage"]["fields"]["id"]["inputFields"][0];
    assert_eq!(field["name"], read);
}

/// A server that answers every request with the same lines.
fn answering(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            count.fetch_add(1, Ordering::Relaxed);
            let _ = stream.read(&mut [0; 65_536]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, asked)
}

#[test]
fn a_redirection_is_not_followed() {
    let (elsewhere, asked) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let there =
        format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    let (address, _) = answering(there.leak());
    let project = small();
    project.set("OPENLINEAGE_URL", &address);
    let output = project.run(&["run", "--select", "a"]);
    succeeded(&output);
    assert!(all(&output).contains("4 events not taken by the server: the server answered 302"), "{}", all(&output));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
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
