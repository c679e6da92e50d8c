//! The log file: what happened in one command after the other, whatever was printed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{LogFormat, LogLevel};
use crate::session::Flags;
use crate::source::World;

/// The name that dbt's users look for.
const NAME: &str = "dbt.log";

/// How many full files are kept.
const KEPT: usize = 5;

/// An open log file.
pub(super) struct LogFile {
    pub(super) level: LogLevel,
    pub(super) format: LogFormat,
    file: Mutex<Box<dyn Write + Send>>,
}

impl LogFile {
    /// Opens the file of a project, if one is wanted. A folder that cannot be written to costs nobody the command.
    pub(super) fn open(flags: &Flags, world: &dyn World, root: &Path) -> Option<Self> {
        if flags.text("log_level_file").as_deref() == Some("none") {
            return None;
        }
        let folder = flags.text("log_path").map_or_else(|| root.join("logs"), PathBuf::from);
        let path = world.absolute(&folder).join(NAME);
        let limit = flags.number("log_file_max_bytes").and_then(|limit| u64::try_from(limit).ok()).unwrap_or(0);
        if limit > 0 && world.size(&path).is_some_and(|size| size >= limit) {
            rotate(world, &path);
        }
        let file = Mutex::new(world.append(&path).ok()?);
        // What was said of the console counts here, too, unless something else was said of the file.
        let of = |own: &'static str, console: &'static str| match flags.is_given(console) && !flags.is_given(own) {
            true => console,
            false => own,
        };
        let level = LogLevel::of(flags, of("log_level_file", "log_level"));
        let format = LogFormat::of(flags, of("log_format_file", "log_format"));
        Some(LogFile { level, format, file })
    }

    /// Adds a line.
    pub(super) fn line(&self, line: &str) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written any more is no reason to stop.
        let _ = writeln!(file, "{line}");
    }
}

/// Moves full files one number up; the oldest one goes.
fn rotate(world: &dyn World, path: &Path) {
    let numbered = |number: usize| match number {
        0 => path.to_path_buf(),
        number => path.with_file_name(format!("{NAME}.{number}")),
    };
    for number in (0..KEPT).rev() {
        // Best effort: at worst the file grows on.
        let _ = world.rename(&numbered(number), &numbered(number + 1));
    }
}

impl std::fmt::Debug for LogFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LogFile")
    }
}
