//! Applying a selection to a graph.

use petgraph::Direction;

use super::set::Set;
use super::{ColumnGraph, Group, IndirectSelection, Method, Operation, Selection, Selectors, Term};
use crate::base::{HashSet, IndexSet};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::graph::member::{Member, members};
use crate::graph::state::Comparison;
use crate::graph::{Dag, Reach};
use crate::manifest::{Manifest, UniqueId};

/// What to choose from, and with what knowledge.
#[derive(Debug)]
pub struct Choice<'a> {
    manifest: &'a Manifest,
    dag: &'a Dag,
    members: Vec<Member<'a>>,
    selectors: &'a Selectors,
    comparison: Option<&'a Comparison<'a>>,
    columns: Option<&'a dyn ColumnGraph>,
}

/// What a selection chooses: by itself, and the tests that would come along if all that they read were chosen.
struct Chosen {
    direct: Set,
    indirect: Set,
}

impl<'a> Choice<'a> {
    /// A choice among the resources of a manifest.
    #[must_use]
    pub fn new(manifest: &'a Manifest, dag: &'a Dag, selectors: &'a Selectors) -> Self {
        Choice { manifest, dag, members: members(manifest), selectors, comparison: None, columns: None }
    }

    /// The same with an earlier state to compare with.
    #[must_use]
    pub fn with_state(self, comparison: Option<&'a Comparison<'a>>) -> Self {
        Choice { comparison, ..self }
    }

    /// The same with what is known of columns.
    #[must_use]
    pub fn with_columns(self, columns: Option<&'a dyn ColumnGraph>) -> Self {
        Choice { columns, ..self }
    }

    /// The chosen ids, sorted. A part that matches nothing is a warning; one that needs what is not known an error.
    #[must_use]
    pub fn of(&self, selection: &Selection) -> (IndexSet<UniqueId>, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let chosen = self.choose(selection, &mut diagnostics);
        let mut ids: Vec<&UniqueId> = chosen.direct.iter().map(|index| self.members[index].id).collect();
        ids.sort_unstable();
        (ids.into_iter().cloned().collect(), diagnostics)
    }

    fn none(&self) -> Set {
        Set::none(self.members.len())
    }

    fn choose(&self, selection: &Selection, diagnostics: &mut Diagnostics) -> Chosen {
        match selection {
            Selection::Term(term) => self.term(term, diagnostics),
            Selection::Group(group) => self.group(group, diagnostics),
        }
    }

    fn group(&self, group: &Group, diagnostics: &mut Diagnostics) -> Chosen {
        let parts: Vec<Chosen> = group.parts.iter().map(|part| self.choose(part, diagnostics)).collect();
        let combine = |sets: Vec<Set>| {
            let mut sets = sets.into_iter();
            let first = sets.next().unwrap_or_else(|| self.none());
            sets.fold(first, |all, next| match group.operation {
                Operation::Union => all.union(&next),
                Operation::Intersection => all.intersection(&next),
                Operation::Difference => all.difference(&next),
            })
        };
        let indirect = combine(parts.iter().map(|part| part.direct.clone().union(&part.indirect)).collect());
        let mut direct = combine(parts.into_iter().map(|part| part.direct).collect());
        self.incorporate(&mut direct, &indirect, group.indirect);
        if let Some(text) = group.text.as_ref().filter(|_| direct.is_empty() && !diagnostics.has_errors()) {
            diagnostics.push(self.matches_nothing(text));
        }
        Chosen { direct, indirect }
    }

    fn matches_nothing(&self, text: &str) -> Diagnostic {
        let message = format!("`{text}` matches no node");
        let names = self.members.iter().filter(|member| !member.is_test()).map(|member| member.name);
        Diagnostic::warning(codes::SELECTOR_PART_EMPTY, message).suggest_near(text, names)
    }

    /// Tests whose parents are all chosen only when the parts are put together.
    fn incorporate(&self, direct: &mut Set, indirect: &Set, mode: IndirectSelection) {
        let around = match mode {
            IndirectSelection::Cautious => direct.clone(),
            IndirectSelection::Buildable => {
                direct.clone().union(&self.reached(direct, Direction::Incoming, Reach::All))
            }
            IndirectSelection::Eager | IndirectSelection::Empty => return,
        };
        let complete: Vec<usize> = indirect
            .iter()
            .filter(|index| self.members[*index].node.is_some() && self.reads_only(*index, &around))
            .collect();
        direct.extend(complete);
    }

    fn reads_only(&self, index: usize, set: &Set) -> bool {
        self.dag.neighbours_of(index, Direction::Incoming).all(|parent| set.contains(parent))
    }

    fn reached(&self, from: &Set, direction: Direction, reach: Reach) -> Set {
        let mut found = self.none();
        let mut frontier: Vec<usize> = from.iter().collect();
        let mut steps = 0;
        while !frontier.is_empty() && reach != Reach::Steps(steps) {
            let neighbours = frontier.iter().flat_map(|index| self.dag.neighbours_of(*index, direction));
            frontier = neighbours.filter(|index| found.insert(*index)).collect();
            steps += 1;
        }
        found
    }

    fn term(&self, term: &Term, diagnostics: &mut Diagnostics) -> Chosen {
        if let Method::Selector(name) = &term.method {
            let is_bare = term.parents.is_none() && term.children.is_none() && !term.childrens_parents;
            if let Some(selection) = self.selectors.get(name).filter(|_| is_bare) {
                // The tests that come along are those that the selector says.
                return self.choose(selection, diagnostics);
            }
        }
        let matched = self.matched(term, diagnostics);
        let mut all = matched.clone();
        if term.childrens_parents {
            let children = self.reached(&matched, Direction::Outgoing, Reach::All).union(&matched);
            all = all.union(&self.reached(&children, Direction::Incoming, Reach::All)).union(&children);
        }
        if let Some(reach) = term.parents {
            all = all.union(&self.reached_by(&term.method, &matched, (Direction::Incoming, reach)));
        }
        if let Some(reach) = term.children {
            all = all.union(&self.reached_by(&term.method, &matched, (Direction::Outgoing, reach)));
        }
        self.with_tests(all, term.indirect)
    }

    /// What a term leads to: of a column that which is made of it.
    fn reached_by(&self, method: &Method, from: &Set, (direction, reach): (Direction, Reach)) -> Set {
        let (Method::Column(_, column), Some(columns)) = (method, self.columns) else {
            return self.reached(from, direction, reach);
        };
        let nodes = from.iter().map(|index| self.members[index].id);
        let ids: HashSet<UniqueId> = nodes.flat_map(|node| columns.reached(node, column, direction, reach)).collect();
        let mut found = self.none();
        found.extend(self.indices(|member| ids.contains(member.id)));
        found
    }

    fn matched(&self, term: &Term, diagnostics: &mut Diagnostics) -> Set {
        let mut found = self.none();
        match &term.method {
            Method::Selector(name) => match self.selectors.get(name) {
                Some(selection) => return self.choose(selection, diagnostics).direct,
                None => diagnostics.push(self.selectors.unknown(name)),
            },
            Method::State(_) | Method::Result(_) | Method::FresherSource => {
                let Some(comparison) = self.comparison else {
                    diagnostics.push(state_needed(&term.text));
                    return found;
                };
                let ids = match &term.method {
                    Method::State(kind) => comparison.in_state(*kind, self.manifest, diagnostics),
                    Method::Result(status) => comparison.with_status(status, diagnostics),
                    _ => comparison.fresher_sources(diagnostics),
                };
                found.extend(self.indices(|member| ids.contains(member.id.as_str())));
            }
            Method::Column(nodes, column) => {
                let Some(columns) = self.columns else {
                    let message = format!("`{}` is about columns, which nothing is known of", term.text);
                    diagnostics.push(Diagnostic::error(codes::SELECTOR_SYNTAX, message));
                    return found;
                };
                let is_meant = |member: &Member<'_>| {
                    nodes.matches(member, &self.manifest.project) && columns.has(member.id, column)
                };
                found.extend(self.indices(is_meant));
            }
            method => found.extend(self.indices(|member| method.matches(member, &self.manifest.project))),
        }
        found
    }

    fn indices(&self, condition: impl Fn(&Member<'_>) -> bool) -> impl Iterator<Item = usize> {
        self.members.iter().enumerate().filter_map(move |(index, member)| condition(member).then_some(index))
    }

    /// The chosen and the tests on them; those of which other parents are missing are kept apart.
    fn with_tests(&self, chosen: Set, mode: IndirectSelection) -> Chosen {
        let (mut direct, mut indirect) = (chosen.clone(), self.none());
        if mode == IndirectSelection::Empty {
            return Chosen { direct, indirect };
        }
        let around = match mode {
            IndirectSelection::Buildable => {
                let mut around = chosen.clone().union(&self.reached(&chosen, Direction::Incoming, Reach::All));
                around.extend(self.indices(|member| member.source.is_some()));
                around
            }
            _ => chosen.clone(),
        };
        for index in chosen.iter() {
            for reader in self.dag.neighbours_of(index, Direction::Outgoing) {
                if !self.members[reader].is_test() {
                    continue;
                }
                if mode == IndirectSelection::Eager || self.reads_only(reader, &around) {
                    direct.insert(reader);
                } else {
                    indirect.insert(reader);
                }
            }
        }
        Chosen { direct, indirect }
    }
}

fn state_needed(text: &str) -> Diagnostic {
    Diagnostic::error(codes::STATE_MISSING, format!("`{text}` compares with an earlier state, and none is named"))
        .help("`--state` names a folder with the artifacts of an earlier invocation")
}
