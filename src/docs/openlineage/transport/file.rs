//! Events in files.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::Transport;
use crate::base::Timestamp;
use crate::source::World;

pub(super) struct File {
    kind: Kind,
    path: PathBuf,
    /// The first error.
    failed: Mutex<Option<io::Error>>,
}

enum Kind {
    /// One file, a line for each event (NDJSON).
    Lines(Mutex<Box<dyn Write + Send>>),
    /// A file for each event, named by its time.
    Each(Arc<dyn World>),
}

impl File {
    /// # Errors
    /// When the file of all events cannot be written, in a sentence.
    pub(super) fn open(path: &Path, append: bool, world: Arc<dyn World>) -> Result<Self, String> {
        let kind = match append {
            true => Kind::Lines(Mutex::new(world.append(path).map_err(|error| unwritable(path, &error))?)),
            false => Kind::Each(world),
        };
        Ok(File { kind, path: path.to_path_buf(), failed: Mutex::default() })
    }

    fn write(&self, event: &str, time: Timestamp) -> io::Result<()> {
        match &self.kind {
            Kind::Lines(file) => {
                // In one piece: another command may write into it, too.
                file.lock().unwrap_or_else(PoisonError::into_inner).write_all(format!("{event}\n").as_bytes())
            }
            Kind::Each(world) => {
                let moment = time.0.format("%Y%m%d-%H%M%S%.6f");
                let named = |suffix: &str| PathBuf::from(format!("{}-{moment}{suffix}.json", self.path.display()));
                let free = (1_usize..).map(|number| if number == 1 { String::new() } else { format!("-{number}") });
                let path = free.map(|suffix| named(&suffix)).find(|path| world.kind(path).is_none());
                world.write(&path.unwrap_or_else(|| named("")), event.as_bytes())
            }
        }
    }
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    format!("`{}` cannot be written: {error}", path.display())
}

impl Transport for File {
    fn emit(&self, event: String, time: Timestamp) {
        if let Err(error) = self.write(&event, time) {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        }
    }

    fn close(self: Box<Self>, _: &dyn Fn() -> bool) -> Result<(), String> {
        match self.failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(unwritable(&self.path, &error)),
            None => Ok(()),
        }
    }
}
