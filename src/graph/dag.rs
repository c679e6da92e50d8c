//! The graph itself, on petgraph.

use std::collections::hash_map::Entry;

use petgraph::Direction;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::Dfs;

use super::member::members;
use crate::base::{HashMap, IndexSet, quoted_list};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::manifest::{Manifest, UniqueId};

/// Nodes, sources and exposures; an edge leads from what is read to its reader.
#[derive(Clone, Debug, Default)]
pub struct Dag {
    graph: DiGraph<UniqueId, ()>,
    index: HashMap<UniqueId, NodeIndex>,
}

/// How far a walk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// To the end.
    All,
    /// This many edges.
    Steps(usize),
}

impl Dag {
    /// The graph of a manifest; each cycle is an error that names its whole path.
    #[must_use]
    pub fn new(manifest: &Manifest) -> (Self, Diagnostics) {
        let mut dag = Dag::default();
        let members = members(manifest);
        for member in &members {
            dag.index.insert(member.id.clone(), dag.graph.add_node(member.id.clone()));
        }
        for (member, to) in members.iter().zip(dag.graph.node_indices()) {
            for from in member.depends_on.iter().filter_map(|parent| dag.index.get(parent)) {
                dag.graph.update_edge(*from, to, ());
            }
        }
        let cycles = dag.cycles(manifest);
        (dag, cycles)
    }

    /// All ids, each after the ones it reads; ties in the manifest's order. Meaningless when there are cycles.
    #[must_use]
    pub fn order(&self) -> Vec<UniqueId> {
        let order = toposort(&self.graph, None).unwrap_or_default();
        order.into_iter().map(|index| self.graph[index].clone()).collect()
    }

    /// What a node reads.
    pub fn parents(&self, id: &UniqueId) -> impl Iterator<Item = &UniqueId> {
        self.neighbours(id, Direction::Incoming)
    }

    /// What reads a node.
    pub fn children(&self, id: &UniqueId) -> impl Iterator<Item = &UniqueId> {
        self.neighbours(id, Direction::Outgoing)
    }

    /// What these nodes read, directly or not; without the nodes themselves unless one reads another.
    #[must_use]
    pub fn ancestors<'a>(&self, ids: impl IntoIterator<Item = &'a UniqueId>, reach: Reach) -> IndexSet<UniqueId> {
        self.walk(ids, Direction::Incoming, reach)
    }

    /// What reads these nodes, directly or not.
    #[must_use]
    pub fn descendants<'a>(&self, ids: impl IntoIterator<Item = &'a UniqueId>, reach: Reach) -> IndexSet<UniqueId> {
        self.walk(ids, Direction::Outgoing, reach)
    }

    /// The nodes that all of `ids` lead to, without those that only others of them lead to: where something that concerns all of
    /// `ids` has to hold.
    #[must_use]
    pub fn first_behind_all(&self, ids: &[&UniqueId]) -> Vec<UniqueId> {
        if let [id] = ids {
            return self.children(id).cloned().collect();
        }
        let mut starts = ids.iter().filter_map(|id| self.index.get(*id));
        let Some(first) = starts.next() else { return Vec::new() };
        let mut behind = self.behind(*first);
        for start in starts {
            let other = self.behind(*start);
            behind.retain(|index| other.contains(index));
        }
        let is_first = |index: &&NodeIndex| {
            self.graph.neighbors_directed(**index, Direction::Incoming).any(|parent| !behind.contains(&parent))
        };
        behind.iter().filter(is_first).map(|index| self.graph[*index].clone()).collect()
    }

    fn behind(&self, start: NodeIndex) -> IndexSet<NodeIndex> {
        let mut walk = Dfs::new(&self.graph, start);
        let mut found = IndexSet::default();
        while let Some(index) = walk.next(&self.graph) {
            if index != start {
                found.insert(index);
            }
        }
        found
    }

    /// The neighbours of a member by its index; an index is the position in [`members`].
    pub(super) fn neighbours_of(&self, index: usize, direction: Direction) -> impl Iterator<Item = usize> {
        self.graph.neighbors_directed(NodeIndex::new(index), direction).map(NodeIndex::index)
    }

    fn neighbours(&self, id: &UniqueId, direction: Direction) -> impl Iterator<Item = &UniqueId> {
        let found: Vec<&UniqueId> = self.index.get(id).map_or_else(Vec::new, |index| {
            self.graph.neighbors_directed(*index, direction).map(|other| &self.graph[other]).collect()
        });
        // petgraph walks edges from the newest to the oldest.
        found.into_iter().rev()
    }

    fn walk<'a>(
        &self,
        ids: impl IntoIterator<Item = &'a UniqueId>,
        direction: Direction,
        reach: Reach,
    ) -> IndexSet<UniqueId> {
        let mut found = IndexSet::default();
        let mut frontier: Vec<UniqueId> = ids.into_iter().cloned().collect();
        let mut steps = 0;
        while !frontier.is_empty() && reach != Reach::Steps(steps) {
            let mut next = Vec::new();
            for id in &frontier {
                for other in self.neighbours(id, direction) {
                    if found.insert(other.clone()) {
                        next.push(other.clone());
                    }
                }
            }
            frontier = next;
            steps += 1;
        }
        found
    }

    fn cycles(&self, manifest: &Manifest) -> Diagnostics {
        let is_cycle = |component: &Vec<NodeIndex>| {
            component.len() > 1 || component.iter().any(|index| self.graph.contains_edge(*index, *index))
        };
        tarjan_scc(&self.graph).into_iter().filter(is_cycle).map(|component| self.cycle(manifest, &component)).collect()
    }

    /// One cycle of a strongly connected component, as a diagnostic.
    fn cycle(&self, manifest: &Manifest, component: &[NodeIndex]) -> Diagnostic {
        let path = self.shortest_cycle(component);
        let names: Vec<&str> = path.iter().map(|index| short_name(&self.graph[*index])).collect();
        let mut diagnostic = Diagnostic::error(codes::CYCLE, format!("the graph has a cycle: {}", names.join(" → ")));
        for (position, index) in path.iter().take(path.len().saturating_sub(1)).enumerate() {
            if let Some(node) = manifest.node(&self.graph[*index]) {
                diagnostic = diagnostic.label(node.span, format!("is read by `{}`", names[position + 1]));
            }
        }
        let others = component.len() + 1 - path.len();
        if others > 0 {
            let members: Vec<&str> = component.iter().map(|index| short_name(&self.graph[*index])).collect();
            diagnostic = diagnostic.note(format!("all nodes that are tangled with it: {}", quoted_list(&members)));
        }
        diagnostic
    }

    /// The shortest way from the component's first node (by name) back to itself, both ends included.
    fn shortest_cycle(&self, component: &[NodeIndex]) -> Vec<NodeIndex> {
        let Some(start) = component.iter().copied().min_by_key(|index| &self.graph[*index]) else { return Vec::new() };
        let mut came_from: HashMap<NodeIndex, NodeIndex> = HashMap::default();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            for next in self.graph.neighbors(at) {
                if next == start {
                    let mut path = vec![start, at];
                    while let Some(previous) = came_from.get(path.last().unwrap_or(&start)) {
                        path.push(*previous);
                    }
                    if at == start {
                        path.pop();
                        path.push(start);
                    }
                    path.reverse();
                    return path;
                }
                if let Entry::Vacant(unseen) = came_from.entry(next) {
                    unseen.insert(at);
                    queue.push_back(next);
                }
            }
        }
        vec![start]
    }
}

/// The last part of an id: what people call the node.
fn short_name(id: &UniqueId) -> &str {
    id.as_str().rsplit('.').next().unwrap_or_default()
}
