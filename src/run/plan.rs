//! The order of a run: which of the chosen nodes wait for which.

use std::collections::VecDeque;

use crate::base::{HashMap, HashSet, IndexMap, IndexSet};
use crate::graph::{Dag, Reach};
use crate::manifest::{Manifest, ResourceType, UniqueId};

/// The nodes of a run with the nodes that each waits for.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    waits: IndexMap<UniqueId, IndexSet<UniqueId>>,
    /// The node that a test audits.
    audited: HashMap<UniqueId, UniqueId>,
    /// The tests that audit a node.
    audits: HashMap<UniqueId, IndexSet<UniqueId>>,
    /// The node that a data test reads, where it reads only one, be it part of the run or not.
    tested: HashMap<UniqueId, UniqueId>,
    /// The data tests that read only that node.
    tests_of: HashMap<UniqueId, IndexSet<UniqueId>>,
}

impl Plan {
    /// Plans the chosen nodes. A node waits for the chosen nodes that it reads, also through nodes that are not chosen; a unit test
    /// waits for what its model waits for. With `tests_block` a node also waits for the tests whose parents are all among its
    /// ancestors, and a model for its unit tests, which is dbt's rule for `build`; and every data test audits the last of its parents.
    #[must_use]
    pub fn new(manifest: &Manifest, dag: &Dag, chosen: &IndexSet<UniqueId>, tests_block: bool) -> Self {
        let mut nearest: HashMap<UniqueId, IndexSet<UniqueId>> = HashMap::default();
        let mut waits = IndexMap::default();
        let unit_tests = unit_tests(manifest);
        for id in dag.order() {
            let mut found = IndexSet::default();
            for parent in dag.parents(&id) {
                if chosen.contains(parent) && manifest.nodes.contains_key(parent) {
                    found.insert(parent.clone());
                } else {
                    found.extend(nearest.get(parent).into_iter().flatten().cloned());
                }
            }
            for test in unit_tests.get(&id).into_iter().flatten().filter(|test| chosen.contains(**test)) {
                waits.insert(UniqueId::clone(test), found.clone());
            }
            if chosen.contains(&id) && manifest.nodes.contains_key(&id) {
                waits.insert(id.clone(), found.clone());
            }
            nearest.insert(id, found);
        }
        let mut plan = Plan { waits, ..Plan::default() };
        plan.find_tests(manifest, dag);
        if tests_block {
            plan.find_audits(manifest, dag);
            plan.add_tests(manifest, dag, &unit_tests);
            plan.add_unit_tests(dag, &unit_tests);
        }
        plan
    }

    /// How many nodes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waits.len()
    }

    /// Whether there is nothing to run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    /// The nodes, each after the ones it reads.
    pub fn ids(&self) -> impl Iterator<Item = &UniqueId> {
        self.waits.keys()
    }

    /// What a node waits for.
    pub fn waits_for(&self, id: &UniqueId) -> impl Iterator<Item = &UniqueId> {
        self.waits.get(id).into_iter().flatten()
    }

    /// The node that a test audits.
    #[must_use]
    pub fn audited_by(&self, test: &UniqueId) -> Option<&UniqueId> {
        self.audited.get(test)
    }

    /// The tests that audit a node.
    #[must_use]
    pub fn audits(&self, node: &UniqueId) -> Option<&IndexSet<UniqueId>> {
        self.audits.get(node)
    }

    /// The one node that a data test reads, and the data tests that read only that one.
    pub(super) fn tests_beside(&self, test: &UniqueId) -> Option<(&UniqueId, &IndexSet<UniqueId>)> {
        let tested = self.tested.get(test)?;
        Some((tested, self.tests_of.get(tested)?))
    }

    /// Nodes that wait for each other in a circle, the first of them once more at the end. None of them could ever run.
    #[must_use]
    pub fn cycle(&self) -> Option<Vec<&UniqueId>> {
        let done: HashSet<UniqueId> = self.in_order().into_iter().collect();
        let first = self.ids().find(|id| !done.contains(*id))?;
        let mut path = vec![first];
        loop {
            let next = self.waits_for(path.last()?).find(|id| !done.contains(*id))?;
            if let Some(start) = path.iter().position(|id| *id == next) {
                path.drain(..start);
                path.push(next);
                return Some(path);
            }
            path.push(next);
        }
    }

    /// The nodes, each after all that it waits for.
    pub(super) fn in_order(&self) -> Vec<UniqueId> {
        let mut queue = self.queue();
        let mut order = Vec::with_capacity(self.len());
        while let Some(id) = queue.next() {
            queue.done(&id);
            order.push(id);
        }
        order
    }

    /// Starts working it off.
    pub(super) fn queue(&self) -> Queue {
        let mut readers: HashMap<UniqueId, Vec<UniqueId>> = HashMap::default();
        let mut missing = HashMap::default();
        let mut ready = Ready::default();
        for (id, waits) in &self.waits {
            for parent in waits {
                readers.entry(parent.clone()).or_default().push(id.clone());
            }
            if waits.is_empty() {
                ready.push(id.clone());
            } else {
                missing.insert(id.clone(), waits.len());
            }
        }
        Queue { readers, missing, ready }
    }

    /// Finds the last of the nodes that each test looks at. A test that also waits for a later one, behind a node that is not chosen, audits
    /// none: the later one may wait for the earlier.
    fn find_audits(&mut self, manifest: &Manifest, dag: &Dag) {
        for (test, waits) in &self.waits {
            if manifest.node(test).is_none_or(|node| node.resource != ResourceType::Test) {
                continue;
            }
            let last = waits.iter().filter_map(|id| self.waits.get_index_of(id)).max();
            let last = last.and_then(|at| self.waits.get_index(at)).map(|(id, _)| id);
            if let Some(audited) = last.filter(|last| dag.parents(test).any(|parent| parent == *last)) {
                self.audited.insert(test.clone(), audited.clone());
                self.audits.entry(audited.clone()).or_default().insert(test.clone());
            }
        }
    }

    /// Finds the tests that read one node alone.
    fn find_tests(&mut self, manifest: &Manifest, dag: &Dag) {
        let is_test = |id: &&UniqueId| manifest.node(id).is_some_and(|node| node.resource == ResourceType::Test);
        for test in self.waits.keys().filter(is_test) {
            let mut parents = dag.parents(test);
            if let (Some(tested), None) = (parents.next(), parents.next()) {
                self.tested.insert(test.clone(), tested.clone());
                self.tests_of.entry(tested.clone()).or_default().insert(test.clone());
            }
        }
    }

    /// Makes nodes wait for tests. It is enough to hold back the first nodes behind a test: the others wait for those.
    fn add_tests(&mut self, manifest: &Manifest, dag: &Dag, unit_tests: &UnitTests<'_>) {
        let is_test = |id: &UniqueId| manifest.node(id).is_some_and(|node| node.resource == ResourceType::Test);
        let tests: Vec<UniqueId> = self.waits.keys().filter(|id| is_test(id)).cloned().collect();
        for test in tests {
            let parents: Vec<&UniqueId> = dag.parents(&test).collect();
            let is_held = |id: &UniqueId| !is_test(id) && !manifest.unit_tests.contains_key(id);
            for id in dag.first_behind_all(&parents).into_iter().filter(is_held) {
                self.hold_back(dag, &id, (&test, &[]));
                // They run before their model does.
                for unit_test in unit_tests.get(&id).into_iter().flatten() {
                    if let Some(waits) = self.waits.get_mut(*unit_test) {
                        waits.insert(test.clone());
                    }
                }
            }
        }
    }

    /// Makes models wait for their unit tests.
    fn add_unit_tests(&mut self, dag: &Dag, unit_tests: &UnitTests<'_>) {
        for (model, tests) in unit_tests {
            for test in tests {
                if self.waits.contains_key(*test) {
                    self.hold_back(dag, model, (test, tests));
                }
            }
        }
    }

    /// Makes a node wait for a test; of a node that is not part of the run, the nodes behind it, but for the tests beside this one.
    fn hold_back(&mut self, dag: &Dag, id: &UniqueId, (test, beside): (&UniqueId, &[&UniqueId])) {
        if let Some(waits) = self.waits.get_mut(id) {
            waits.insert(test.clone());
            return;
        }
        for reader in dag.descendants([id], Reach::All) {
            if let Some(waits) = self.waits.get_mut(&reader).filter(|_| reader != *test && !beside.contains(&&reader)) {
                waits.insert(test.clone());
            }
        }
    }
}

/// The unit tests of each model.
type UnitTests<'m> = IndexMap<&'m UniqueId, Vec<&'m UniqueId>>;

fn unit_tests(manifest: &Manifest) -> UnitTests<'_> {
    let mut found = UnitTests::default();
    for (id, test) in &manifest.unit_tests {
        if let Some(model) = test.tested() {
            found.entry(model).or_default().push(id);
        }
    }
    found
}

/// The nodes that are still to run.
pub(super) struct Queue {
    readers: HashMap<UniqueId, Vec<UniqueId>>,
    missing: HashMap<UniqueId, usize>,
    ready: Ready,
}

/// The nodes that wait for nothing any more, in their order.
#[derive(Default)]
struct Ready {
    order: VecDeque<UniqueId>,
    /// Those of `order` that nobody has taken out of it.
    left: HashSet<UniqueId>,
}

impl Ready {
    fn push(&mut self, id: UniqueId) {
        self.left.insert(id.clone());
        self.order.push_back(id);
    }

    fn push_first(&mut self, id: UniqueId) {
        self.left.insert(id.clone());
        self.order.push_front(id);
    }

    fn pop(&mut self) -> Option<UniqueId> {
        while let Some(id) = self.order.pop_front() {
            if self.left.remove(&id) {
                return Some(id);
            }
        }
        None
    }
}

impl Queue {
    /// A node that waits for nothing any more.
    pub(super) fn next(&mut self) -> Option<UniqueId> {
        self.ready.pop()
    }

    /// Takes a node before its turn; says whether it was waiting for nothing but that.
    pub(super) fn take(&mut self, id: &UniqueId) -> bool {
        self.ready.left.remove(id)
    }

    /// Marks a node as ended, so that its readers come closer.
    pub(super) fn done(&mut self, id: &UniqueId) {
        let readers = self.readers.remove(id).unwrap_or_default();
        let ready: Vec<UniqueId> = readers.into_iter().filter(|reader| self.release(reader)).collect();
        ready.into_iter().for_each(|id| self.ready.push(id));
    }

    /// Marks a node as ended for its `audits` alone.
    pub(super) fn made(&mut self, id: &UniqueId, audits: &IndexSet<UniqueId>) {
        let readers = self.readers.remove(id).unwrap_or_default();
        let (audits, others): (Vec<_>, Vec<_>) = readers.into_iter().partition(|reader| audits.contains(reader));
        self.readers.insert(id.clone(), others);
        // They come next, so that few versions wait to be published.
        let ready: Vec<UniqueId> = audits.into_iter().filter(|audit| self.release(audit)).collect();
        ready.into_iter().rev().for_each(|audit| self.ready.push_first(audit));
    }

    /// Whether a node waits for nothing any more, now that one of those has ended.
    fn release(&mut self, reader: &UniqueId) -> bool {
        let Some(count) = self.missing.get_mut(reader) else { return false };
        *count -= 1;
        let is_ready = *count == 0;
        if is_ready {
            self.missing.remove(reader);
        }
        is_ready
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::manifest::UniqueId;

    impl Plan {
        /// A plan in which nodes of these names wait for others.
        pub(in crate::run) fn of_waits(waits: &[(&str, &[&str])]) -> Self {
            let id = |name: &&str| UniqueId::of(&[*name]);
            let waits = waits.iter().map(|(name, others)| (id(name), others.iter().map(id).collect()));
            Plan { waits: waits.collect(), ..Plan::default() }
        }
    }

    #[test]
    fn nodes_that_wait_for_each_other_are_found() {
        assert_eq!(Plan::of_waits(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])]).cycle(), None);
        let circular = Plan::of_waits(&[("a", &[]), ("d", &["c"]), ("b", &["a", "c"]), ("c", &["b"])]);
        let names = circular.cycle().map(|path| path.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(names, Some(vec!["c".to_owned(), "b".to_owned(), "c".to_owned()]));
    }
}
