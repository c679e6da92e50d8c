//! Names that live as long as the program.
//!
//! minijinja's instructions borrow the names in them. Giving those names a `'static` life lets compiled code be stored and
//! shared without the text it was made from. A name is leaked once however often it occurs, so what leaks is bounded by the
//! number of different identifiers in the templates.

use std::sync::{PoisonError, RwLock};

use crate::base::HashSet;

/// The names of an environment.
#[derive(Debug, Default)]
pub(super) struct Names(RwLock<HashSet<&'static str>>);

impl Names {
    /// The name for good.
    pub(super) fn intern(&self, name: &str) -> &'static str {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return known;
        }
        let mut names = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = names.get(name) {
            return known;
        }
        let name: &'static str = name.to_owned().leak();
        names.insert(name);
        name
    }
}
