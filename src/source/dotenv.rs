//! `.env`: variables of a file, for the names that the shell does not set.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FileKind, World};
use crate::base::Timestamp;

/// A world with the variables of a `.env` file.
pub struct DotenvWorld {
    inner: Arc<dyn World>,
    variables: BTreeMap<String, String>,
}

impl DotenvWorld {
    /// The world with the variables of `.env` in the working folder, if there is such a file. Lines that set no variable are passed
    /// over with a word: the file may be another tool's.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn around(inner: Arc<dyn World>) -> Result<Arc<dyn World>, String> {
        let path = Path::new(".env");
        if inner.kind(path) != Some(FileKind::File) {
            return Ok(inner);
        }
        let bytes = inner.read(path).map_err(|error| format!("`.env` cannot be read: {error}"))?;
        let text = String::from_utf8(bytes).map_err(|error| format!("`.env` cannot be read: {error}"))?;
        let mut variables = BTreeMap::new();
        for variable in dotenvy::from_read_iter(literal_dollars(&text).as_bytes()) {
            match variable {
                Ok((name, value)) => _ = variables.insert(name, value),
                Err(dotenvy::Error::LineParse(line, _)) => {
                    tracing::warn!("`.env` has a line that sets no variable: `{}`", name_only(&line));
                }
                Err(error) => return Err(format!("`.env` cannot be read: {error}")),
            }
        }
        Ok(Arc::new(DotenvWorld { inner, variables }))
    }
}

/// The line without its value, which may be a secret.
fn name_only(line: &str) -> &str {
    line.split('=').next().unwrap_or_default()
}

/// The text with each `$` escaped that does not open `${NAME}`: passwords hold dollars, and only the long form means a variable.
fn literal_dollars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (mut quoted, mut escaped) = (None, false);
        let mut rest = line.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, quoted) {
                (c, None) if c == '\'' || c == '"' => quoted = (!escaped).then_some(c),
                (c, Some(open)) if c == open && !escaped => quoted = None,
                ('$', None | Some('"')) if !escaped && rest.peek() != Some(&'{') => out.push('\\'),
                _ => {}
            }
            escaped = c == '\\' && !escaped;
            out.push(c);
        }
    }
    out
}

impl World for DotenvWorld {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        self.inner.kind(path)
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.inner.read(path)
    }

    fn walk(&self, folder: &Path) -> io::Result<Vec<(PathBuf, FileKind)>> {
        self.inner.walk(folder)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.inner.entries(folder)
    }

    fn write_by(&self, path: &Path, fill: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
        self.inner.write_by(path, fill)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.inner.remove(path)
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn io::Write + Send>> {
        self.inner.append(path)
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.inner.size(path)
    }

    fn modified(&self, path: &Path) -> Option<Timestamp> {
        self.inner.modified(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.inner.rename(from, to)
    }

    fn link(&self, original: &Path, link: &Path) -> io::Result<()> {
        self.inner.link(original, link)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.inner.env(name).or_else(|| self.variables.get(name).cloned())
    }

    fn env_names(&self) -> Vec<String> {
        let mut names = self.inner.env_names();
        names.extend(self.variables.keys().filter(|name| self.inner.env(name).is_none()).cloned());
        names
    }

    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        self.inner.absolute(path)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::DotenvWorld;
    use crate::source::{MemoryWorld, World};

    fn world(text: &str) -> Result<Arc<dyn World>, String> {
        let world = MemoryWorld::with_files([(".env", text)]).with_env("SET", "shell");
        DotenvWorld::around(Arc::new(world))
    }

    #[test]
    fn the_shell_wins() {
        let world = world("# ours\nSET=file\nexport OTHER='a b' # why\nTHIRD=\"x\\ny\"\n").unwrap();
        assert_eq!(world.env("SET").as_deref(), Some("shell"));
        assert_eq!(world.env("OTHER").as_deref(), Some("a b"));
        assert_eq!(world.env("THIRD").as_deref(), Some("x\ny"));
        assert_eq!(world.env_names(), ["SET", "OTHER", "THIRD"]);
    }

    #[test]
    fn lines_of_other_tools_are_passed_over() {
        let world = world("GOOD=1\nBAD KEY=secret\nALSO=2\n").unwrap();
        assert_eq!(world.env_names(), ["SET", "ALSO", "GOOD"]);
    }

    #[test]
    fn dollars_are_letters_but_in_the_long_form() {
        let world = world("A=pa$word\nB=\"x$y\"\nC='$z'\nD=${A}-$\n").unwrap();
        let value = |name: &str| world.env(name).unwrap();
        assert_eq!([value("A"), value("B"), value("C"), value("D")], ["pa$word", "x$y", "$z", "pa$word-$"]);
    }
}
