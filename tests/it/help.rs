//! What `--help` prints, as a snapshot: a change of an argument is seen by whoever reviews it.

use std::fmt::Write as _;
use std::process::Command;

#[test]
fn every_command_tells_its_arguments() {
    let commands = [
        "init",
        "debug",
        "parse",
        "compile",
        "ls",
        "run",
        "test",
        "build",
        "seed",
        "show",
        "history",
        "runs",
        "docs generate",
        "docs serve",
        "docs diff",
        "lineage",
        "rollback",
        "maintain",
        "run-operation",
        "retry",
        "clean",
        "generate retail",
        "explain",
    ];
    let mut text = help("--help");
    for command in commands {
        write!(text, "\n$ transform {command} --help\n{}", help(&format!("{command} --help"))).unwrap();
    }
    insta::assert_snapshot!(text);
}

fn help(arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_transform")).args(arguments.split(' ')).env_clear().output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
