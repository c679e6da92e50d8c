//! The lineage of columns, written in the formats that people and tools read: a file for each.

mod csv;
mod dot;
mod json;
mod mermaid;
mod svg;
mod text;

pub use self::csv::csv;
pub use self::dot::dot;
pub use self::json::json;
pub use self::mermaid::{MOST_EDGES, mermaid};
pub use self::svg::svg;
pub use self::text::text;
use crate::analyze::{ColumnId, Direction, Edge, Facts, Lineage};
use crate::base::{IndexMap, IndexSet};
use crate::manifest::UniqueId;

/// What is written: the columns that were asked for, and the edges that lead from them.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The graph that the edges are of.
    pub lineage: &'a Lineage,
    /// The columns that were asked for.
    pub columns: Vec<ShownColumn<'a>>,
    /// Where the edges lead to.
    pub direction: Direction,
    /// How many of them follow each other at most.
    pub depth: usize,
}

/// A column that was asked for.
#[derive(Clone, Debug)]
pub struct ShownColumn<'a> {
    /// Which.
    pub id: ColumnId,
    /// What the engine's users call its type, where that is known.
    pub data_type: Option<String>,
    /// What the project says of it.
    pub facts: Option<&'a Facts>,
}

impl Shown<'_> {
    /// The edges on all the ways, each once.
    fn edges(&self) -> Vec<&Edge> {
        let columns: Vec<ColumnId> = self.columns.iter().map(|column| column.id.clone()).collect();
        self.lineage.reached(&columns, self.direction, self.depth)
    }

    /// The nodes of what is shown, each with its columns: those that are asked for and those of the edges.
    fn nodes<'a>(&'a self, edges: &[&'a Edge]) -> IndexMap<&'a UniqueId, Vec<&'a ColumnId>> {
        let asked = self.columns.iter().map(|column| &column.id);
        let columns: IndexSet<&ColumnId> = asked.chain(edges.iter().flat_map(|edge| [&edge.from, &edge.to])).collect();
        let mut nodes: IndexMap<&UniqueId, Vec<&ColumnId>> = IndexMap::default();
        for column in columns {
            nodes.entry(&column.node).or_default().push(column);
        }
        nodes
    }
}

/// The node's name and the column's, in one line.
fn name(column: &ColumnId) -> String {
    format!("{}.{}", short(&column.node), column.column).replace(char::is_control, " ")
}

/// What an id says besides the kind and the package: the model's name with its version, the source's with its table.
fn short(id: &UniqueId) -> &str {
    id.as_str().splitn(3, '.').nth(2).unwrap_or(id.as_str())
}
