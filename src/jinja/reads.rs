//! What a rendering reads besides its template: the names that it looks up outside of itself, and the variables of the environment.
//! Whoever keeps the result of a rendering learns from it what the result depends on.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Something outside of a template that it asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Read {
    /// A name: a macro, a package, a name of the node or a global; or nothing, which it is when nothing defines it.
    Name {
        /// The package in whose sight it was looked up.
        package: Arc<str>,
        /// The name.
        name: Box<str>,
    },
    /// A macro that a function looked for, if there is one.
    Macro {
        /// The package in whose sight it was looked for.
        package: Arc<str>,
        /// The name; `package.name` for a macro of exactly that package.
        name: Box<str>,
    },
    /// A variable of the environment.
    Variable(Box<str>),
}

/// Keeps account of what is read. Clones share the account.
#[derive(Clone, Debug, Default)]
pub struct Reads(Arc<Mutex<Vec<Read>>>);

impl Reads {
    /// What was read so far, sorted, each once.
    #[must_use]
    pub fn all(&self) -> Vec<Read> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.sort_unstable();
        all
    }

    pub(super) fn name(&self, package: &Arc<str>, name: &str) {
        let is_it = |read: &Read| match read {
            Read::Name { package: known, name: own } => **own == *name && known == package,
            _ => false,
        };
        self.add(is_it, || Read::Name { package: Arc::clone(package), name: name.into() });
    }

    pub(super) fn macro_(&self, package: &Arc<str>, name: &str) {
        let is_it = |read: &Read| match read {
            Read::Macro { package: known, name: own } => **own == *name && known == package,
            _ => false,
        };
        self.add(is_it, || Read::Macro { package: Arc::clone(package), name: name.into() });
    }

    pub(super) fn variable(&self, name: &str) {
        let is_it = |read: &Read| matches!(read, Read::Variable(own) if **own == *name);
        self.add(is_it, || Read::Variable(name.into()));
    }

    /// Adds what is not known yet. There are few, so that a list is the fastest set.
    fn add(&self, is_it: impl Fn(&Read) -> bool, make: impl FnOnce() -> Read) {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !reads.iter().any(is_it) {
            reads.push(make());
        }
    }
}
