//! The versions of a table, as its log tells of them: a file of actions each.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use datafusion::catalog::TableProvider;
use deltalake::DeltaTable;
use deltalake::kernel::Action;
use deltalake::logstore::{LogStoreRef, get_actions};
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::data_files::rows_of;
use super::delta::DeltaTables;
use crate::base::Timestamp;
use crate::engine::{EngineError, ErrorKind, PointInTime, RelationVersion};

/// The data files of a version, with the rows of each where they are counted.
type DataFiles = BTreeMap<String, Option<u64>>;

/// What a log says of a data file that counts.
#[derive(Deserialize)]
struct Statistics {
    #[serde(rename = "numRecords")]
    rows: Option<u64>,
}

impl DeltaTables {
    /// The published versions of a table, the newest first; none where there is no table.
    ///
    /// # Errors
    /// When its log cannot be read.
    pub(super) async fn versions(&self, schema: &str, name: &str) -> Result<Vec<RelationVersion>, EngineError> {
        let log = self.log_on_disk(schema, name)?;
        let mut versions = Vec::new();
        let there = self.lake.data_files(schema, name)?;
        // Before the first commit that the log still has there may have been others, of which a checkpoint remains.
        let mut files: Option<DataFiles> = None;
        for number in self.lake.commits(schema, name)? {
            let Some(commit) = log.read_commit_entry(number).await? else {
                continue;
            };
            let mut version =
                RelationVersion { number, at: None, operation: None, rows: None, is_kept: false, note: Map::new() };
            let mut known = match files {
                Some(files) => files,
                None if number == 0 => DataFiles::new(),
                None => files_behind(&log, number).await?,
            };
            for action in get_actions(number, &commit)? {
                match action {
                    Action::Add(add) => {
                        let counted = add.stats.as_deref().and_then(|stats| serde_json::from_str(stats).ok());
                        known.insert(add.path, counted.and_then(|counted: Statistics| counted.rows));
                    }
                    Action::Remove(remove) => drop(known.remove(&remove.path)),
                    Action::CommitInfo(info) => {
                        let at = info.in_commit_timestamp.or(info.timestamp).and_then(DateTime::from_timestamp_millis);
                        version.at = at.map(|at: DateTime<Utc>| Timestamp(at));
                        version.operation = info.operation;
                        version.note = info.info.into_iter().collect();
                    }
                    _ => {}
                }
            }
            version.rows = known.values().copied().sum();
            version.is_kept = known.keys().all(|file| there.contains_key(file));
            versions.push(version);
            files = Some(known);
        }
        versions.reverse();
        Ok(versions)
    }

    /// The node that a table was published for last, if that was noted.
    ///
    /// # Errors
    /// When its log cannot be read.
    pub(super) async fn maker(&self, schema: &str, name: &str) -> Result<Option<String>, EngineError> {
        let log = self.log_on_disk(schema, name)?;
        // What others have committed since has no note.
        for number in self.lake.commits(schema, name)?.into_iter().rev() {
            let Some(commit) = log.read_commit_entry(number).await? else { continue };
            let noted = get_actions(number, &commit)?.into_iter().find_map(|action| match action {
                Action::CommitInfo(info) => maker(&info.info.into_iter().collect()),
                _ => None,
            });
            if noted.is_some() {
                return Ok(noted);
            }
        }
        Ok(None)
    }

    /// The version of a table at a point in time.
    ///
    /// # Errors
    /// [`ErrorKind::Plan`] when there was none, or its files are gone.
    pub(super) async fn version_at(
        &self,
        (schema, name): (&str, &str),
        at: PointInTime,
    ) -> Result<RelationVersion, EngineError> {
        let versions = self.versions(schema, name).await?;
        let (Some(last), Some(first)) = (versions.first(), versions.last()) else {
            return Err(EngineError::new(
                ErrorKind::Plan,
                format!("`{schema}.{name}` is no table: it has no versions"),
            ));
        };
        let range = match (first.number, last.number) {
            (first, last) if first == last => format!("it has version {last} alone"),
            (first, last) => format!("it has the versions {first} to {last}"),
        };
        let is_meant = |version: &&RelationVersion| match at {
            PointInTime::Version(number) => version.number == number,
            PointInTime::Time(time) => version.at.is_some_and(|made| made <= time),
        };
        let Some(found) = versions.iter().find(is_meant) else {
            let message = match at {
                PointInTime::Version(number) => format!("`{schema}.{name}` has no version {number}"),
                PointInTime::Time(time) => format!("`{schema}.{name}` has no version that was made by {time}"),
            };
            return Err(EngineError::new(ErrorKind::Plan, message).help(range));
        };
        if !found.is_kept {
            let message = format!("the files of version {} of `{schema}.{name}` have been removed", found.number);
            let help = "`transform history` tells which versions are kept";
            return Err(EngineError::new(ErrorKind::Plan, message).help(help));
        }
        Ok(found.clone())
    }

    /// A table as it was, as a source of rows.
    ///
    /// # Errors
    /// As [`DeltaTables::version_at`].
    pub(super) async fn provider_at(
        &self,
        (schema, name): (&str, &str),
        at: PointInTime,
    ) -> Result<Arc<dyn TableProvider>, EngineError> {
        let version = self.version_at((schema, name), at).await?;
        let mut table = DeltaTable::new(self.log_on_disk(schema, name)?);
        table.load_version(version.number).await?;
        rows_of(&table).await
    }
}

/// The node that a note is about.
pub(super) fn maker(note: &Map<String, Json>) -> Option<String> {
    note.get("transform")?.get("unique_id")?.as_str().map(str::to_owned)
}

/// The data files behind a commit.
async fn files_behind(log: &LogStoreRef, number: u64) -> Result<DataFiles, EngineError> {
    let mut table = DeltaTable::new(log.clone());
    table.load_version(number).await?;
    let state = table.snapshot()?;
    let files = state.log_data();
    let files = files.iter().map(|file| {
        let rows = file.num_records().and_then(|rows| u64::try_from(rows).ok());
        (file.path().into_owned(), rows)
    });
    Ok(files.collect())
}
