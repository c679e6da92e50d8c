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
        let read = |column: &ColumnRef| {
            let from = places.place(site.analyses.maker(&column.relation)?).filter(|from| *from != place)?;
            Some((from, places.column(from, &column.column)?))
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
            for (column, kind) in values.chain(deciding) {
                let Some((from, column)) = read(column) else { continue };
                let kind = self.kinds.insert_full(kind.as_str()).0;
                self.edges.extend([place, to, from, column, kind]);
            }
        }
        for (column, influence) in &analysis.influences {
            let Some((from, column)) = read(column) else { continue };
            let kind = self.kinds.insert_full(influence.as_str()).0;
            self.rows.extend([place, from, column, kind]);
        }
    }
}
