//! The commits of a draft as one.
//!
//! A commit is a file of JSON lines, an action each. What the protocol allows once in a commit is kept as the last commit has it; a file
//! that one commit adds and a later one removes was never there. (Delta's protocol, "Actions" and "Action Reconciliation".)

use object_store::path::Path;
use serde_json::{Map, Value as Json};

use crate::base::IndexMap;
use crate::engine::{EngineError, ErrorKind};

/// A commit that stands for several.
#[derive(Debug, Default)]
pub(in crate::engine::datafusion) struct Squashed {
    /// The version that it makes.
    pub(in crate::engine::datafusion) version: u64,
    /// How many it stands for.
    pub(in crate::engine::datafusion) commits: usize,
    /// Its lines.
    pub(in crate::engine::datafusion) lines: String,
    /// The data files that one of the commits added and a later one removed, relative to the table.
    pub(in crate::engine::datafusion) passing: Vec<String>,
    /// The data files that it adds, relative to the table.
    pub(in crate::engine::datafusion) added: Vec<String>,
    /// Whether it does nothing but add them, and each commit was a plain write: it may follow what another writer has added. A merge that
    /// found nothing to change has looked at the rows that were there.
    pub(in crate::engine::datafusion) is_append: bool,
}

/// Puts commits together, the earliest first, as one that makes `version`. `note` is added to what it says of itself.
///
/// # Errors
/// [`ErrorKind::Io`] when a commit is no JSON: it was damaged.
pub(super) fn squash<'c>(
    version: u64,
    commits: impl IntoIterator<Item = &'c [u8]>,
    note: &Map<String, Json>,
) -> Result<Squashed, EngineError> {
    let mut once: IndexMap<String, Json> = IndexMap::default();
    let mut files: IndexMap<String, Json> = IndexMap::default();
    let mut added: IndexMap<String, Json> = IndexMap::default();
    let mut squashed = Squashed { version, ..Squashed::default() };
    let mut info = Map::new();
    let mut is_blind = true;
    let commits = commits.into_iter().inspect(|_| squashed.commits += 1);
    for action in commits.flat_map(|commit| serde_json::Deserializer::from_slice(commit).into_iter()) {
        let action: Map<String, Json> = action.map_err(|error| damaged(&error))?;
        let Some((kind, body)) = action.into_iter().next() else { continue };
        let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
        match kind.as_str() {
            "commitInfo" => {
                // What was only said of the table is not what made the version.
                is_blind &= text("operation") == "WRITE";
                let is_aside = ["SET TBLPROPERTIES", "UPDATE FIELD METADATA"].contains(&text("operation").as_str());
                if let Json::Object(body) = body
                    && (info.is_empty() || !is_aside)
                {
                    info = body;
                }
            }
            "add" => drop(added.insert(text("path"), body)),
            "remove" if added.shift_remove(&text("path")).is_some() => squashed.passing.push(text("path")),
            "remove" | "cdc" => drop(files.insert(format!("{kind} {}", text("path")), line(&kind, body))),
            "txn" => drop(once.insert(format!("{kind} {}", text("appId")), line(&kind, body))),
            "domainMetadata" => drop(once.insert(format!("{kind} {}", text("domain")), line(&kind, body))),
            _ => drop(once.insert(kind.clone(), line(&kind, body))),
        }
    }
    info.extend(note.clone());
    squashed.is_append = is_blind && files.is_empty() && once.is_empty();
    squashed.passing.retain(|path| !added.contains_key(path));
    squashed.passing.iter_mut().for_each(|path| *path = on_disk(path));
    squashed.added = added.keys().map(|path| on_disk(path)).collect();
    let added = added.into_values().map(|body| line("add", body));
    let lines = [line("commitInfo", Json::Object(info))].into_iter().chain(once.into_values());
    for line in lines.chain(files.into_values()).chain(added) {
        squashed.lines.push_str(&line.to_string());
        squashed.lines.push('\n');
    }
    Ok(squashed)
}

/// The path of a file that a log names, where it is written as a URL is.
fn on_disk(path: &str) -> String {
    Path::from_url_path(path).map_or_else(|_| path.to_owned(), |path| path.to_string())
}

fn line(kind: &str, body: Json) -> Json {
    Json::Object(Map::from_iter([(kind.to_owned(), body)]))
}

fn damaged(error: &serde_json::Error) -> EngineError {
    EngineError::new(ErrorKind::Io, format!("a commit of a draft cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::squash;

    #[test]
    fn what_comes_and_goes_was_never_there() {
        let first = r#"{"protocol":{"minReaderVersion":1}}
{"metaData":{"id":"1","name":"a"}}
{"add":{"path":"a.parquet"}}
{"remove":{"path":"old.parquet"}}
{"commitInfo":{"operation":"WRITE"}}"#;
        let second = r#"{"commitInfo":{"operation":"MERGE"}}
{"metaData":{"id":"1","name":"b"}}
{"remove":{"path":"a.parquet"}}
{"add":{"path":"b.parquet"}}"#;
        let note = Map::from_iter([("transform".to_owned(), json!({"run": "r"}))]);
        let squashed = squash(7, [first.as_bytes(), second.as_bytes()], &note).unwrap();
        let lines: Vec<_> = squashed.lines.lines().collect();
        let expected = [
            r#"{"commitInfo":{"operation":"MERGE","transform":{"run":"r"}}}"#,
            r#"{"protocol":{"minReaderVersion":1}}"#,
            r#"{"metaData":{"id":"1","name":"b"}}"#,
            r#"{"remove":{"path":"old.parquet"}}"#,
            r#"{"add":{"path":"b.parquet"}}"#,
        ];
        assert_eq!(lines, expected);
        assert_eq!((squashed.passing, squashed.added), (vec!["a.parquet".to_owned()], vec!["b.parquet".to_owned()]));
    }

    #[test]
    fn only_plain_writes_may_follow_others() {
        for (operation, may_follow) in [("WRITE", true), ("MERGE", false)] {
            let commit = format!(r#"{{"commitInfo":{{"operation":"{operation}"}}}}{{"add":{{"path":"a.parquet"}}}}"#);
            assert_eq!(squash(1, [commit.as_bytes()], &Map::new()).unwrap().is_append, may_follow, "{operation}");
        }
    }

    #[test]
    fn a_damaged_commit_is_an_error() {
        squash(0, [&b"{\"add\": "[..]], &Map::new()).unwrap_err();
    }
}
