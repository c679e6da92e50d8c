//! Lineage as a flowchart of Mermaid, which Git hosts and wikis draw.

use std::fmt::Write as _;

use super::{Shown, short};
use crate::analyze::ColumnId;
use crate::base::HashMap;

/// The edges that Mermaid draws at most unless it is told otherwise, by `maxEdges`.
pub const MOST_EDGES: usize = 500;

/// A flowchart: a box for each node, its columns in it. And how many edges it has.
#[must_use]
pub fn mermaid(shown: &Shown<'_>) -> (String, usize) {
    let edges = shown.edges();
    let nodes = shown.nodes(&edges);
    let places: HashMap<&ColumnId, usize> =
        nodes.values().flatten().enumerate().map(|(at, column)| (*column, at)).collect();
    let place = |column: &ColumnId| places.get(column).copied().unwrap_or_default();
    let mut chart = "flowchart LR\n".to_owned();
    for (at, (node, columns)) in nodes.iter().enumerate() {
        let _ = writeln!(chart, "    subgraph n{at} [\"{}\"]", quoted(short(node)));
        for column in columns {
            let _ = writeln!(chart, "        c{}[\"{}\"]", place(column), quoted(&column.column));
        }
        chart.push_str("    end\n");
    }
    for edge in &edges {
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
