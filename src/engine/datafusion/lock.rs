//! Who may change what: locks that the operating system ends with the process that holds them.
//!
//! ```text
//! <lake>/.transform.lock             shared by all who write, alone for who cleans up behind crashed ones
//! <lake>/.locks/<schema>/<name>      who changes this relation
//! ```
//!
//! Readers take none. A relation is locked for one change, or from the beginning of its draft to the end: who waits then starts from
//! the version that the other has published. Within the process a change has its [`Turn`] besides: two changes that start from the same
//! version would lose one of them.
//!
//! A bucket has no locks. There a commit is made only if the table is what it was, so that of two processes that change one table at the
//! same time the second fails, and changes nothing.
//!
//! A lock file says who holds it, for the message to whoever waits. What it says has no other meaning: a file that a killed process
//! left behind is not a lock. No lock file is ever removed: somebody might be about to lock it.
#![expect(clippy::disallowed_methods, reason = "the engine owns the files of its lake")]

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, Write};
use std::path::Path;
use std::sync::{Arc, Mutex as Shared, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use super::cancelled;
use super::error::tidy;
use super::lake::{Lake, decode, encode};
use crate::engine::{Access, EngineError, ErrorKind};
use crate::sql::Relation;

const LAKE_LOCK: &str = ".transform.lock";
const RELATION_LOCKS: &str = ".locks";

/// How long to look away from a lock that another holds: at first, and at most.
const POLL: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(200));

/// After how long it is said that a lock is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long cleaning up behind crashed processes may take, for which everybody else waits.
const CLEANING: Duration = Duration::from_secs(60);

/// The locks of a lake.
#[derive(Debug)]
pub(super) struct Locks {
    lake: Arc<Lake>,
    /// How long to wait for another process.
    timeout: Duration,
    /// The command that this process runs, for those who wait for it.
    command: Shared<String>,
    relations: Shared<HashMap<Relation, Arc<Entry>>>,
}

/// A relation that this process has changed.
#[derive(Debug, Default)]
struct Entry {
    turn: Arc<Mutex<()>>,
    /// The lock while somebody in this process holds it.
    held: Mutex<Weak<Held>>,
}

/// A lock, held until it is dropped; nothing where there are no locks.
#[derive(Debug)]
pub(super) struct Held(#[expect(dead_code, reason = "held for its lock")] Option<File>);

/// The right to make one change of a relation.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: OwnedMutexGuard<()>,
    _held: Arc<Held>,
}

impl Locks {
    /// The locks of a lake, none of which is held.
    pub(super) fn new(lake: Arc<Lake>, timeout: Duration) -> Self {
        Locks { lake, timeout, command: Shared::default(), relations: Shared::default() }
    }

    /// Takes part in writing to the lake, and removes what crashed processes left where nobody else writes.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] when somebody else does not share the lake, or is to be alone in it and is not, [`ErrorKind::Io`] when the
    /// lake's folder cannot be written to.
    pub(super) async fn begin(&self, command: &str, access: Access) -> Result<Held, EngineError> {
        command.clone_into(&mut self.command.lock().unwrap_or_else(PoisonError::into_inner));
        self.lake.create()?;
        let Some(folder) = self.lake.folder() else { return Ok(Held(None)) };
        let path = folder.join(LAKE_LOCK);
        let lock = LockFile::open(&path).map_err(|error| unwritable(&path, &error))?;
        let alone = lock.file.try_lock().is_ok();
        if alone {
            self.lake.sweep();
        }
        match access {
            Access::Exclusive if alone => {}
            Access::Exclusive => {
                let message = format!("lake `{}` is being written by {}", self.lake.shown(), lock.holder());
                return Err(busy(message, "wait until it ends, and run the command again"));
            }
            Access::Shared => {
                if alone {
                    lock.file.unlock().map_err(|error| unwritable(&path, &error))?;
                }
                let free = lock.wait(File::try_lock_shared, CLEANING, &CancellationToken::new(), |_| {}).await?;
                if !free {
                    let message = format!("lake `{}` is held by {}", self.lake.shown(), lock.holder());
                    return Err(busy(message, "wait until it ends, and run the command again"));
                }
            }
        }
        lock.held(command)
    }

    /// Keeps other processes from changing a relation.
    ///
    /// # Errors
    /// [`ErrorKind::Busy`] naming who holds it, [`ErrorKind::Cancelled`] when `stop` is cancelled meanwhile, [`ErrorKind::Io`] when the
    /// lake's folder cannot be written to.
    pub(super) async fn hold(&self, relation: &Relation, stop: &CancellationToken) -> Result<Arc<Held>, EngineError> {
        let entry = self.entry(relation);
        let mut known = entry.held.lock().await;
        if let Some(held) = known.upgrade() {
            return Ok(held);
        }
        let held = Arc::new(self.lock(relation, stop).await?);
        *known = Arc::downgrade(&held);
        Ok(held)
    }

    /// Waits until nobody else changes the relation, in this process or another. Nobody may wait for a second turn meanwhile.
    ///
    /// # Errors
    /// As [`Locks::hold`].
    pub(super) async fn turn(&self, relation: &Relation, stop: &CancellationToken) -> Result<Turn, EngineError> {
        let turn = Arc::clone(&self.entry(relation).turn).lock_owned();
        let turn = tokio::select! {
            turn = turn => turn,
            () = stop.cancelled() => return Err(cancelled()),
        };
        Ok(Turn { _turn: turn, _held: self.hold(relation, stop).await? })
    }

    /// The turns of several relations, in an order that all have, so that nobody waits for who waits for him.
    ///
    /// # Errors
    /// As [`Locks::hold`].
    pub(super) async fn turns(
        &self,
        mut relations: Vec<Relation>,
        stop: &CancellationToken,
    ) -> Result<Vec<Turn>, EngineError> {
        relations.sort_by(|a, b| (&a.schema, &a.identifier).cmp(&(&b.schema, &b.identifier)));
        relations.dedup();
        let mut turns = Vec::with_capacity(relations.len());
        for relation in &relations {
            turns.push(self.turn(relation, stop).await?);
        }
        Ok(turns)
    }

    /// The names in a schema that somebody has ever locked.
    pub(super) fn known(&self, schema: &str) -> Vec<String> {
        let Some(folder) = self.lake.folder() else { return Vec::new() };
        let entries = fs::read_dir(folder.join(RELATION_LOCKS).join(encode(schema))).into_iter().flatten();
        entries.filter_map(|entry| Some(decode(entry.ok()?.file_name().to_str()?))).collect()
    }

    async fn lock(&self, relation: &Relation, stop: &CancellationToken) -> Result<Held, EngineError> {
        let Some(folder) = self.lake.folder() else { return Ok(Held(None)) };
        let path = folder.join(RELATION_LOCKS).join(encode(&relation.schema)).join(encode(&relation.identifier));
        let lock = LockFile::open(&path).map_err(|error| unwritable(&path, &error))?;
        let tell = |holder: &str| tracing::warn!("waiting for `{relation}`, which {holder} is changing");
        if !lock.wait(File::try_lock, self.timeout, stop, tell).await? {
            let message = format!("`{relation}` is being changed by {}", lock.holder());
            return Err(busy(message, "wait until it ends, or raise `lock_timeout` (seconds) in `profiles.yml`"));
        }
        let command = self.command.lock().unwrap_or_else(PoisonError::into_inner).clone();
        lock.held(&command)
    }

    fn entry(&self, relation: &Relation) -> Arc<Entry> {
        let mut relations = self.relations.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(relations.entry(relation.clone()).or_default())
    }
}

/// A lock file, open.
struct LockFile<'a> {
    file: File,
    path: &'a Path,
}

impl<'a> LockFile<'a> {
    fn open(path: &'a Path) -> io::Result<Self> {
        let open = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        let file = match open() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                path.parent().map_or(Ok(()), fs::create_dir_all)?;
                open()
            }
            other => other,
        };
        Ok(LockFile { file: file?, path })
    }

    /// Tries to lock the file until it succeeds or the time is up, and says which; `tell` is told once who holds it.
    async fn wait(
        &self,
        try_lock: impl Fn(&File) -> Result<(), TryLockError>,
        timeout: Duration,
        stop: &CancellationToken,
        tell: impl Fn(&str),
    ) -> Result<bool, EngineError> {
        let started = Instant::now();
        let (mut pause, mut is_told) = (POLL.0, false);
        loop {
            match try_lock(&self.file) {
                Ok(()) => return Ok(true),
                Err(TryLockError::Error(error)) => return Err(unwritable(self.path, &error)),
                Err(TryLockError::WouldBlock) => {}
            }
            let waited = started.elapsed();
            if waited >= timeout {
                return Ok(false);
            }
            if waited >= PATIENCE && !is_told {
                is_told = true;
                tell(&self.holder());
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(POLL.1),
                () = stop.cancelled() => return Err(cancelled()),
            }
        }
    }

    /// Who has locked it last.
    fn holder(&self) -> String {
        let holder: Option<Holder> = fs::read(self.path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        holder.map_or_else(
            || "another process".to_owned(),
            |Holder { pid, host, command, since }| format!("process {pid} on {host} (`{command}`, since {since})"),
        )
    }

    /// The lock, which names this process from here on.
    fn held(mut self, command: &str) -> Result<Held, EngineError> {
        let holder = Holder {
            pid: std::process::id(),
            host: sysinfo::System::host_name().unwrap_or_default(),
            command: command.to_owned(),
            since: Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        };
        holder.write(&mut self.file).map_err(|error| unwritable(self.path, &error))?;
        Ok(Held(Some(self.file)))
    }
}

/// Who holds a lock.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    host: String,
    command: String,
    since: String,
}

impl Holder {
    fn write(&self, file: &mut File) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        file.rewind()?;
        file.write_all(&text)?;
        file.set_len(text.len() as u64)
    }
}

fn unwritable(path: &Path, error: &io::Error) -> EngineError {
    let message = format!("cannot write to the lake `{}`: {}", path.display(), tidy(&error.to_string()));
    EngineError::new(ErrorKind::Io, message)
}

fn busy(message: String, help: &str) -> EngineError {
    let mut error = EngineError::new(ErrorKind::Busy, message).help(help);
    error.retryable = true;
    error
}
