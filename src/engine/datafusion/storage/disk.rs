//! A folder of this machine.
#![expect(clippy::disallowed_methods, reason = "the engine owns the files of its lake")]

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use deltalake::logstore::{LogStoreRef, StorageConfig, logstore_for};
use url::Url;
use uuid::Uuid;

use super::{Storage, StoredFile, is_hidden};
use crate::engine::EngineError;

const DROPPED: &str = ".dropped-";
const TEMPORARY: &str = ".tmp";

/// A folder. What is removed is renamed first, so that it goes in one step.
#[derive(Debug)]
pub(super) struct Disk(PathBuf);

impl Disk {
    /// A folder, which need not exist.
    pub(super) fn new(folder: PathBuf) -> Self {
        Disk(folder)
    }

    fn at(&self, path: &str) -> PathBuf {
        if path.is_empty() { self.0.clone() } else { self.0.join(path) }
    }

    fn collect(&self, folder: &str, prefix: &str, files: &mut Vec<StoredFile>) -> io::Result<()> {
        for entry in read_dir(&self.at(folder))? {
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{prefix}{name}");
            if !entry.file_type()?.is_dir() {
                files.extend(stored(&entry, path));
            } else if !is_hidden(&name) {
                self.collect(&format!("{folder}/{name}"), &format!("{path}/"), files)?;
            }
        }
        Ok(())
    }
}

impl Storage for Disk {
    fn folder(&self) -> Option<&Path> {
        Some(&self.0)
    }

    fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(&self.0)
    }

    fn shown(&self, path: &str) -> String {
        self.at(path).display().to_string()
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        unless_absent(fs::read(self.at(path)))
    }

    fn is_file(&self, path: &str) -> io::Result<bool> {
        Ok(self.at(path).is_file())
    }

    /// Writes a file beside and renames it into place, both forced to disk.
    fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.at(path);
        let temporary = path.with_extension(format!("{}{TEMPORARY}", Uuid::new_v4()));
        let mut file = File::create(&temporary)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // Best effort: the error that matters is the one of the write.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        unless_absent(fs::remove_file(self.at(path))).map(|_| ())
    }

    /// The same file where the file system has links, else a copy.
    fn copy(&self, from: &str, to: &str) -> io::Result<()> {
        let (from, to) = (self.at(from), self.at(to));
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(|_| ()))
    }

    fn entries(&self, folder: &str) -> io::Result<Vec<(String, bool)>> {
        let entries = read_dir(&self.at(folder))?;
        let named = entries.filter_map(|entry| {
            let kind = entry.file_type().ok()?;
            // What a link leads to may be a folder.
            let is_folder = kind.is_dir() || kind.is_symlink() && entry.path().is_dir();
            Some((entry.file_name().into_string().ok()?, is_folder))
        });
        Ok(named.collect())
    }

    fn files(&self, folder: &str) -> io::Result<Vec<StoredFile>> {
        let entries = read_dir(&self.at(folder))?;
        Ok(entries.filter_map(|entry| stored(&entry, entry.file_name().into_string().ok()?)).collect())
    }

    fn data_files(&self, folder: &str) -> io::Result<Vec<StoredFile>> {
        let mut files = Vec::new();
        self.collect(folder, "", &mut files)?;
        Ok(files)
    }

    fn is_folder(&self, path: &str) -> io::Result<bool> {
        Ok(self.at(path).is_dir())
    }

    fn make_folder(&self, folder: &str) -> io::Result<()> {
        fs::create_dir_all(self.at(folder))
    }

    fn keep_folder(&self, folder: &str) -> io::Result<()> {
        self.make_folder(folder)
    }

    fn remove_folder(&self, folder: &str) -> io::Result<()> {
        let path = self.at(folder);
        let away = path.with_file_name(format!("{DROPPED}{}", Uuid::new_v4()));
        if unless_absent(fs::rename(&path, &away))?.is_some() {
            // A folder that cannot be emptied now is removed by the next sweep.
            let _ = fs::remove_dir_all(&away);
        }
        Ok(())
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<bool> {
        fs::rename(self.at(from), self.at(to)).map(|()| true)
    }

    fn sweep(&self) {
        let folders = self.entries("").unwrap_or_default();
        let folders = folders.into_iter().filter(|(name, is_folder)| *is_folder && !is_hidden(name));
        for folder in [String::new()].into_iter().chain(folders.map(|(name, _)| name)) {
            for (name, is_folder) in self.entries(&folder).unwrap_or_default() {
                if name.starts_with(DROPPED) || name.ends_with(TEMPORARY) {
                    let path = self.at(&folder).join(name);
                    // Best effort: it is in nobody's way, and the next run tries again.
                    let _ = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
                }
            }
        }
    }

    fn log(&self, table: &str) -> Result<LogStoreRef, EngineError> {
        let folder = self.at(table);
        let url = Url::from_directory_path(&folder).map_err(|()| {
            let message = format!("`{}` cannot be written as a URL", folder.display());
            EngineError::new(crate::engine::ErrorKind::Io, message)
        })?;
        Ok(logstore_for(&url, StorageConfig::default())?)
    }
}

fn stored(entry: &fs::DirEntry, path: String) -> Option<StoredFile> {
    let metadata = entry.metadata().ok()?;
    Some(StoredFile { path, size: metadata.len(), modified: metadata.modified().ok() })
}

/// What is in a folder; nothing when it is not there, or is none.
fn read_dir(folder: &Path) -> io::Result<impl Iterator<Item = fs::DirEntry> + use<>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
        other => Some(other?),
    };
    Ok(entries.into_iter().flatten().filter_map(Result::ok))
}

fn unless_absent<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}
