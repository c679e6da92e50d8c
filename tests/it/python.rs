//! Python readers of what we write: another implementation judges it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;

use serde_json::Value as Json;

use super::project::repository;

/// A script of `tests` and the packages that it needs.
pub(crate) struct Reader {
    /// Its file.
    pub(crate) script: &'static str,
    /// The variable that names a Python that has the packages.
    pub(crate) variable: &'static str,
    /// The folder of the one that is made where the variable is not set.
    pub(crate) folder: &'static str,
    /// What `pip` installs.
    pub(crate) packages: &'static [&'static str],
    /// The oldest Python that has them, where `python3` may be older.
    pub(crate) at_least: Option<(u32, u32)>,
}

impl Reader {
    /// What the script says of a folder.
    pub(crate) fn read(&self, folder: &Path) -> Json {
        let mut command = Command::new(self.python());
        command.arg(repository().join("tests").join(self.script)).arg(folder);
        let output = command.output().expect("Python runs");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "the other reader failed:\n{stderr}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("the other reader: {error}\n{stderr}"))
    }

    /// Starts the script as a server: it prints its address and runs until its standard input is closed.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Server {
        let mut command = Command::new(self.python());
        command.arg(repository().join("tests").join(self.script)).args(arguments);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python runs");
        let mut address = String::new();
        let said = process.stdout.as_mut().expect("what the server says");
        BufReader::new(said).read_line(&mut address).expect("an address");
        assert!(address.starts_with("http://"), "the server did not start: {address}");
        Server { address: address.trim().to_owned(), _process: process }
    }

    /// The first Python of this machine that is new enough: `python3`, one whose name has its version, one of pyenv's.
    fn interpreter(&self) -> PathBuf {
        let Some(at_least) = self.at_least else { return "python3".into() };
        let pyenv = std::env::home_dir().map(|home| home.join(".pyenv/versions"));
        let kept = pyenv.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
        let named = (at_least.1..at_least.1 + 4).map(|minor| PathBuf::from(format!("python{}.{minor}", at_least.0)));
        let mut known =
            iter::once(PathBuf::from("python3")).chain(named).chain(kept.map(|kept| kept.path().join("bin/python")));
        let found = known.find(|python| version(python).is_some_and(|version| version >= at_least));
        found.unwrap_or_else(|| {
            panic!("no Python of version {at_least:?} or later here: {} may name one", self.variable)
        })
    }

    /// The Python that the variable names, else one that is made once and kept; tests that want it at once wait for one another.
    pub(crate) fn python(&self) -> PathBuf {
        static MAKING: Mutex<()> = Mutex::new(());
        if let Some(python) = std::env::var_os(self.variable) {
            return python.into();
        }
        let _alone = MAKING.lock();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(self.folder);
        let (python, done) = (folder.join("bin/python"), folder.join("installed"));
        if !done.exists() {
            must(Command::new(self.interpreter()).args(["-m", "venv", "--clear"]).arg(&folder), self.variable);
            must(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(self.packages), self.variable);
            fs::write(done, "").expect("the mark of an installation that came to its end");
        }
        python
    }
}

/// A server that ends with the tests: its standard input is closed then.
pub(crate) struct Server {
    address: String,
    _process: Child,
}

impl Server {
    /// Where it is reached.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// The version of a Python, where there is one.
fn version(python: &Path) -> Option<(u32, u32)> {
    let output = Command::new(python).args(["-c", "import sys; print(*sys.version_info[:2])"]).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = said.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn must(command: &mut Command, variable: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed ({variable} may name another Python):\n{stderr}");
}
