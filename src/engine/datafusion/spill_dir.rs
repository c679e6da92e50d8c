//! The folder that the queries of this process spill to: one of its own, below the one that the profile names or the system's for temporary
//! files.
//!
//! It goes with the engine, whatever its queries were doing. A process that is killed leaves it behind; it goes when the next process
//! begins. A lock beside it, which ends with its process, tells whose is still in use.
#![expect(clippy::disallowed_methods, reason = "the engine owns its temporary files")]

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::error::tidy;
use crate::engine::{EngineError, ErrorKind};

const FOLDER: &str = "transform-spill-";
const LOCK_ENDING: &str = "lock";

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct SpillDir {
    folder: PathBuf,
    lock: PathBuf,
    #[expect(dead_code, reason = "held for its lock")]
    held: File,
}

impl SpillDir {
    /// A new folder below `parent`, which is made where its own parent is there. Without a parent, `None` where the system's folder
    /// cannot be written to: queries may never need it.
    ///
    /// # Errors
    /// [`ErrorKind::Settings`] naming the key and the folder that cannot be written to.
    pub(super) fn make(parent: Option<&Path>) -> Result<Option<Self>, EngineError> {
        let Some(parent) = parent else { return Ok(SpillDir::below(&env::temp_dir()).ok()) };
        make(parent).and_then(|()| SpillDir::below(parent)).map(Some).map_err(|error| {
            let reason = tidy(&error.to_string());
            let message = format!("`temp_dir: {}` cannot be written to: {reason}", parent.display());
            EngineError::new(ErrorKind::Settings, message).help("correct `temp_dir` in `profiles.yml`, or remove it")
        })
    }

    /// The folder.
    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    fn below(parent: &Path) -> io::Result<Self> {
        sweep(parent);
        let folder = parent.join(format!("{FOLDER}{}", Uuid::new_v4()));
        // First the lock: a folder without one would never be swept.
        let lock = folder.with_extension(LOCK_ENDING);
        let held = File::create_new(&lock)?;
        held.lock()?;
        if lock.exists() {
            fs::create_dir(&folder)?;
            return Ok(SpillDir { folder, lock, held });
        }
        // Somebody swept between the last two lines, and took it for one that was left.
        SpillDir::below(parent)
    }
}

impl Drop for SpillDir {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next process.
        let _ = fs::remove_dir_all(&self.folder);
        let _ = fs::remove_file(&self.lock);
    }
}

/// Removes what processes left that were killed.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let lock = entry.path();
        let is_ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(FOLDER));
        if !is_ours || lock.extension().is_none_or(|ending| ending != LOCK_ENDING) {
            continue;
        }
        // It stays locked until it is gone: who waits for it sees then that it was taken for one that was left.
        if let Ok(file) = File::open(&lock)
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_dir_all(lock.with_extension(""));
            let _ = fs::remove_file(&lock);
        }
    }
}

fn make(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::SpillDir;

    #[test]
    fn a_folder_goes_with_its_process_and_no_other_is_touched() {
        let parent = tempfile::tempdir().unwrap();
        let names = || fs::read_dir(parent.path()).unwrap().count();
        let killed = parent.path().join("transform-spill-1");
        fs::create_dir(&killed).unwrap();
        fs::write(killed.join("rows"), "rows").unwrap();
        fs::write(parent.path().join("transform-spill-1.lock"), "").unwrap();
        fs::write(parent.path().join("transform-spill-notes"), "").unwrap();
        let first = SpillDir::make(Some(parent.path())).unwrap().unwrap();
        assert!(!killed.exists());
        let second = SpillDir::make(Some(parent.path())).unwrap().unwrap();
        assert!(first.path().exists() && second.path().exists());
        drop((first, second));
        assert_eq!(names(), 1);
    }
}
