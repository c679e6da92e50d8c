//! What one command runs with: the world, the target, the variables and the flags; the same for every node.

mod commit;
mod flags;
mod vars;
mod window;

use std::path::PathBuf;
use std::sync::Arc;

use crate::base::Timestamp;
use crate::config::{QueryComment, Target};
use crate::engine::registry;
use crate::source::{SourceMap, World};
use crate::sql::{Dialect, Quoting, Relation};

pub use commit::{Commit, commit};
pub use flags::{FLAGS, Flag, FlagKind, Flags};
pub use vars::Vars;

/// The world, the target and the flags of a command.
pub struct Session {
    /// Files, environment, clock.
    pub world: Arc<dyn World>,
    /// The texts.
    pub sources: Arc<SourceMap>,
    /// The project's folder.
    pub root: PathBuf,
    /// The root project's name.
    pub project: String,
    /// The packages with their versions, the root project first.
    pub packages: Vec<(String, Option<String>)>,
    /// Where it runs.
    pub target: Target,
    /// How SQL is spelt there.
    pub dialect: Dialect,
    /// Which parts of names are quoted there: the engine's default, and what the project says otherwise.
    pub quoting: Quoting,
    /// The comment on every statement, if the project has one.
    pub query_comment: Option<QueryComment>,
    /// The values of the variables that hold secrets.
    pub secrets: Vec<String>,
    /// Variables.
    pub vars: Vars,
    /// Flags that templates can read.
    pub flags: Flags,
    /// This invocation's id, a UUID.
    pub invocation_id: String,
    /// When the command started.
    pub started_at: Timestamp,
}

impl Session {
    /// The relation that a database, a schema and a name mean, without the database for engines whose names have none.
    #[must_use]
    pub fn relation(&self, database: &str, schema: &str, identifier: &str) -> Relation {
        let database = if registry::has_databases(&self.target.kind) { database } else { "" };
        Relation::new(database, schema, identifier)
    }

    /// Who runs the command, where the environment says so.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        let user = ["USER", "USERNAME", "LOGNAME"].into_iter().find_map(|name| self.world.env(name));
        user.map(|user| self.scrub(&user))
    }

    /// The text with every secret in it replaced: for whatever is shown or written.
    #[must_use]
    pub fn scrub(&self, text: &str) -> String {
        scrub(text, &self.secrets)
    }
}

/// The text with every one of `secrets` in it replaced.
#[must_use]
pub fn scrub(text: &str, secrets: &[String]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "*****"))
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("project", &self.project).finish_non_exhaustive()
    }
}
