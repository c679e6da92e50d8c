//! `diff`: how the project differs from an earlier state of it.

use serde::Serialize;

use super::places::Places;
use crate::graph::state::{Changes, ColumnChange};

#[derive(Serialize)]
pub(super) struct Diff<'a> {
    base: Base<'a>,
    added: Vec<usize>,
    removed: Vec<Removed<'a>>,
    modified: Vec<Modified<'a>>,
    impacted: Vec<usize>,
}

#[derive(Serialize)]
struct Base<'a> {
    generated: Option<&'a str>,
    name: &'a str,
}

#[derive(Serialize)]
struct Removed<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'a str,
}

#[derive(Serialize)]
struct Modified<'a> {
    node: usize,
    reasons: &'a [&'static str],
    columns: &'a [ColumnChange],
}

/// The differences between nodes that have pages.
pub(super) fn diff<'a>(changes: &'a Changes, places: &Places<'_>) -> Diff<'a> {
    let removed = changes.removed.iter().filter(|removed| !matches!(removed.kind.as_str(), "test" | "unit_test"));
    let modified = changes.modified.iter().filter_map(|modified| {
        let node = places.place(&modified.id)?;
        Some(Modified { node, reasons: &modified.reasons, columns: &modified.columns })
    });
    Diff {
        base: Base { generated: changes.generated.as_deref(), name: &changes.name },
        added: changes.added.iter().filter_map(|id| places.place(id)).collect(),
        removed: removed.map(|removed| Removed { id: &removed.id, name: &removed.name, kind: &removed.kind }).collect(),
        modified: modified.collect(),
        impacted: changes.impacted.iter().filter_map(|id| places.place(id)).collect(),
    }
}
