//! Lineage as a graph of Graphviz.

use std::fmt::Write as _;

use super::{Shown, short};
use crate::analyze::ColumnId;

/// A cluster for each node, its columns in it.
#[must_use]
pub fn dot(shown: &Shown<'_>) -> String {
    let edges = shown.edges();
    let mut graph = "digraph lineage {\n    rankdir=LR;\n    node [shape=box];\n".to_owned();
    for (at, (node, columns)) in shown.nodes(&edges).into_iter().enumerate() {
        let _ = writeln!(graph, "    subgraph cluster_{at} {{\n        label={};", quoted(short(node)));
        for column in columns {
            let _ = writeln!(graph, "        {} [label={}];", quoted(&full(column)), quoted(&column.column));
        }
        graph.push_str("    }\n");
    }
    for edge in edges {
        let (from, to) = (quoted(&full(&edge.from)), quoted(&full(&edge.to)));
        let _ = writeln!(graph, "    {from} -> {to} [label={}];", quoted(edge.kind.as_str()));
    }
    graph.push('}');
    graph
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace(char::is_control, " "))
}

fn full(column: &ColumnId) -> String {
    format!("{}.{}", column.node, column.column)
}
