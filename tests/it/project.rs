//! A project in a temporary folder, and the binary run over it as a user would, with an environment that holds nothing else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex};

use regex::Regex;
use serde_json::Value as Json;
use tempfile::TempDir;

/// The folder of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let (source, target) = entry.map(|entry| (entry.path(), to.join(entry.file_name()))).expect("an entry");
        if source.is_dir() {
            copy(&source, &target);
        } else {
            fs::copy(&source, &target).expect("a copied file");
        }
    }
}

/// A project that is removed when it is dropped.
pub(crate) struct TestProject {
    folder: TempDir,
    environment: Mutex<Vec<(String, String)>>,
}

/// What a command printed and how it ended.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    /// Standard output as it was.
    pub(crate) stdout: String,
    /// Standard error as it was.
    pub(crate) stderr: String,
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
}

impl TestProject {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        let folder = TempDir::with_prefix("transform-test-").expect("a temporary folder");
        fs::create_dir_all(folder.path().join("home")).expect("a home folder");
        fs::create_dir_all(folder.path().join("project")).expect("a project folder");
        TestProject { folder, environment: Mutex::default() }
    }

    /// A project of these files.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let project = Self::new();
        for (path, text) in files {
            project.write(path, text.as_bytes());
        }
        project
    }

    /// The folder of the project.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Sets a variable of the environment of all commands from here on.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.environment.lock().expect("no test failed with it").push((name.to_owned(), value.to_owned()));
    }

    /// Writes a file, and the folders that it needs.
    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().expect("a path inside the project")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
    }

    /// The text of a file.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap_or_else(|error| format!("{path}: {error}\n"))
    }

    /// A command over the project, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_transform"));
        command.env_clear().env("HOME", self.folder.path().join("home")).env("NO_COLOR", "1");
        command.envs(self.environment.lock().expect("no test failed with it").iter().cloned());
        command.current_dir(self.root()).args(arguments).stdin(Stdio::null());
        command
    }

    /// Starts a command and does not wait for it; nobody reads what it prints.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("the binary starts")
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        Output::of(&mut self.command(arguments))
    }

    /// The rows of a query, which the project's own `show` gives.
    ///
    /// # Errors
    /// What `show` printed when it failed.
    pub(crate) fn rows(&self, query: &str) -> Result<Vec<Json>, Output> {
        let output = self.run(&["show", "--quiet", "--inline", query, "--limit", "-1", "--output", "json"]);
        if output.code != Some(0) {
            return Err(output);
        }
        let json: Json = serde_json::from_str(&output.stdout).expect("JSON on stdout");
        Ok(json["show"].as_array().expect("rows").clone())
    }

    /// An artifact of the last command.
    pub(crate) fn artifact(&self, path: &str) -> Json {
        let bytes = fs::read(self.root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// A text with everything replaced that differs from run to run: folders, times, processes, hosts, ids.
    pub(crate) fn normalise(&self, text: &str) -> String {
        static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
            [
                (r"memory limit  \d+ MB", "memory limit  [MEMORY]"),
                (r"process \d+ on [^ ]+", "process [PID] on [HOST]"),
                (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?", "[TIMESTAMP]"),
                (r"\| \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \|", "| [TIMESTAMP]         |"),
                (r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", "[UUID]"),
                (r"finished in (\d+m\d\ds|\d+\.\d+s)", "finished in [TIME]"),
                (r"\| \d+\.\d\ds", "| [TIME]"),
                (r#" in \d+\.\d+s""#, " in [TIME]\""),
                (r#""pid":\d+"#, "\"pid\":[PID]"),
                (r"newest row is \d+ \w+ old", "newest row is [AGE] old"),
                (r"no row newer than \d+ \w+", "no row newer than [AGE]"),
                (r"(?m) +(\d+m\d\ds|\d+\.\d+s)$", " [TIME]"),
                // How large a file is, is a matter of what writes it.
                (r"old files of \d+ bytes", "old files of [N] bytes"),
                (r#""(seconds|execution_time|elapsed_time|elapsed)":\s*[0-9.e-]+"#, "\"$1\":[TIME]"),
                (r"[ \t]+\n", "\n"),
            ]
            .map(|(pattern, replacement)| (Regex::new(pattern).expect("a pattern"), replacement))
            .into()
        });
        let folder = fs::canonicalize(self.folder.path()).expect("the folder");
        let mut text = text.replace(env!("CARGO_PKG_VERSION"), "[VERSION]");
        for folder in [folder.as_path(), self.folder.path()] {
            let name = folder.display().to_string();
            text = text.replace(&format!("{name}/project"), "[PROJECT]").replace(&name, "[TEMP]");
        }
        RULES.iter().fold(text, |text, (pattern, replacement)| pattern.replace_all(&text, *replacement).into_owned())
    }
}

impl Output {
    /// Runs a command to its end. No command may panic.
    pub(crate) fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "{command:?} panicked:\n{stderr}");
        Output {
            stdout: String::from_utf8(output.stdout).expect("stdout is UTF-8"),
            stderr,
            code: output.status.code(),
        }
    }
}
