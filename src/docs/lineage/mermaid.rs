//! Lineage as a flowchart of Mermaid, which Git hosts and wikis draw.

use std::fmt::Write as _;

use super::{Shown, nodes, short};
use crate::analyze::ColumnId;

/// The edges that Mermaid draws at most unless it is told otherwise, by `maxEdges`.
pub const MOST_EDGES: usize = 500;

/// A flowchart: a box for each node, its columns in it. And how many edges it has.
#[must_use]
pub fn mermaid(shown: &Shown<'_>) -> (String, usize) {
    let edges = shown.edges();
    let columns = shown.with_ends(&edges);
    let mut chart = "flowchart LR\n".to_owned();
    for (at, node) in nodes(&columns).into_iter().enumerate() {
        let _ = writeln!(chart, "    subgraph n{at} [\"{}\"]", quoted(short(node)));
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.node == *node) {
            let _ = writeln!(chart, "        c{at}[\"{}\"]", quoted(&column.column));
        }
        chart.push_str("    end\n");
    }
    for edge in &edges {
        let place = |column: &ColumnId| columns.get_index_of(column).unwrap_or_default();
        let _ = writeln!(chart, "    c{} -->|{}| c{}", place(&edge.from), edge.kind.as_str(), place(&edge.to));
    }
    chart.truncate(chart.trim_end().len());
    (chart, edges.len())
}

/// A text of a flowchart: what Mermaid would read as something else is written by its number.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '#' | '"' | '<' | '>' | '&' | '`' | '*' | '~' => {
                let _ = write!(quoted, "#{};", u32::from(letter));
            }
            letter if letter.is_control() => quoted.push(' '),
            letter => quoted.push(letter),
        }
    }
    quoted
}
