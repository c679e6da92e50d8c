//! The lineage of columns, written in the formats that people and tools read.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::analyze::{ColumnId, Direction, Edge, Lineage};
use crate::base::IndexSet;
use crate::manifest::UniqueId;

/// What is written: the columns that were asked for, and the edges that lead from them.
#[derive(Debug)]
pub struct Shown<'a> {
    /// The graph that the edges are of.
    pub lineage: &'a Lineage,
    /// The columns that were asked for, with their types where they are known.
    pub columns: Vec<(ColumnId, Option<String>)>,
    /// Where the edges lead to.
    pub direction: Direction,
    /// How many of them follow each other at most.
    pub depth: usize,
}

impl Shown<'_> {
    fn edges(&self) -> Vec<&Edge> {
        let columns: Vec<ColumnId> = self.columns.iter().map(|(column, _)| column.clone()).collect();
        self.lineage.reached(&columns, self.direction, self.depth)
    }
}

/// A tree below each column. What stands above already is not followed again.
#[must_use]
pub fn text(shown: &Shown<'_>) -> String {
    let mut text = String::new();
    let mut seen = IndexSet::default();
    for (column, data_type) in &shown.columns {
        let data_type = data_type.as_deref().map(|data_type| format!(" {data_type}")).unwrap_or_default();
        let _ = writeln!(text, "{}{data_type}", name(column));
        branches(shown, column, 1, &mut seen, &mut text);
    }
    text.truncate(text.trim_end().len());
    text
}

fn branches<'a>(
    shown: &Shown<'a>,
    column: &ColumnId,
    level: usize,
    seen: &mut IndexSet<&'a ColumnId>,
    text: &mut String,
) {
    if level > shown.depth {
        return;
    }
    let arrow = if shown.direction == Direction::Upstream { "←" } else { "→" };
    for edge in shown.lineage.of(column, shown.direction) {
        let next = edge.end(shown.direction);
        let leads_on = level < shown.depth && shown.lineage.of(next, shown.direction).next().is_some();
        let is_new = leads_on && seen.insert(next);
        let above = if leads_on && !is_new { " …" } else { "" };
        let _ = writeln!(text, "{}{arrow} {} ({}){above}", "  ".repeat(level), name(next), edge.kind.as_str());
        if is_new {
            branches(shown, next, level + 1, seen, text);
        }
    }
}

/// The columns and the edges as lists of objects.
#[must_use]
pub fn json(shown: &Shown<'_>) -> Json {
    let end = |column: &ColumnId| json!({ "unique_id": column.node, "column": column.column });
    let columns = shown.columns.iter().map(
        |(column, data_type)| json!({ "unique_id": column.node, "column": column.column, "data_type": data_type }),
    );
    let edges = shown
        .edges()
        .into_iter()
        .map(|edge| json!({ "from": end(&edge.from), "to": end(&edge.to), "kind": edge.kind.as_str() }));
    json!({ "columns": columns.collect::<Vec<_>>(), "edges": edges.collect::<Vec<_>>() })
}

/// A line for each edge, below one of titles.
///
/// # Errors
/// Never, for it is written to memory.
pub fn csv(shown: &Shown<'_>) -> Result<String, csv::Error> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    lines.write_record(["from_id", "from_column", "to_id", "to_column", "kind"])?;
    for Edge { from, to, kind } in shown.edges() {
        lines.write_record([from.node.as_str(), &from.column, to.node.as_str(), &to.column, kind.as_str()])?;
    }
    let bytes = lines.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// A flowchart of Mermaid: a box for each node, its columns in it.
#[must_use]
pub fn mermaid(shown: &Shown<'_>) -> String {
    let edges = shown.edges();
    let columns = columns(shown, &edges);
    let mut chart = "flowchart LR\n".to_owned();
    for (at, node) in nodes(&columns).into_iter().enumerate() {
        let _ = writeln!(chart, "    subgraph n{at} [\"{}\"]", quoted(short(node)));
        for (at, column) in columns.iter().enumerate().filter(|(_, column)| column.node == *node) {
            let _ = writeln!(chart, "        c{at}[\"{}\"]", quoted(&column.column));
        }
        chart.push_str("    end\n");
    }
    for edge in edges {
        let place = |column: &ColumnId| columns.get_index_of(column).unwrap_or_default();
        let _ = writeln!(chart, "    c{} -->|{}| c{}", place(&edge.from), edge.kind.as_str(), place(&edge.to));
    }
    chart.trim_end().to_owned()
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

/// A graph of Graphviz: a record for each node, its columns in it.
#[must_use]
pub fn dot(shown: &Shown<'_>) -> String {
    let edges = shown.edges();
    let columns = columns(shown, &edges);
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut graph = "digraph lineage {\n    rankdir=LR;\n    node [shape=box];\n".to_owned();
    for (at, node) in nodes(&columns).into_iter().enumerate() {
        let _ = writeln!(graph, "    subgraph cluster_{at} {{\n        label={};", quoted(short(node)));
        for column in columns.iter().filter(|column| column.node == *node) {
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

/// The columns that are asked for and those of the edges.
fn columns<'a>(shown: &'a Shown<'_>, edges: &[&'a Edge]) -> IndexSet<&'a ColumnId> {
    let asked = shown.columns.iter().map(|(column, _)| column);
    asked.chain(edges.iter().flat_map(|edge| [&edge.from, &edge.to])).collect()
}

fn nodes<'a>(columns: &IndexSet<&'a ColumnId>) -> IndexSet<&'a UniqueId> {
    columns.iter().map(|column| &column.node).collect()
}

/// The node's name and the column's, in one line.
fn name(column: &ColumnId) -> String {
    format!("{}.{}", short(&column.node), column.column).replace(char::is_control, " ")
}

fn full(column: &ColumnId) -> String {
    format!("{}.{}", column.node, column.column)
}

/// What an id says besides the kind and the package: the model's name with its version, the source's with its table.
fn short(id: &UniqueId) -> &str {
    id.as_str().splitn(3, '.').nth(2).unwrap_or(id.as_str())
}
