//! `cll/<shard>`: where the columns of nodes come from.

use std::ops::Range;

use serde::Serialize;

use super::Site;
use super::places::Places;
use crate::analyze::{Analyzed, EdgeKind};
use crate::base::IndexSet;
use crate::engine::analysis::{Analysis, ColumnRef};

#[derive(Default, Serialize)]
pub(super) struct Edges {
    kinds: IndexSet<&'static str>,
    edges: Vec<usize>,
    rows: Vec<usize>,
    expressions: Vec<(usize, usize, Vec<String>)>,
    unknown: Vec<(usize, String)>,
}

/// The edges that lead to the columns of the nodes at these places.
pub(super) fn edges(site: &Site<'_>, places: &Places<'_>, nodes: Range<usize>) -> Edges {
    let mut edges = Edges::default();
    for place in nodes {
        let member = places.member(place);
        match site.analyses.get(member.id) {
            Some(Analyzed::Query(analysis)) => edges.add(site, places, (place, analysis)),
            Some(Analyzed::Unchecked { why, .. }) => edges.unknown.push((place, why.clone())),
            Some(Analyzed::Wrong { error, .. }) => edges.unknown.push((place, error.message.clone())),
            Some(Analyzed::Data(_)) => {}
            None if matches!(member.kind, "model" | "snapshot") => {
                edges.unknown.push((place, "it was not analyzed".to_owned()));
            }
            None => {}
        }
    }
    edges
}

impl Edges {
    fn add(&mut self, site: &Site<'_>, places: &Places<'_>, (place, analysis): (usize, &Analysis)) {
        let read = |column: &ColumnRef, kind: EdgeKind| {
            let mut ends = Vec::new();
            ends_of(site, places, (column, kind), &mut ends, 0);
            ends.retain(|(from, ..)| *from != place);
            ends
        };
        let columns = analysis.columns.iter().zip(&analysis.expressions);
        for (field, (origins, expressions)) in analysis.schema.fields().iter().zip(columns) {
            let Some(to) = places.column(place, field.name()) else { continue };
            if site.shows_sql && !expressions.is_empty() {
                self.expressions.push((place, to, expressions.clone()));
            }
            let values = origins.values.iter().map(|(column, flow)| (column, EdgeKind::Flow(*flow)));
            let deciding =
                origins.influences.iter().map(|(column, influence)| (column, EdgeKind::Influence(*influence)));
            for (from, column, kind) in values.chain(deciding).flat_map(|(column, kind)| read(column, kind)) {
                let kind = self.kinds.insert_full(kind.as_str()).0;
                self.edges.extend([place, to, from, column, kind]);
            }
        }
        let deciding = analysis.influences.iter().map(|(column, influence)| (column, EdgeKind::Influence(*influence)));
        for (from, column, kind) in deciding.flat_map(|(column, kind)| read(column, kind)) {
            let kind = self.kinds.insert_full(kind.as_str()).0;
            self.rows.extend([place, from, column, kind]);
        }
    }
}

/// How many hidden nodes the way of a column may pass.
const HIDDEN: usize = 16;

/// The ends of an edge that begins at this column: itself, or where its node is hidden the columns that it is made of, and so on.
fn ends_of(
    site: &Site<'_>,
    places: &Places<'_>,
    (column, kind): (&ColumnRef, EdgeKind),
    ends: &mut Vec<(usize, usize, EdgeKind)>,
    passed: usize,
) {
    let Some(maker) = site.analyses.maker(&column.relation) else { return };
    if let Some(from) = places.place(maker) {
        ends.extend(places.column(from, &column.column).map(|column| (from, column, kind)));
        return;
    }
    let Some(Analyzed::Query(analysis)) = site.analyses.get(maker).filter(|_| passed < HIDDEN) else { return };
    let fields = analysis.schema.fields().iter().zip(&analysis.columns);
    let origins =
        fields.filter(|(field, _)| field.name().eq_ignore_ascii_case(&column.column)).map(|(_, origins)| origins);
    for (origin, flow) in origins.flat_map(|origins| &origins.values) {
        let kind = match kind {
            EdgeKind::Flow(step) => EdgeKind::Flow(step.max(*flow)),
            EdgeKind::Influence(_) => kind,
        };
        ends_of(site, places, (origin, kind), ends, passed + 1);
    }
}
