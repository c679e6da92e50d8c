//! The format of the text cases: projects, the commands run over them, and what these must print.
//!
//! ```text
//! === what the case shows
//! # remarks
//! --- models/orders.sql
//! select 1 as order_id
//! $ transform build
//!   | a line of standard output
//!   ! a line of standard error
//!   = exit 1
//! ```
//!
//! A file stands until a case replaces it; behind the path may stand how it is made: `[latin-1]` (a byte a character),
//! `[folder]`, `[removed]`, `[copy PATH]` and `[first N bytes of PATH]`, from the repository's folder. Exit code 0 is not written.
//! What is expected is written by `BLESS=1`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::project::{Output, TestProject, repository};

/// How the commands of a kind of case are run.
pub(crate) type Execute = fn(&TestProject, &str) -> Output;

/// A line of a case file, and where it is a command, what was expected of it.
enum Piece {
    Line(String),
    Command { line: String, expected: Vec<String> },
}

/// Runs all cases of a file, and fails with every difference; or writes what was printed into it.
pub(crate) fn check(path: &str, execute: Execute) {
    let path = repository().join("tests").join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut pieces = pieces(&text);
    let differences: Vec<String> = run(&mut pieces, execute).into_iter().map(|(_, difference)| difference).collect();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, render(&pieces)).expect("the case file");
    } else {
        assert!(
            differences.is_empty(),
            "{}:\n{}\n(BLESS=1 accepts what was printed)",
            path.display(),
            differences.join("\n")
        );
    }
}

/// Runs all cases of a file, and fails with every difference but those of the `known` cases, and where one of these has none any more.
pub(crate) fn check_but(path: &str, known: &[String], execute: Execute) {
    let path = repository().join("tests").join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let differences = run(&mut pieces(&text), execute);
    let others: Vec<&str> =
        differences.iter().filter(|(title, _)| !known.contains(title)).map(|(_, text)| text.as_str()).collect();
    let settled: Vec<&String> =
        known.iter().filter(|known| !differences.iter().any(|(title, _)| title == *known)).collect();
    assert!(others.is_empty(), "{}:\n{}", path.display(), others.join("\n"));
    assert!(settled.is_empty(), "{}: these cases are said to differ, and do not: {settled:?}", path.display());
}

/// The files of a folder of cases, to be compared with the ones that are run.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(repository().join("tests").join(folder)).expect("the folder of the cases");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// The words of a command line; quotes hold words together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("$ ") {
            pieces.push(Piece::Line(line.to_owned()));
            continue;
        }
        let mut expected = Vec::new();
        while let Some(line) = lines.next_if(|line| ["  |", "  !", "  ="].iter().any(|mark| line.starts_with(mark))) {
            expected.push(line.to_owned());
        }
        pieces.push(Piece::Command { line: line.to_owned(), expected });
    }
    pieces
}

fn render(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Line(line) => text.extend([line, "\n"]),
            Piece::Command { line, expected } => {
                text.extend([line, "\n"]);
                expected.iter().for_each(|line| text.extend([line, "\n"]));
            }
        }
    }
    text
}

/// Runs the cases; what is expected becomes what was printed, and the differences are returned, each with the title of its case.
fn run(pieces: &mut [Piece], execute: Execute) -> Vec<(String, String)> {
    let mut differences = Vec::new();
    let (mut project, mut title, mut file) = (TestProject::new(), String::new(), None::<(String, String)>);
    for piece in pieces {
        match piece {
            Piece::Line(line) if line.starts_with("=== ") => {
                put(&project, file.take());
                project = TestProject::new();
                title.clone_from(line);
            }
            Piece::Line(line) if line.starts_with("--- ") => {
                put(&project, file.take());
                file = Some((line[4..].to_owned(), String::new()));
            }
            Piece::Line(line) => {
                if let Some((_, text)) = &mut file {
                    text.extend([line, "\n"]);
                }
            }
            Piece::Command { line, expected } => {
                put(&project, file.take());
                let printed = printed(&project, &execute(&project, &line[2..]));
                if printed != *expected {
                    let (expected, printed) = (expected.join("\n"), printed.join("\n"));
                    let difference = format!("{title}\n{line}\nexpected:\n{expected}\nprinted:\n{printed}\n");
                    differences.push((title.trim_start_matches("=== ").to_owned(), difference));
                }
                *expected = printed;
            }
        }
    }
    differences
}

fn printed(project: &TestProject, output: &Output) -> Vec<String> {
    let mut lines = Vec::new();
    for (mark, text) in [("  |", &output.stdout), ("  !", &output.stderr)] {
        for line in project.normalise(text).trim_end_matches('\n').lines() {
            let mut marked = mark.to_owned();
            if !line.is_empty() {
                let _ = write!(marked, " {line}");
            }
            lines.push(marked);
        }
    }
    match output.code {
        Some(0) => {}
        Some(code) => lines.push(format!("  = exit {code}")),
        None => lines.push("  = killed".to_owned()),
    }
    lines
}

/// Puts a file of a case into its project.
fn put(project: &TestProject, file: Option<(String, String)>) {
    let Some((header, text)) = file else { return };
    let (path, how) = match header.split_once(" [") {
        Some((path, how)) => (path, how.trim_end_matches(']')),
        None => (header.as_str(), ""),
    };
    let content = format!("{}\n", text.trim_end_matches('\n'));
    let target = project.root().join(path);
    let from = |path: &str| fs::read(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    match how {
        "" if content == "\n" => project.write(path, b""),
        "" => project.write(path, content.as_bytes()),
        "latin-1" => project.write(path, &content.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect::<Vec<_>>()),
        "folder" => fs::create_dir_all(target).expect("a folder"),
        "removed" => remove(&target),
        how => {
            match (how.strip_prefix("copy "), how.strip_prefix("first ").and_then(|how| how.split_once(" bytes of "))) {
                (Some(source), _) => project.write(path, &from(source)),
                (_, Some((count, source))) => project.write(path, &from(source)[..count.parse().expect("a number")]),
                _ => panic!("`{header}`: files are not made like that"),
            }
        }
    }
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).expect("a folder to remove");
    } else {
        fs::remove_file(path).expect("a file to remove");
    }
}
