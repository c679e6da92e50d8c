//! The tour of the README, run as it stands: each `console` block is commands and what they print.
//!
//! `BLESS=1 cargo test readme` writes what was printed into the README. Times are compared as `0.00s`; nodes run in parallel, so
//! the numbered lines of a build are compared without their number and in any order.

use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

#[test]
fn the_tour_does_what_it_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut shell = Shell { folder: folder.path().to_path_buf() };
    let mut rewritten = String::new();
    let mut lines = text.lines().peekable();
    let (mut in_block, mut failures) = (false, Vec::new());
    while let Some(line) = lines.next() {
        rewritten.push_str(line);
        rewritten.push('\n');
        in_block = match line {
            "```console" => true,
            "```" => false,
            _ => in_block,
        };
        let Some(command) = line.strip_prefix("$ ").filter(|_| in_block) else { continue };
        let mut expected = String::new();
        while let Some(output) = lines.next_if(|line| !line.starts_with("$ ") && *line != "```") {
            expected.push_str(output);
            expected.push('\n');
        }
        let printed = shell.run(command);
        if comparable(&printed) != comparable(&expected) {
            failures.push(format!("$ {command}\n--- printed\n{printed}--- expected\n{expected}"));
        }
        rewritten.push_str(&printed);
    }
    assert!(rewritten.contains("$ transform build"), "the tour was not found");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, rewritten).unwrap();
    } else {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}

struct Shell {
    folder: PathBuf,
}

impl Shell {
    /// What a command prints on both streams, line ends without white space before them.
    fn run(&mut self, command: &str) -> String {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.folder.push(folder);
            return String::new();
        }
        let binary = Path::new(env!("CARGO_BIN_EXE_transform"));
        let path = std::env::join_paths(
            std::iter::once(binary.parent().unwrap().to_path_buf())
                .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        );
        let output = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(&self.folder)
            .env("PATH", path.unwrap())
            .env("HOME", &self.folder)
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        let text = lines.join("\n");
        if text.trim().is_empty() { String::new() } else { text.trim_matches('\n').to_owned() + "\n" }
    }
}

/// The lines without what differs from run to run.
fn comparable(text: &str) -> Vec<String> {
    let time = Regex::new(r" +\d+\.\d+s").unwrap();
    let number = Regex::new(r"^ *\d+/(\d+) ").unwrap();
    let mut lines: Vec<String> = text
        .lines()
        .map(|line| time.replace_all(&number.replace(line, "$1 "), " 0.00s").trim_end().to_owned())
        .collect();
    if text.contains("finished in") {
        lines.sort();
    }
    lines
}
