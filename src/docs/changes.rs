//! How a project differs from an earlier state of it, written for those who review the change.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::base::{HashSet, counted};
use crate::graph::Dag;
use crate::graph::state::{Change, Changes, ColumnChange, Differing};
use crate::manifest::UniqueId;

/// The most nodes that the picture of a Markdown text shows: more are not readable, and Mermaid refuses many.
const MOST_DRAWN: usize = 60;

/// The differences in lines: what, then the columns.
#[must_use]
pub fn text(changes: &Changes) -> String {
    let mut text = String::new();
    for id in &changes.added {
        let _ = writeln!(text, "+ {id}");
    }
    for removed in &changes.removed {
        let breaks = if removed.breaking { " (breaking)" } else { "" };
        let _ = writeln!(text, "- {}{breaks}", removed.id);
    }
    for Differing { id, reasons, columns } in &changes.modified {
        let _ = writeln!(text, "~ {id}: {}", reasons.join(", "));
        text.push_str(&column_lines(columns.as_deref()));
    }
    for Differing { id, columns, .. } in changes.impacted.iter().filter(|impacted| !is_test(&impacted.id)) {
        let _ = writeln!(text, "> {id}");
        text.push_str(&column_lines(columns.as_deref()));
    }
    text.push_str(&summary(changes));
    text
}

/// The differences as a comment on a change: sums, what breaks, a picture of what is reached, and what to build.
#[must_use]
pub fn markdown(changes: &Changes, dag: &Dag) -> String {
    let mut text = format!("### {}\n", summary(changes));
    let gone = changes.removed.iter().filter(|removed| removed.breaking);
    let gone = gone.map(|removed| format!("- {} is gone\n", code(&removed.id)));
    let columns = breaking_columns(changes);
    let columns = columns.map(|(id, column)| format!("- {}: {}\n", code(id.as_str()), column_line(column)));
    let breaking: String = gone.chain(columns).collect();
    if !breaking.is_empty() {
        let _ = write!(text, "\n**Breaking:**\n\n{breaking}");
    }
    let impacted = changes.impacted.iter().map(|impacted| &impacted.id).filter(|id| !is_test(id));
    list(&mut text, "Added", changes.added.iter().map(|id| code(id.as_str())).collect());
    list(&mut text, "Impacted", impacted.map(|id| code(id.as_str())).collect());
    list(&mut text, "Removed", changes.removed.iter().map(|removed| code(&removed.id)).collect());
    let modified = changes
        .modified
        .iter()
        .map(|modified| format!("{} ({})", code(modified.id.as_str()), modified.reasons.join(", ")));
    list(&mut text, "Modified", modified.collect());
    text.push_str(&picture(changes, dag));
    if !(changes.added.is_empty() && changes.modified.is_empty()) {
        text.push_str("\nTo build what differs and what reads it: `transform build --select state:modified+ state:new+ --state …`\n");
    }
    text
}

/// The differences as an object of JSON.
#[must_use]
pub fn json(changes: &Changes) -> Json {
    let modified = changes
        .modified
        .iter()
        .map(|modified| json!({ "unique_id": modified.id, "reasons": modified.reasons, "columns": modified.columns }));
    let impacted =
        changes.impacted.iter().map(|impacted| json!({ "unique_id": impacted.id, "columns": impacted.columns }));
    let removed = changes
        .removed
        .iter()
        .map(|removed| json!({ "unique_id": removed.id, "name": removed.name, "breaking": removed.breaking }));
    json!({
        "base": { "name": changes.name, "generated_at": changes.generated },
        "added": changes.added,
        "removed": removed.collect::<Vec<_>>(),
        "modified": modified.collect::<Vec<_>>(),
        "impacted": impacted.collect::<Vec<_>>(),
    })
}

fn summary(changes: &Changes) -> String {
    let gone = changes.removed.iter().filter(|removed| removed.breaking).count();
    let breaking = gone + breaking_columns(changes).count();
    let mut parts = vec![
        format!("{} added", changes.added.len()),
        format!("{} removed", changes.removed.len()),
        format!("{} modified", changes.modified.len()),
        format!("{} impacted", changes.impacted.iter().filter(|impacted| !is_test(&impacted.id)).count()),
    ];
    let tests = changes.impacted.iter().filter(|impacted| is_test(&impacted.id)).count();
    if tests > 0 {
        parts.push(format!("{} to run again", counted(tests, "test")));
    }
    if breaking > 0 {
        parts.push(counted(breaking, "breaking change"));
    }
    parts.join(", ")
}

/// The columns that break those who read them, each with whose it is.
fn breaking_columns(changes: &Changes) -> impl Iterator<Item = (&UniqueId, &ColumnChange)> {
    let differing = changes.modified.iter().chain(&changes.impacted);
    let columns = differing.flat_map(|of| of.columns.iter().flatten().map(move |column| (&of.id, column)));
    columns.filter(|(_, column)| column.breaking)
}

fn column_lines(columns: Option<&[ColumnChange]>) -> String {
    match columns {
        Some(columns) => columns.iter().map(|column| format!("    {}\n", column_line(column))).collect(),
        None => "    its columns are not known, then or now\n".to_owned(),
    }
}

fn column_line(column: &ColumnChange) -> String {
    let breaks = if column.breaking { " (breaking)" } else { "" };
    let kind = |kind: &Option<String>| kind.as_deref().map_or_else(|| "unknown".to_owned(), inert);
    match column.change {
        Change::Added => format!("column {} is new: {}{breaks}", code(&column.name), kind(&column.to)),
        Change::Removed => format!("column {} is gone{breaks}", code(&column.name)),
        Change::Retyped => {
            format!("column {} was {} and is {}{breaks}", code(&column.name), kind(&column.from), kind(&column.to))
        }
    }
}

/// A section that is folded where it is long.
fn list(text: &mut String, title: &str, items: Vec<String>) {
    const SHORT: usize = 10;
    if items.is_empty() {
        return;
    }
    let lines: String = items.iter().map(|item| format!("- {item}\n")).collect();
    let _ = match items.len() > SHORT {
        true => write!(text, "\n<details><summary>{title}: {}</summary>\n\n{lines}\n</details>\n", items.len()),
        false => write!(text, "\n**{title}:**\n\n{lines}"),
    };
}

/// What differs and what it reaches, as a flowchart of Mermaid; nothing where that is too much to read.
fn picture(changes: &Changes, dag: &Dag) -> String {
    let modified = changes.modified.iter().map(|modified| &modified.id);
    let kinds = changes.added.iter().map(|id| (id, "added")).chain(modified.map(|id| (id, "modified")));
    let kinds: Vec<(&UniqueId, &str)> =
        kinds.chain(changes.impacted.iter().map(|impacted| (&impacted.id, "impacted"))).collect();
    let drawn: Vec<(&UniqueId, &str)> = kinds.into_iter().filter(|(id, _)| !is_test(id)).collect();
    if drawn.is_empty() || drawn.len() > MOST_DRAWN {
        return String::new();
    }
    let place = |id: &UniqueId| drawn.iter().position(|(known, _)| *known == id);
    let mut chart = "\n```mermaid\nflowchart LR\n".to_owned();
    for (at, (id, kind)) in drawn.iter().enumerate() {
        let name = id.as_str().splitn(3, '.').nth(2).unwrap_or(id.as_str());
        let _ = writeln!(chart, "  n{at}[\"{}\"]:::{kind}", name.replace(['"', '\n', '<', '>'], " "));
    }
    let mut edges = HashSet::default();
    for (to, (id, _)) in drawn.iter().enumerate() {
        for from in dag.parents(id).filter_map(place) {
            if edges.insert((from, to)) {
                let _ = writeln!(chart, "  n{from} --> n{to}");
            }
        }
    }
    chart.push_str("  classDef added stroke:#1a7f37\n  classDef modified stroke:#bf8700\n  classDef impacted stroke-dasharray:4\n```\n");
    chart
}

fn is_test(id: &UniqueId) -> bool {
    ["test.", "unit_test."].iter().any(|kind| id.as_str().starts_with(kind))
}

/// A name as code, whatever is in it.
fn code(name: &str) -> String {
    format!("`{}`", name.replace(['`', '\n'], "'"))
}

/// A type as text in which nothing is markup.
fn inert(text: &str) -> String {
    text.replace(['<', '>', '`', '[', ']', '@', '\n'], " ")
}
