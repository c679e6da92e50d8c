//! `diff`: how the project differs from an earlier state of it.

use serde::Serialize;

use super::places::Places;
use crate::graph::state::{Changes, ColumnChange, Differing, Removed};

#[derive(Serialize)]
pub(super) struct Diff<'a> {
    base: Base<'a>,
    added: Vec<usize>,
    removed: Vec<Gone<'a>>,
    modified: Vec<Placed<'a>>,
    impacted: Vec<Placed<'a>>,
}

#[derive(Serialize)]
struct Base<'a> {
    generated: Option<&'a str>,
    name: &'a str,
}

#[derive(Serialize)]
struct Gone<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'a str,
    breaking: bool,
}

#[derive(Serialize)]
struct Placed<'a> {
    node: usize,
    reasons: &'a [&'static str],
    columns: Option<&'a [ColumnChange]>,
}

/// The differences between nodes that have pages.
pub(super) fn diff<'a>(changes: &'a Changes, places: &Places<'_>) -> Diff<'a> {
    let removed = changes.removed.iter().filter(|removed| !matches!(removed.kind.as_str(), "test" | "unit_test"));
    let removed = removed.map(|Removed { id, name, kind, breaking }| Gone { id, name, kind, breaking: *breaking });
    let differing = |all: &'a [Differing]| {
        let placed = all.iter().filter_map(|Differing { id, reasons, columns }| {
            Some(Placed { node: places.place(id)?, reasons, columns: columns.as_deref() })
        });
        placed.collect()
    };
    Diff {
        base: Base { generated: changes.generated.as_deref(), name: &changes.name },
        added: changes.added.iter().filter_map(|id| places.place(id)).collect(),
        removed: removed.collect(),
        modified: differing(&changes.modified),
        impacted: differing(&changes.impacted),
    }
}
