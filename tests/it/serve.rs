//! `docs serve`: what it answers, to whom, and that it follows the project.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};

use super::project::TestProject;

/// A server over a project, killed when it is dropped.
struct Server {
    child: Child,
    /// Kept, so that the server can write to it.
    told: BufReader<ChildStderr>,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn of(project: &TestProject) -> Self {
        let mut command = project.command(&["docs", "serve", "--port", "0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the server starts");
        let mut told = BufReader::new(child.stderr.take().expect("its output"));
        let mut line = String::new();
        told.read_line(&mut line).expect("a line");
        let port = line.split("localhost:").nth(1).and_then(|rest| rest.split(' ').next()).expect("a port");
        Server { port: port.parse().expect("a port"), child, told }
    }

    fn ask(&self, path: &str, host: &str) -> TcpStream {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a limit");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("a request");
        stream
    }

    /// The status line and the rest of an answer.
    fn answer(&self, path: &str, host: &str) -> (String, String) {
        let mut answer = String::new();
        self.ask(path, host).read_to_string(&mut answer).expect("an answer");
        let (status, rest) = answer.split_once("\r\n").expect("a status");
        (status.to_owned(), rest.to_owned())
    }
}

fn shop() -> TestProject {
    TestProject::of(&[
        ("dbt_project.yml", "name: shop\n"),
        ("models/orders.sql", "select 1 as order_id"),
        ("secret.txt", "not for readers"),
    ])
}

#[test]
fn the_site_is_served_to_this_machine_alone() {
    let project = shop();
    let server = Server::of(&project);
    let own = format!("localhost:{}", server.port);
    let (status, page) = server.answer("/", &own);
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(page.contains("<title>shop</title>") && page.contains("connect-src &#x27;self&#x27;"), "{page}");
    let (status, core) = server.answer("/data/core.js", &own);
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(core.contains("text/javascript") && core.contains("orders"), "{core}");
    for path in
        ["/secret.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/data/../../secret.txt", "//etc/passwd", "/nothing"]
    {
        let (status, answer) = server.answer(path, &own);
        assert_eq!(status, "HTTP/1.1 404 Not Found", "{path}");
        assert!(!answer.contains("not for readers"));
    }
    // A page from elsewhere has its own name lead here.
    for (path, host) in
        [("/", "evil.example"), ("/data/core.js", "localhost.evil.example:80"), ("/changes", "evil.example")]
    {
        assert_eq!(server.answer(path, host).0, "HTTP/1.1 403 Forbidden", "{path} for {host}");
    }
}

#[test]
fn the_site_follows_the_project() {
    let project = shop();
    let mut server = Server::of(&project);
    let own = format!("127.0.0.1:{}", server.port);
    let mut events = BufReader::new(server.ask("/changes", &own));
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        events.read_line(&mut line).expect("the head of the answer");
    }
    // A project that is wrong is told, and shown as it was.
    project.write("models/orders.sql", b"select {{ nothing } as order_id");
    std::thread::sleep(Duration::from_secs(1));
    assert!(server.answer("/data/core.js", &own).1.contains("orders"));
    project.write("models/orders.sql", b"select 1 as order_id");
    project.write("models/payments.sql", b"select * from {{ ref('orders') }}");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !server.answer("/data/core.js", &own).1.contains("payments") {
        assert!(Instant::now() < deadline, "the site does not follow");
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut told = String::new();
    while !told.contains("changed") {
        told.clear();
        assert!(events.read_line(&mut told).expect("an event") > 0, "no event came");
    }
    let mut lines = (&mut server.told).lines().map(|line| line.expect("a line"));
    assert!(lines.any(|line| line.contains("made anew")));
}
