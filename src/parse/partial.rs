//! What an earlier command found out and this one need not find out again: dbt's partial parsing.
//!
//! Two things are kept, in one file below the target folder, because they are dear and depend on little:
//!
//! - the **tree of a property file**, which depends on the text of the file and on nothing else;
//! - the **reading of a template**: what a model, a test, … refers to and sets when it is rendered for that.
//!
//! Everything else (configs, names, references, the manifest) is made anew by every command from these two and from the files as
//! they are now, so that nothing has to be invalidated: what is kept is found by a [`Fingerprint`] of all that went into it, or
//! not at all. For a reading that is the template and the node that it belongs to, and, since a template can ask for anything, what
//! it [asked for](crate::jinja::Reads) when it was rendered: each name is followed to the text of the macro, the variables or the
//! flags that it stood for ([`facts`]), and the reading holds while these are the same. A rendering that asked for what changes by
//! the moment (`run_started_at`, `modules`), that printed something or that gave cause for a diagnostic is not kept.
//!
//! The file belongs to one build of the program. One that is foreign, damaged or older is passed over and replaced; since files are
//! replaced whole, commands that run at the same time lose nothing but each other's additions.

mod facts;
mod reading;
mod stored;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use crate::base::Fingerprint;
use crate::context::Surroundings;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::jinja::Environment;
use crate::load::Project;
use crate::source::FileId;
use crate::yaml;

use facts::Facts;
pub(super) use reading::Reading;
use stored::{Added, Stored};

/// The name of the file, below the target folder.
pub const PARTIAL_PARSE: &str = "partial_parse.bin";

/// What is kept, and what of it this command uses and adds to it.
pub(super) struct PartialParse {
    /// Where it is kept; nowhere when partial parsing is switched off.
    path: Option<PathBuf>,
    facts: Facts,
    stored: Stored,
    /// Which conditions of what is stored are met.
    met: Vec<bool>,
    added: Mutex<Vec<Added>>,
}

impl PartialParse {
    /// Opens what is kept of a project.
    pub(super) fn open(project: &Project, surroundings: &Surroundings) -> Self {
        let session = &project.session;
        let path = session.flags.is("partial_parse").then(|| project.target_dir.join(PARTIAL_PARSE));
        let facts = Facts::new(surroundings);
        let bytes = path.as_ref().and_then(|path| session.world.read(path).ok());
        let stored = bytes.and_then(|bytes| Stored::read(bytes, facts.build())).unwrap_or_default();
        let met = stored.conditions().map(|(reads, then)| facts.of(reads) == Some(then)).collect();
        PartialParse { path, facts, stored, met, added: Mutex::default() }
    }

    /// The tree of a property file.
    ///
    /// # Errors
    /// As [`yaml::parse`].
    pub(super) fn document(
        &self,
        file: FileId,
        text: &str,
        warnings: &mut Diagnostics,
    ) -> Result<yaml::Node, Diagnostic> {
        if self.path.is_none() {
            return yaml::parse(file, text, warnings);
        }
        let key = Fingerprint::of(["document", text]);
        if let Some(mut known) = self.stored.find::<yaml::Node>(key, &self.met) {
            known.set_file(file);
            return Ok(known);
        }
        let mut found = Diagnostics::new();
        let node = yaml::parse(file, text, &mut found)?;
        // One that something is said about is read anew, so that it is said again.
        if found.is_empty() {
            self.add(Added::new(key, None, &node));
        }
        warnings.extend(found);
        Ok(node)
    }

    /// What is read from a template that `key` names with all that is known to go into it. If it has to be rendered, `read` does so
    /// in the environment that it is given, and says whether nothing came of it but the reading.
    pub(super) fn reading(
        &self,
        environment: &Environment,
        key: impl FnOnce() -> Fingerprint,
        read: impl FnOnce(&Environment) -> Option<(Reading, bool)>,
    ) -> Option<Reading> {
        if self.path.is_none() {
            return read(environment).map(|(reading, _)| reading);
        }
        let key = key();
        if let Some(known) = self.stored.find(key, &self.met).and_then(Reading::of_stored) {
            return Some(known);
        }
        let (environment, reads) = environment.recording();
        let (reading, is_all) = read(&environment)?;
        let reads = reads.all();
        if is_all
            && self.facts.of(&reads).is_some()
            && let Some(stored) = reading.to_stored()
        {
            self.add(Added::new(key, Some(reads), &stored));
        }
        Some(reading)
    }

    fn add(&self, added: Option<Added>) {
        self.added.lock().unwrap_or_else(PoisonError::into_inner).extend(added);
    }

    /// Keeps what was used and what was added, if that is not what is kept already. That it cannot be written is no failure: the next
    /// command has more to do.
    pub(super) fn close(self) {
        let added = self.added.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = self.path.filter(|_| !added.is_empty() || !self.stored.is_all_used()) {
            let bytes = self.stored.with(added, &self.facts);
            let _ = bytes.map(|bytes| self.facts.world().write(&path, &bytes));
        }
    }
}
