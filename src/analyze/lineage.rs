//! The columns of the project as a graph: what each is made of, and what is made of it.

use std::collections::VecDeque;

use super::{Analyses, Analyzed};
use crate::base::{HashMap, IndexSet};
use crate::engine::analysis::{Flow, Influence};
use crate::manifest::UniqueId;

/// A column of a node or source.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnId {
    /// The node or source.
    pub node: UniqueId,
    /// The column.
    pub column: String,
}

/// What a column has to do with another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Edge {
    /// The column that is read.
    pub from: ColumnId,
    /// The column that is made.
    pub to: ColumnId,
    /// How.
    pub kind: EdgeKind,
}

/// Where a way ends, and what becomes of values on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct End<'a> {
    column: &'a ColumnId,
    kind: EdgeKind,
}

/// The kinds of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// Values become values.
    Flow(Flow),
    /// Values decide about values.
    Influence(Influence),
}

impl EdgeKind {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            EdgeKind::Flow(flow) => flow.as_str(),
            EdgeKind::Influence(influence) => influence.as_str(),
        }
    }

    /// The kind of two edges in a row, of which this one is the nearer.
    fn behind(self, farther: EdgeKind) -> EdgeKind {
        match (self, farther) {
            (EdgeKind::Flow(one), EdgeKind::Flow(other)) => EdgeKind::Flow(one.max(other)),
            (_, EdgeKind::Influence(_)) => farther,
            (EdgeKind::Influence(_), EdgeKind::Flow(_)) => self,
        }
    }
}

impl Edge {
    /// The column at the far end, seen from the one that is followed in this direction.
    #[must_use]
    pub fn end(&self, direction: Direction) -> &ColumnId {
        match direction {
            Direction::Upstream => &self.from,
            Direction::Downstream => &self.to,
        }
    }
}

/// Towards what a column is made of, or towards what is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// What it is made of.
    Upstream,
    /// What is made of it.
    Downstream,
}

/// The edges between the columns of analyzed nodes.
#[derive(Clone, Debug, Default)]
pub struct Lineage {
    edges: Vec<Edge>,
    /// The edges of a column by their index: those that lead to it, and those that lead away.
    upstream: HashMap<ColumnId, Vec<usize>>,
    downstream: HashMap<ColumnId, Vec<usize>>,
}

impl Lineage {
    /// The edges of all analyses; those of influence too, if they are asked for.
    #[must_use]
    pub fn new(analyses: &Analyses, with_influences: bool) -> Self {
        let mut lineage = Lineage::default();
        for (id, analyzed) in analyses.iter() {
            let Analyzed::Query(analysis) = analyzed else { continue };
            for (field, origins) in analysis.schema.fields().iter().zip(&analysis.columns) {
                let to = ColumnId { node: id.clone(), column: field.name().clone() };
                let values = origins.values.iter().map(|(column, flow)| (column, EdgeKind::Flow(*flow)));
                let deciding = origins.influences.iter().chain(&analysis.influences).filter(|_| with_influences);
                let deciding = deciding.map(|(column, influence)| (column, EdgeKind::Influence(*influence)));
                for (column, kind) in values.chain(deciding) {
                    let Some(node) = analyses.maker(&column.relation).filter(|node| *node != id) else { continue };
                    let from = ColumnId { node: node.clone(), column: column.column.clone() };
                    lineage.add(Edge { from, to: to.clone(), kind });
                }
            }
        }
        lineage
    }

    fn add(&mut self, edge: Edge) {
        let at = self.edges.len();
        self.upstream.entry(edge.to.clone()).or_default().push(at);
        self.downstream.entry(edge.from.clone()).or_default().push(at);
        self.edges.push(edge);
    }

    /// The edges of one column, in the order in which they were found.
    pub fn of(&self, column: &ColumnId, direction: Direction) -> impl Iterator<Item = &Edge> {
        let edges = match direction {
            Direction::Upstream => self.upstream.get(column),
            Direction::Downstream => self.downstream.get(column),
        };
        edges.into_iter().flatten().filter_map(|at| self.edges.get(*at))
    }

    /// The ways from these columns, each as one edge: to where it ends, at a column that is made of no other, or of which none is made. What
    /// becomes of a value on the way is told by the step that changes it most; what only decides about one stays that.
    #[must_use]
    pub fn ends(&self, columns: &[ColumnId], direction: Direction) -> Lineage {
        let mut known: HashMap<&ColumnId, IndexSet<End<'_>>> = HashMap::default();
        let mut ends = Lineage::default();
        for column in columns {
            // A column is settled when all that follow it are: each is gone through once, whoever asks for it.
            let mut waiting: Vec<(&ColumnId, bool)> = vec![(column, false)];
            while let Some((at, is_followed)) = waiting.pop() {
                if known.contains_key(at) {
                    continue;
                }
                if is_followed {
                    let settled = self.settled(at, direction, &known);
                    known.insert(at, settled);
                } else {
                    waiting.push((at, true));
                    waiting.extend(self.of(at, direction).map(|edge| (edge.end(direction), false)));
                }
            }
            for End { column: end, kind } in known.get(column).into_iter().flatten() {
                let (from, to) = match direction {
                    Direction::Upstream => (*end, column),
                    Direction::Downstream => (column, *end),
                };
                ends.add(Edge { from: from.clone(), to: to.clone(), kind: *kind });
            }
        }
        ends
    }

    /// The ends of the ways from a column, from those of the columns that follow it.
    fn settled<'a>(
        &'a self,
        column: &ColumnId,
        direction: Direction,
        known: &HashMap<&'a ColumnId, IndexSet<End<'a>>>,
    ) -> IndexSet<End<'a>> {
        let mut ends = IndexSet::default();
        for edge in self.of(column, direction) {
            let next = edge.end(direction);
            match known.get(next).filter(|behind| !behind.is_empty()) {
                None => _ = ends.insert(End { column: next, kind: edge.kind }),
                Some(behind) => {
                    ends.extend(behind.iter().map(|end| End { kind: edge.kind.behind(end.kind), ..*end }));
                }
            }
        }
        ends
    }

    /// The edges on the ways that lead from these columns, up to so many edges long; each once, the nearest first.
    #[must_use]
    pub fn reached(&self, columns: &[ColumnId], direction: Direction, depth: usize) -> Vec<&Edge> {
        let mut seen: IndexSet<&ColumnId> = columns.iter().collect();
        let mut waiting: VecDeque<(&ColumnId, usize)> = columns.iter().map(|column| (column, 0)).collect();
        let mut reached = Vec::new();
        while let Some((column, steps)) = waiting.pop_front() {
            if steps == depth {
                continue;
            }
            for edge in self.of(column, direction) {
                reached.push(edge);
                let next = edge.end(direction);
                if seen.insert(next) {
                    waiting.push_back((next, steps + 1));
                }
            }
        }
        reached
    }
}
