//! The history in a file: a line of JSON for each command.

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Head, Invocation, Of, Record};
use crate::base::Timestamp;
use crate::engine::{EngineError, ErrorKind};
use crate::source::World;

/// A file of records.
#[derive(Clone)]
pub struct File {
    pub(super) world: Arc<dyn World>,
    pub(super) path: PathBuf,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("File").field(&self.path).finish()
    }
}

impl File {
    /// Adds a line. Where the first line is older than `oldest`, all that are go.
    pub(super) fn add(&self, record: &Record, oldest: Timestamp) -> Result<(), EngineError> {
        let mut line = serde_json::to_vec(record).map_err(|error| self.failed(&error))?;
        line.push(b'\n');
        let text = self.text()?;
        let is_kept = |line: &&str| read(line).is_none_or(|record| record.invocation.ended_at >= oldest);
        if text.lines().next().is_some_and(|first| !is_kept(&first)) {
            let kept: String = text.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect();
            let bytes = [kept.as_bytes(), &line].concat();
            return self.world.write(&self.path, &bytes).map_err(|error| self.failed(&error));
        }
        // A command that was killed while it wrote may have left half a line.
        if !text.is_empty() && !text.ends_with('\n') {
            line.insert(0, b'\n');
        }
        // In one piece, so that the lines of two commands do not mix.
        let written = self.world.append(&self.path).and_then(|mut file| file.write_all(&line));
        written.map_err(|error| self.failed(&error))
    }

    pub(super) fn heads(&self, of: Of<'_>, limit: usize) -> Result<Vec<Head>, EngineError> {
        let text = self.text()?;
        let is_asked = |record: &Record| {
            let Invocation { project, target, .. } = &record.invocation;
            project == of.project && of.target.is_none_or(|asked| asked == target)
        };
        let records = text.lines().filter_map(read).filter(is_asked);
        let mut heads: Vec<Head> = records.map(|record| record.head()).collect();
        heads.sort_by_key(|head| std::cmp::Reverse(head.invocation.started_at));
        heads.truncate(limit);
        Ok(heads)
    }

    pub(super) fn records(&self, heads: &[Head]) -> Result<Vec<Record>, EngineError> {
        let text = self.text()?;
        let mut records: Vec<Record> = text.lines().filter_map(read).collect();
        let place = |record: &Record| {
            heads.iter().position(|head| head.invocation.invocation_id == record.invocation.invocation_id)
        };
        records.retain(|record| place(record).is_some());
        records.sort_by_key(|record| place(record));
        Ok(records)
    }

    fn text(&self) -> Result<String, EngineError> {
        if self.world.kind(&self.path).is_none() {
            return Ok(String::new());
        }
        let bytes = self.world.read(&self.path).map_err(|error| self.failed(&error))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> EngineError {
        EngineError::new(ErrorKind::Io, format!("`{}`: {error}", self.path.display()))
    }
}

/// The record of a line; none where a killed command left half of one, or a later version wrote another kind.
fn read(line: &str) -> Option<Record> {
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::history::tests::record;
    use crate::source::DiskWorld;

    const OF: Of<'_> = Of { project: "shop", target: Some("prod") };

    #[test]
    fn records_are_found_again_and_go_when_they_are_old() {
        let folder = tempfile::tempdir().unwrap();
        let world: Arc<dyn World> = Arc::new(DiskWorld);
        let file = File { world: Arc::clone(&world), path: folder.path().join("history.ndjson") };
        let never = Timestamp::parse("2000-01-01").unwrap();
        assert!(file.heads(OF, 9).unwrap().is_empty());
        let (one, two, three) = (record("one", 1), record("two", 2), record("three", 3));
        file.add(&one, never).unwrap();
        // A command that was killed left half a line.
        world.append(&file.path).unwrap().write_all(b"{\"invocation\":{\"inv").unwrap();
        file.add(&two, never).unwrap();
        assert_eq!(file.heads(OF, 9).unwrap(), vec![two.head(), one.head()]);
        assert!(file.heads(Of { target: Some("dev"), ..OF }, 9).unwrap().is_empty());
        assert!(file.heads(Of { project: "other", target: None }, 9).unwrap().is_empty());
        assert_eq!(file.heads(OF, 1).unwrap(), vec![two.head()]);
        assert_eq!(file.records(&[one.head(), two.head()]).unwrap(), vec![one.clone(), two.clone()]);
        assert_eq!(two.head().counts.get("success"), Some(&2));
        file.add(&three, Timestamp::parse("2026-01-02").unwrap()).unwrap();
        assert_eq!(file.heads(OF, 9).unwrap(), vec![three.head(), two.head()]);
    }
}
