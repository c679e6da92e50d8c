//! Choosing a part of the graph: `--select`, `--exclude`.
//!
//! A [`Selection`] is parsed from the arguments of the command line, then applied to a manifest and its graph.

mod grammar;
mod method;
#[cfg(test)]
mod tests;

use indexmap::IndexSet;

use super::{Dag, Reach};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Manifest, ResourceType, UniqueId};

pub use grammar::{Selection, Term};

/// Which tests come along with the nodes that they test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IndirectSelection {
    /// Tests with any selected parent.
    #[default]
    Eager,
    /// Tests of which all parents are selected.
    Cautious,
    /// No tests but the ones that are named.
    Empty,
}

/// What to choose from and how.
#[derive(Clone, Copy, Debug)]
pub struct Choice<'a> {
    /// The nodes.
    pub manifest: &'a Manifest,
    /// Their edges.
    pub dag: &'a Dag,
    /// Which tests come along.
    pub indirect: IndirectSelection,
}

impl Choice<'_> {
    /// The chosen ids in the manifest's order: what `select` names (everything when it is empty), less what `exclude` names.
    /// A part that matches nothing is a warning.
    #[must_use]
    pub fn of(&self, select: &Selection, exclude: &Selection) -> (IndexSet<UniqueId>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let mut chosen =
            if select.is_empty() { self.everything().cloned().collect() } else { self.union(select, &mut diagnostics) };
        if !exclude.is_empty() {
            let excluded = self.union(exclude, &mut diagnostics);
            chosen.retain(|id| !excluded.contains(id));
        }
        let ordered = self.everything().filter(|id| chosen.contains(*id)).cloned().collect();
        (ordered, diagnostics)
    }

    fn everything(&self) -> impl Iterator<Item = &UniqueId> {
        self.manifest.sources.keys().chain(self.manifest.nodes.keys()).chain(self.manifest.exposures.keys())
    }

    fn union(&self, selection: &Selection, diagnostics: &mut Diagnostics) -> IndexSet<UniqueId> {
        let mut all = IndexSet::new();
        for intersection in selection.intersections() {
            // Tests come along with each term, so that `orders,test_type:generic` means the tests of `orders`.
            let mut parts = intersection.iter().map(|term| self.with_tests(self.term(term, diagnostics)));
            let mut common = parts.next().unwrap_or_default();
            for part in parts {
                common.retain(|id| part.contains(id));
            }
            all.extend(common);
        }
        all
    }

    fn term(&self, term: &Term, diagnostics: &mut Diagnostics) -> IndexSet<UniqueId> {
        let matched: IndexSet<UniqueId> =
            self.everything().filter(|id| term.method.matches(self.manifest, id)).cloned().collect();
        if matched.is_empty() {
            let message = format!("`{}` matches no node", term.text);
            let names = self.manifest.nodes.values().filter(|node| node.resource != ResourceType::Test);
            let names = names.map(|node| node.name.as_str());
            diagnostics.push(Diagnostic::warning(codes::SELECTOR_PART_EMPTY, message).suggest_near(&term.text, names));
        }
        let mut all = matched.clone();
        if let Some(reach) = term.parents {
            all.extend(self.dag.ancestors(&matched, reach));
        }
        if let Some(reach) = term.children {
            all.extend(self.dag.descendants(&matched, reach));
        }
        if term.childrens_parents {
            let children = self.dag.descendants(&matched, Reach::All);
            all.extend(self.dag.ancestors(&children, Reach::All));
            all.extend(children);
        }
        all
    }

    fn with_tests(&self, mut chosen: IndexSet<UniqueId>) -> IndexSet<UniqueId> {
        let mut tests = Vec::new();
        for node in self.manifest.nodes.values().filter(|node| node.resource == ResourceType::Test) {
            let mut parents = node.depends_on.iter();
            let comes_along = match self.indirect {
                IndirectSelection::Eager => parents.any(|parent| chosen.contains(parent)),
                IndirectSelection::Cautious => parents.len() > 0 && parents.all(|parent| chosen.contains(parent)),
                IndirectSelection::Empty => false,
            };
            if comes_along {
                tests.push(node.id.clone());
            }
        }
        chosen.extend(tests);
        chosen
    }
}
