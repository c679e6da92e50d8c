//! Which macros changed, and what that reaches.

use std::sync::{Mutex, PoisonError};

use crate::artifact::state::StateMacro;
use crate::base::{HashMap, HashSet};
use crate::jinja::BUILT_IN;
use crate::manifest::{Macro, UniqueId};
use crate::parse::Parsed;

/// The macros of a project beside those of an earlier state.
///
/// What is built in is not compared: neither an upgrade of the tool nor an artifact of dbt's is a change of the project.
pub(super) struct ChangedMacros<'a> {
    parsed: &'a Parsed,
    changed: HashSet<String>,
    /// For each macro that was looked at, whether it or one that it calls changed.
    reached: Mutex<HashMap<String, bool>>,
}

impl<'a> ChangedMacros<'a> {
    pub(super) fn new(parsed: &'a Parsed, before: &HashMap<String, StateMacro>) -> Self {
        let sources = &parsed.surroundings.session.sources;
        let now = parsed.manifest.macros.values().filter(|found| found.package != BUILT_IN);
        let changed = now.filter(|found| {
            let text = sources.slice(found.span);
            before.get(found.id.as_str()).is_none_or(|before| before.macro_sql.trim() != text.trim())
        });
        // One that is gone is called by nobody now.
        let changed = changed.map(|found| found.id.to_string()).collect();
        ChangedMacros { parsed, changed, reached: Mutex::default() }
    }

    /// Whether one of these macros or any that they call changed.
    pub(super) fn changed_below(&self, macros: &[String]) -> bool {
        !self.changed.is_empty() && macros.iter().any(|id| self.reaches(id, &mut HashSet::default()))
    }

    fn reaches(&self, id: &str, visited: &mut HashSet<String>) -> bool {
        if self.changed.contains(id) {
            return true;
        }
        if let Some(known) = self.reached.lock().unwrap_or_else(PoisonError::into_inner).get(id) {
            return *known;
        }
        if !visited.insert(id.to_owned()) {
            return false;
        }
        let called = self.parsed.manifest.macros.get(id).map(|found| self.called_by(found)).unwrap_or_default();
        let answer = called.iter().any(|id| self.reaches(id.as_str(), visited));
        // Inside of a circle a `false` holds for the way that led here only.
        if answer || visited.len() == 1 {
            self.reached.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), answer);
        }
        answer
    }

    fn called_by(&self, found: &Macro) -> Vec<UniqueId> {
        let environment = &self.parsed.surroundings.environment;
        let names = environment.names_in(found.span);
        let called = names.iter().filter_map(|name| environment.macro_named(&found.package, name));
        called.map(UniqueId::of_macro).collect()
    }
}
