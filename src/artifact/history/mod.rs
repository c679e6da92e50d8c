//! What is remembered of commands that ran nodes: a record each, for the documentation, `transform runs` and alerts.
//!
//! Where the engine can append to a table at little cost the records are one, [`SCHEMA`]`.`[`TABLE`] in the target's database, a row for
//! each node: everybody who uses the lake sees the same history, and SQL can ask it. Elsewhere they are a file of the project, a line for
//! each command. Either way a record is there as a whole or not at all, and goes when the project's retention says so.

mod file;
mod record;
mod table;

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::base::Timestamp;
use crate::engine::{Engine, EngineError};
use crate::session::Session;
use crate::source::World;

pub use record::{Head, Invocation, NodeRecord, Record};

/// The schema of the table.
pub const SCHEMA: &str = "transform_history";

/// The table.
pub const TABLE: &str = "run_results";

/// Whose commands are asked for: projects may share a lake, and targets do.
#[derive(Clone, Copy, Debug)]
pub struct Of<'a> {
    /// The project's name.
    pub project: &'a str,
    /// The target's name; `None` for those of all.
    pub target: Option<&'a str>,
}

/// The records of a project's commands.
#[derive(Debug)]
pub enum History {
    /// In a table.
    Table(table::Table),
    /// In a file.
    File(file::File),
}

impl History {
    /// The history that the commands of this session share.
    #[must_use]
    pub fn of(session: &Session, engine: &Arc<dyn Engine>) -> Self {
        if engine.capabilities().appends {
            let relation = session.relation(&session.target.database, SCHEMA, TABLE);
            return History::Table(table::Table { engine: Arc::clone(engine), relation });
        }
        History::in_file(&session.world, &session.root, &session.target.name)
    }

    /// The history of a target in a project's folder.
    fn in_file(world: &Arc<dyn World>, root: &Path, target: &str) -> Self {
        let path = root.join(".transform").join("history").join(format!("{target}.ndjson"));
        History::File(file::File { world: Arc::clone(world), path })
    }

    /// Adds a record. Records of before `oldest` go, at once or with one of the next.
    ///
    /// # Errors
    /// When the record cannot be written; nothing of it is there then.
    pub async fn add(&self, record: &Record, retention: TimeDelta) -> Result<(), EngineError> {
        let oldest = record.invocation.started_at.0.checked_sub_signed(retention);
        let oldest = Timestamp(oldest.unwrap_or(chrono::DateTime::UNIX_EPOCH));
        match self {
            History::Table(table) => table.add(record, oldest).await,
            History::File(file) => file.add(record, oldest),
        }
    }

    /// The newest commands of a project, at most `limit`, the newest first; those of one target alone, if it is named.
    ///
    /// # Errors
    /// When the history cannot be read. Where there is none yet it is empty.
    pub async fn heads(&self, of: Of<'_>, limit: usize) -> Result<Vec<Head>, EngineError> {
        match self {
            History::Table(table) => table.heads(of, limit).await,
            History::File(file) => file.heads(of, limit),
        }
    }

    /// The records of these commands, in their order; those that are not there are left out.
    ///
    /// # Errors
    /// As [`heads`](History::heads).
    pub async fn records(&self, heads: &[Head]) -> Result<Vec<Record>, EngineError> {
        match self {
            History::Table(table) => table.records(heads).await,
            History::File(file) => file.records(heads),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The record of a command that ran two nodes, on this day of January.
    pub(super) fn record(id: &str, day: u32) -> Record {
        let at = |hour: u32| Timestamp::parse(&format!("2026-01-{day:02} {hour:02}:00")).unwrap();
        let invocation = Invocation {
            invocation_id: id.to_owned(),
            project: "shop".to_owned(),
            command: "build".to_owned(),
            target: "prod".to_owned(),
            outcome: "success".to_owned(),
            started_at: at(8),
            ended_at: at(9),
            invoked_by: None,
            git_commit: Some("abc".to_owned()),
            threads: 4,
        };
        let node = NodeRecord {
            unique_id: "model.shop.a".to_owned(),
            name: "a".to_owned(),
            status: "success".to_owned(),
            thread: "Thread-1".to_owned(),
            queued_at: Some(at(8)),
            began_at: Some(at(8)),
            finished_at: Some(at(9)),
            slack: Some(0.5),
            is_critical: true,
            rows_affected: Some(3),
            failures: None,
            message: None,
        };
        Record { invocation, results: vec![node.clone(), node] }
    }
}
