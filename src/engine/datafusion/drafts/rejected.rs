//! Drafts that were rejected, kept for inspection until the relation has another version: a file each.
//!
//! ```text
//! <lake>/.rejected/<schema>/<relation>.json
//! ```
#![expect(clippy::disallowed_methods, reason = "the engine owns the files of its lake")]

use std::fs;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Draft;
use crate::engine::EngineError;
use crate::engine::datafusion::lake::{Lake, View, encode, read_json, remove_json, storage, write_json};

const WHAT: &str = "the rejected version";

/// A draft that was rejected.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::engine::datafusion) struct Rejected {
    /// Why.
    pub(in crate::engine::datafusion) why: String,
    /// When, in RFC 3339.
    pub(in crate::engine::datafusion) at: String,
    /// The view that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine::datafusion) view: Option<View>,
    /// The version that its commit would have been, and the lines of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::engine::datafusion) commit: Option<(u64, String)>,
    /// The data files that the commit adds, relative to the table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(in crate::engine::datafusion) files: Vec<String>,
}

impl From<Rejected> for Draft {
    fn from(rejected: Rejected) -> Self {
        let draft = Draft::default();
        draft.set_view(rejected.view);
        if let Some((version, lines)) = rejected.commit {
            draft.commit(version, lines);
        }
        draft
    }
}

impl Lake {
    fn rejected_file(&self, schema: &str, name: &str) -> PathBuf {
        self.root().join(".rejected").join(encode(schema)).join(format!("{}.json", encode(name)))
    }

    /// What was rejected of a relation last.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file when it is there and cannot be read.
    pub(in crate::engine::datafusion) fn rejected(
        &self,
        schema: &str,
        name: &str,
    ) -> Result<Option<Rejected>, EngineError> {
        read_json(WHAT, &self.rejected_file(schema, name))
    }

    /// Keeps what was rejected of a relation, in the place of what was rejected before.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file.
    pub(in crate::engine::datafusion) fn keep_rejected(
        &self,
        schema: &str,
        name: &str,
        rejected: &Rejected,
    ) -> Result<(), EngineError> {
        self.remove_rejected(schema, name)?;
        let path = self.rejected_file(schema, name);
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.map_err(|error| storage("cannot make the folder of", &path, &error))?;
        write_json(WHAT, &path, rejected)
    }

    /// Removes what was rejected of a relation, with its data files; none is success.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file.
    pub(in crate::engine::datafusion) fn remove_rejected(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        let path = self.rejected_file(schema, name);
        if !path.is_file() {
            return Ok(());
        }
        // A file that cannot be read says nothing of its data files, which the next cleaning of the table removes.
        if let Ok(Some(rejected)) = self.rejected(schema, name) {
            self.remove_data_files(schema, name, &rejected.files);
        }
        remove_json(WHAT, &path)
    }
}
