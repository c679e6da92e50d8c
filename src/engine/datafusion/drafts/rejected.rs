//! Drafts that were rejected, kept for inspection until the relation has another version: a file each.
//!
//! ```text
//! <lake>/.rejected/<schema>/<relation>.json
//! ```

use serde::{Deserialize, Serialize};

use super::Draft;
use crate::engine::EngineError;
use crate::engine::datafusion::lake::{Files, Lake, View, encode};

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
    /// What was rejected of a relation last.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file when it is there and cannot be read.
    pub(in crate::engine::datafusion) fn rejected(
        &self,
        schema: &str,
        name: &str,
    ) -> Result<Option<Rejected>, EngineError> {
        self.read_json(WHAT, &rejected_file(schema, name))
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
        self.make_rejected_folder(schema)?;
        self.write_json(WHAT, &rejected_file(schema, name), rejected)
    }

    /// Removes what was rejected of a relation, with its data files; none is success.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::engine::ErrorKind::Io) naming the file.
    pub(in crate::engine::datafusion) fn remove_rejected(&self, schema: &str, name: &str) -> Result<(), EngineError> {
        match self.rejected(schema, name) {
            Ok(None) => return Ok(()),
            Ok(Some(rejected)) => {
                self.remove_data_files(schema, name, &rejected.files);
                rejected.view.and_then(|view| view.files).inspect(Files::discard);
            }
            // A file that cannot be read says nothing of its data files, which the next cleaning of the table removes.
            Err(_) => {}
        }
        self.remove_json(WHAT, &rejected_file(schema, name))
    }
}

/// The folder of what was rejected in a schema.
pub(in crate::engine::datafusion) fn rejected_folder(schema: &str) -> String {
    format!(".rejected/{}", encode(schema))
}

fn rejected_file(schema: &str, name: &str) -> String {
    format!("{}/{}.json", rejected_folder(schema), encode(name))
}
