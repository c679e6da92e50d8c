//! The right to write to a lake: a lock that the operating system ends with the process.
//!
//! The lock file says who holds it, for the message to whoever is refused. What it says has no other meaning: a file that a
//! killed process left behind is not a lock.
#![expect(clippy::disallowed_methods, reason = "the engine owns the files of its lake")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::lake::{Lake, storage};
use crate::engine::{EngineError, ErrorKind};

const LOCK_FILE: &str = ".transform.lock";
const POLL: Duration = Duration::from_millis(100);

/// The lock, held until it is dropped.
#[derive(Debug)]
pub(super) struct LakeLock(#[expect(dead_code, reason = "held for its lock")] File);

/// Who holds the lock.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    command: String,
    since: String,
}

impl LakeLock {
    /// Takes the lock, waiting up to `timeout` for another holder to end.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] naming the holder, [`ErrorKind::Io`] when the lake's folder cannot be written to.
    pub(super) async fn take(lake: &Lake, command: &str, timeout: Duration) -> Result<Self, EngineError> {
        lake.create()?;
        let path = lake.root().join(LOCK_FILE);
        let failed = |error: &std::io::Error| storage("cannot write to the lake", &path, error);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(|error| failed(&error))?;
        let deadline = Instant::now() + timeout;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(error)) => return Err(failed(&error)),
                Err(TryLockError::WouldBlock) if Instant::now() >= deadline => return Err(busy(lake, &path)),
                Err(TryLockError::WouldBlock) => tokio::time::sleep(POLL).await,
            }
        }
        Holder::of_this_process(command).write(&mut file).map_err(|error| failed(&error))?;
        Ok(LakeLock(file))
    }
}

impl Holder {
    fn of_this_process(command: &str) -> Self {
        Holder {
            pid: std::process::id(),
            host: sysinfo::System::host_name().unwrap_or_default(),
            command: command.to_owned(),
            since: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        }
    }

    fn write(&self, file: &mut File) -> std::io::Result<()> {
        let text = serde_json::to_vec(self)?;
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(&text)
    }
}

fn busy(lake: &Lake, path: &Path) -> EngineError {
    let holder: Option<Holder> = fs::read(path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let holder = holder.map_or_else(
        || "another process".to_owned(),
        |holder| format!("process {} on {} (`{}`, since {})", holder.pid, holder.host, holder.command, holder.since),
    );
    let mut error =
        EngineError::new(ErrorKind::Busy, format!("lake `{}` is being written by {holder}", lake.root().display()))
            .help("wait until it ends, or set `lock_timeout` (seconds) in `profiles.yml` to wait for it");
    error.retryable = true;
    error
}
