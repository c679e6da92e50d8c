//! What stands between us and a warehouse fails: nothing runs twice, nothing is lost, and secrets are not shown.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bigquery;
use super::project::{Output, TestProject};

/// What becomes of a request.
#[derive(Clone, Copy)]
enum Fault {
    /// It is answered.
    None,
    /// It never arrives.
    LostOnTheWay,
    /// The server does what it asks for, and nobody hears of it.
    AnswerLost,
    /// The server does what it asks for, and half of the answer comes.
    AnswerCut,
    /// A proxy answers in place of the server.
    Instead(&'static str, &'static str),
}

const BUSY: &str = r#"{"error": {"code": 503, "message": "try again", "errors": [{"reason": "backendError", "message": "try again"}]}}"#;
const LIMITED: &str = r#"{"error": {"code": 429, "message": "too many", "errors": [{"reason": "rateLimitExceeded", "message": "too many"}]}}"#;
const DENIED: &str = r#"{"error": {"code": 401, "message": "Request had invalid authentication credentials.", "errors": [{"reason": "authError", "message": "Invalid Credentials"}], "status": "UNAUTHENTICATED"}}"#;

/// Each request in turn meets the next of these.
const ROUND: [Fault; 13] = [
    Fault::LostOnTheWay,
    Fault::None,
    Fault::AnswerLost,
    Fault::None,
    Fault::AnswerCut,
    Fault::None,
    Fault::Instead("502 Bad Gateway", "<html><body>502</body></html>"),
    Fault::None,
    Fault::AnswerLost,
    Fault::Instead("503 Service Unavailable", BUSY),
    Fault::None,
    Fault::Instead("429 Too Many Requests", LIMITED),
    Fault::None,
];

/// The address of a proxy before a server, and how many requests it has seen. Request number `n` meets `fault(n)`.
fn proxy(server: &str, fault: fn(usize) -> Fault) -> (String, Arc<AtomicUsize>) {
    let upstream = server.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let seen = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (upstream, counted) = (upstream.clone(), Arc::clone(&counted));
            std::thread::spawn(move || {
                // A connection that breaks is what this is about.
                let _ = serve(stream, &upstream, || fault(counted.fetch_add(1, Ordering::Relaxed)));
            });
        }
    });
    (address, seen)
}

/// Serves one request of a connection, and closes it.
fn serve(mut client: TcpStream, upstream: &str, fault: impl FnOnce() -> Fault) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let fault = fault();
    match fault {
        Fault::LostOnTheWay => return Ok(()),
        Fault::Instead(status, text) => {
            let length = text.len();
            return write!(client, "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{text}");
        }
        _ => {}
    }
    let mut server = TcpStream::connect(upstream)?;
    write!(server, "{head}Connection: close\r\n\r\n")?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    match fault {
        Fault::AnswerLost => Ok(()),
        Fault::AnswerCut => client.write_all(&answer[..answer.len() - answer.len().min(40)]),
        _ => client.write_all(&answer),
    }
}

/// A project of all that is sent: loads, views, tables, rows that are added, tests.
fn project() -> TestProject {
    TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("seeds/countries.csv", "id,name\n1,France\n2,Suisse\n"),
        ("models/names.sql", "select id, name from {{ ref('countries') }}\n"),
        ("models/copied.sql", "{{ config(materialized='table') }}\nselect * from {{ ref('names') }}\n"),
        (
            "models/added.sql",
            "{{ config(materialized='incremental', incremental_strategy='append') }}\nselect id from {{ ref('names') }}\n",
        ),
        (
            "models/merged.sql",
            "{{ config(materialized='incremental', unique_key='id') }}\nselect id, name from {{ ref('names') }}\n",
        ),
        ("models/models.yml", "models:\n  - name: copied\n    columns: [{name: id, data_tests: [unique, not_null]}]\n"),
    ])
}

fn hides_secrets(project: &TestProject, output: &Output) {
    let log = project.read("logs/dbt.log");
    let results = project.read("target/run_results.json");
    for said in [&output.stdout, &output.stderr, &log, &results] {
        assert!(!said.contains(bigquery::TOKEN), "the secret is shown:\n{said}");
    }
}

#[test]
fn a_network_that_fails_makes_nothing_run_twice_and_loses_nothing() {
    let project = project();
    let _alone = bigquery::alone();
    let (address, seen) = proxy(bigquery::server(), |number| ROUND[number % ROUND.len()]);
    bigquery::target_at(&project, &address);
    for round in 1..=3_u64 {
        let output = project.run(&["--debug", "build"]);
        assert_eq!(output.code, Some(0), "{}\n{}", output.stdout, output.stderr);
        hides_secrets(&project, &output);
        let counts = project
            .rows("select (select count(*) from {{ ref('added') }}) as added, (select count(*) from {{ ref('merged') }}) as merged")
            .unwrap_or_else(|output| panic!("{}\n{}", output.stdout, output.stderr));
        assert!(counts[0]["added"] == 2 * round && counts[0]["merged"] == 2, "after {round} builds: {counts:?}");
    }
    assert!(seen.load(Ordering::Relaxed) > 60, "the faults were met");
}

#[test]
fn credentials_that_are_refused_are_said_in_a_line() {
    let project = project();
    let (address, seen) = proxy("127.0.0.1:1", |_| Fault::Instead("401 Unauthorized", DENIED));
    bigquery::target_at(&project, &address);
    let output = project.run(&["--debug", "build"]);
    assert_eq!(output.code, Some(1), "{}\n{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("the token is not accepted"), "{}\n{}", output.stdout, output.stderr);
    hides_secrets(&project, &output);
    assert!(seen.load(Ordering::Relaxed) < 20, "what will not pass is not tried again and again");
}

#[test]
fn a_host_that_is_not_there_is_said_in_a_line() {
    let project = project();
    bigquery::target_at(&project, "http://127.0.0.1:1");
    let profile = project.read("profiles.yml").replace("threads: 1", "threads: 1\n      job_retry_deadline_seconds: 1");
    project.write("profiles.yml", profile.as_bytes());
    let output = project.run(&["debug"]);
    assert_eq!(output.code, Some(1), "{}\n{}", output.stdout, output.stderr);
    assert!(output.stdout.contains("BigQuery cannot be reached"), "{}\n{}", output.stdout, output.stderr);
}
