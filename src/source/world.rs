//! The door to everything outside: files, environment, clock.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};

use crate::base::{Fingerprint, Timestamp};

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A regular file (or a link to one).
    File,
    /// A folder (or a link to one).
    Directory,
}

/// Where a command finds files, variables and the time. Paths are absolute or relative to the working folder.
pub trait World: Send + Sync {
    /// What `path` names, or `None` when nothing (readable) is there.
    fn kind(&self, path: &Path) -> Option<FileKind>;

    /// The bytes of a file.
    ///
    /// # Errors
    /// As the operating system says it.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// All files and folders below `folder`, sorted by path, hidden ones left out. A link to a folder is followed once, and not
    /// where it leads back to a folder that it is in. A folder that does not exist has none.
    ///
    /// # Errors
    /// When a folder cannot be listed.
    fn walk(&self, folder: &Path) -> io::Result<Vec<(PathBuf, FileKind)>>;

    /// The files of [`walk`](World::walk).
    ///
    /// # Errors
    /// When a folder cannot be listed.
    fn files_below(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let found = self.walk(folder)?.into_iter();
        Ok(found.filter(|(_, kind)| *kind == FileKind::File).map(|(path, _)| path).collect())
    }

    /// What is directly in `folder`, hidden or not, sorted by path.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// Writes a file by what `fill` writes, whole: readers see the old bytes or the new ones. Missing folders are made.
    ///
    /// # Errors
    /// As the operating system or `fill` says it.
    fn write_by(&self, path: &Path, fill: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()>;

    /// Writes a file of these bytes, as [`write_by`](World::write_by).
    ///
    /// # Errors
    /// As the operating system says it.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.write_by(path, &mut |file| file.write_all(bytes))
    }

    /// Opens a file to add to its end. It and missing folders are made.
    ///
    /// # Errors
    /// As the operating system says it.
    fn append(&self, path: &Path) -> io::Result<Box<dyn io::Write + Send>>;

    /// The bytes that a file has, if there is one.
    fn size(&self, path: &Path) -> Option<u64>;

    /// When a file was last changed, if there is one and that is known.
    fn modified(&self, path: &Path) -> Option<Timestamp>;

    /// Removes a folder with all that is in it, or a file; nothing there is success.
    ///
    /// # Errors
    /// As the operating system says it.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Moves a file or a folder; missing folders above the new place are made.
    ///
    /// # Errors
    /// As the operating system says it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes a link to a folder; where there are no links, a copy.
    ///
    /// # Errors
    /// As the operating system says it.
    fn link(&self, original: &Path, link: &Path) -> io::Result<()>;

    /// Copies a folder with all that [`walk`](World::walk) finds in it, and the hidden files directly in it.
    ///
    /// # Errors
    /// As the operating system says it.
    fn copy(&self, from: &Path, to: &Path) -> io::Result<()> {
        let is_hidden = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let mut hidden = self.entries(from)?;
        hidden.retain(|path| is_hidden(path) && self.kind(path) == Some(FileKind::File));
        for file in self.files_below(from)?.into_iter().chain(hidden) {
            let inside = file.strip_prefix(from).unwrap_or(&file);
            self.write(&to.join(inside), &self.read(&file)?)?;
        }
        Ok(())
    }

    /// An environment variable, if it is set and is Unicode.
    fn env(&self, name: &str) -> Option<String>;

    /// The names of the environment variables that are set.
    fn env_names(&self) -> Vec<String>;

    /// The time.
    fn now(&self) -> Timestamp;

    /// What tells this build of the program from others, beside its version; nothing where that is not known.
    fn program(&self) -> String {
        String::new()
    }

    /// The path with links and dots resolved where it exists, else joined to the working folder.
    fn absolute(&self, path: &Path) -> PathBuf;
}

impl dyn World + '_ {
    /// This build of the program: what it keeps for later commands is of use to the same build alone.
    #[must_use]
    pub fn build(&self) -> Fingerprint {
        Fingerprint::of([env!("CARGO_PKG_VERSION"), &self.program()])
    }
}

/// Bytes that are collected before they go to the operating system.
const BUFFER: usize = 64 * 1024;

/// The machine itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct DiskWorld;

#[expect(clippy::disallowed_methods, reason = "this is the door that the rest of the code goes through")]
impl World for DiskWorld {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        let metadata = std::fs::metadata(path).ok()?;
        Some(if metadata.is_dir() { FileKind::Directory } else { FileKind::File })
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn walk(&self, folder: &Path) -> io::Result<Vec<(PathBuf, FileKind)>> {
        super::walk::walk(self, folder)
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
        found.sort();
        Ok(found)
    }

    fn write_by(&self, path: &Path, fill: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.tmp", std::process::id()));
        let temporary = path.with_file_name(name);
        let create = || match (std::fs::File::create(&temporary), path.parent()) {
            (Err(error), Some(parent)) if error.kind() == io::ErrorKind::NotFound => {
                std::fs::create_dir_all(parent)?;
                std::fs::File::create(&temporary)
            }
            (created, _) => created,
        };
        let mut written = || {
            let mut file = io::BufWriter::with_capacity(BUFFER, create()?);
            fill(&mut file)?;
            file.into_inner()?;
            std::fs::rename(&temporary, path)
        };
        written().inspect_err(|_| {
            // Best effort: the error that matters is the first one.
            let _ = std::fs::remove_file(&temporary);
        })
    }

    fn append(&self, path: &Path) -> io::Result<Box<dyn io::Write + Send>> {
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Box::new(io::LineWriter::new(file)))
    }

    fn size(&self, path: &Path) -> Option<u64> {
        std::fs::metadata(path).ok().map(|metadata| metadata.len())
    }

    fn modified(&self, path: &Path) -> Option<Timestamp> {
        std::fs::metadata(path).ok()?.modified().ok().map(|time| Timestamp(time.into()))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let result = match self.kind(path) {
            Some(FileKind::Directory) => std::fs::remove_dir_all(path),
            Some(FileKind::File) => std::fs::remove_file(path),
            None => Ok(()),
        };
        match result {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::rename(from, to)
    }

    fn link(&self, original: &Path, link: &Path) -> io::Result<()> {
        if let Some(parent) = link.parent() {
            std::fs::create_dir_all(parent)?;
        }
        #[cfg(unix)]
        let linked = std::os::unix::fs::symlink(original, link);
        #[cfg(not(unix))]
        let linked = Err(io::Error::from(io::ErrorKind::Unsupported));
        linked.or_else(|_: io::Error| self.copy(original, link))
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn env_names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }

    fn now(&self) -> Timestamp {
        Timestamp(Utc::now())
    }

    fn program(&self) -> String {
        let file = std::env::current_exe().and_then(std::fs::metadata);
        let found = file.and_then(|file| Ok(format!("{} bytes, {:?}", file.len(), file.modified()?)));
        found.unwrap_or_default()
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_path_buf())
    }
}

/// A world of texts in memory: files by path, variables by name, a clock that stands still.
#[derive(Debug, Default)]
pub struct MemoryWorld {
    files: Mutex<BTreeMap<PathBuf, Vec<u8>>>,
    env: BTreeMap<String, String>,
}

impl MemoryWorld {
    /// A world with these files, given as path and text.
    pub fn with_files<P: Into<PathBuf>, T: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, T)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (clean(&path.into()), text.into())).collect();
        MemoryWorld { files: Mutex::new(files), env: BTreeMap::new() }
    }

    /// The same world with an environment variable set.
    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn with<R>(&self, read: impl FnOnce(&mut BTreeMap<PathBuf, Vec<u8>>) -> R) -> R {
        read(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl World for MemoryWorld {
    fn kind(&self, path: &Path) -> Option<FileKind> {
        let path = clean(path);
        self.with(|files| {
            if files.contains_key(&path) {
                Some(FileKind::File)
            } else if path.as_os_str().is_empty() || files.keys().any(|file| file.starts_with(&path)) {
                Some(FileKind::Directory)
            } else {
                None
            }
        })
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.with(|files| files.get(&clean(path)).cloned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn walk(&self, folder: &Path) -> io::Result<Vec<(PathBuf, FileKind)>> {
        let folder = clean(folder);
        let below = |path: &&PathBuf| path.starts_with(&folder);
        Ok(self.with(|files| files.keys().filter(below).map(|path| (path.clone(), FileKind::File)).collect()))
    }

    fn entries(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = clean(folder);
        let mut found: Vec<PathBuf> = self.with(|files| {
            let below = files.keys().filter_map(|path| path.strip_prefix(&folder).ok()?.components().next());
            below.map(|part| folder.join(part)).collect()
        });
        found.dedup();
        Ok(found)
    }

    fn write_by(&self, path: &Path, fill: &mut dyn FnMut(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
        let mut bytes = Vec::new();
        fill(&mut bytes)?;
        self.with(|files| files.insert(clean(path), bytes));
        Ok(())
    }

    fn append(&self, _path: &Path) -> io::Result<Box<dyn io::Write + Send>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn size(&self, path: &Path) -> Option<u64> {
        self.with(|files| files.get(&clean(path)).map(|bytes| bytes.len() as u64))
    }

    fn modified(&self, _path: &Path) -> Option<Timestamp> {
        Some(self.now())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let path = clean(path);
        self.with(|files| files.retain(|file, _| !file.starts_with(&path)));
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let (from, to) = (clean(from), clean(to));
        self.with(|files| {
            let moved: Vec<PathBuf> = files.keys().filter(|path| path.starts_with(&from)).cloned().collect();
            for path in moved {
                let inside = path.strip_prefix(&from).unwrap_or(&path);
                let target = if inside.as_os_str().is_empty() { to.clone() } else { to.join(inside) };
                if let Some(bytes) = files.remove(&path) {
                    files.insert(target, bytes);
                }
            }
        });
        Ok(())
    }

    fn link(&self, original: &Path, link: &Path) -> io::Result<()> {
        self.copy(original, link)
    }

    fn env(&self, name: &str) -> Option<String> {
        self.env.get(name).cloned()
    }

    fn env_names(&self) -> Vec<String> {
        self.env.keys().cloned().collect()
    }

    fn now(&self) -> Timestamp {
        Timestamp(DateTime::<Utc>::UNIX_EPOCH)
    }

    fn absolute(&self, path: &Path) -> PathBuf {
        clean(path)
    }
}

/// The path without `.` parts, so that `./models` and `models` are one key.
fn clean(path: &Path) -> PathBuf {
    path.components().filter(|part| !matches!(part, Component::CurDir)).collect()
}
