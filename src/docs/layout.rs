//! Where the boxes of a graph stand when it is drawn: in columns from left to right, each right of those that lead to it.

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;

/// How far columns are apart, where the edges are drawn, and boxes in a column: in pixels.
const GAP: f64 = 96.0;
const SPACING: f64 = 24.0;

/// In graphs of more boxes than this, neighbours are not tried the other way round once more, to have fewer crossings.
const MANY: usize = 400;

/// The size of a box in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    /// From left to right.
    pub(super) width: f64,
    /// From top to bottom.
    pub(super) height: f64,
}

/// The corner of a box at its left and top, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Corner {
    /// From the left.
    pub(super) x: f64,
    /// From the top.
    pub(super) y: f64,
}

/// The corners of boxes of these sizes, and the size of the whole. An edge leads from one box to another by their places; there are no
/// ways round in a circle. Parts that no edge joins stand below each other. The same boxes always stand in the same places.
#[must_use]
pub(super) fn layered(sizes: &[Size], edges: &[(usize, usize)]) -> (Vec<Corner>, Size) {
    // The library's layers lie below each other: what is height there is width here.
    let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let boxes: Vec<_> =
        sizes.iter().enumerate().map(|(at, size)| (place(at), (size.height + SPACING, size.width + GAP))).collect();
    let known = |(from, to): &&(usize, usize)| *from < sizes.len() && *to < sizes.len() && from != to;
    let edges: Vec<_> = edges.iter().filter(known).map(|(from, to)| (place(*from), place(*to))).collect();
    // The library's own rule makes edges shorter, but goes round in circles over some graphs, for ever.
    let ranking_type = RankingType::Original;
    let config = Config { vertex_spacing: 0.0, ranking_type, transpose: boxes.len() <= MANY, ..Config::default() };
    let mut parts = from_vertices_and_edges(&boxes, &edges, &config);
    parts.sort_by_key(|(part, ..)| part.iter().map(|(at, _)| *at).min());
    let mut corners = vec![Corner::default(); sizes.len()];
    let mut whole = Size { width: 0.0, height: 0.0 };
    for (part, ..) in parts {
        let corner = |at: usize, (across, along): (f64, f64)| {
            let size = sizes[at];
            // The library tells the middle of each box.
            Corner { x: along - size.width / 2.0, y: across - size.height / 2.0 }
        };
        let placed: Vec<(usize, Corner)> = part.into_iter().map(|(at, middle)| (at, corner(at, middle))).collect();
        let least = |of: fn(&Corner) -> f64| placed.iter().map(|(_, corner)| of(corner)).fold(f64::INFINITY, f64::min);
        let (left, top, below) = (least(|corner| corner.x), least(|corner| corner.y), whole.height);
        for (at, corner) in placed {
            let corner = Corner { x: (corner.x - left).round(), y: (corner.y - top + below).round() };
            whole.width = whole.width.max(corner.x + sizes[at].width);
            whole.height = whole.height.max(corner.y + sizes[at].height);
            corners[at] = corner;
        }
        whole.height += SPACING;
    }
    whole.height -= SPACING;
    (corners, whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn overlap(one: (&Corner, &Size), other: (&Corner, &Size)) -> bool {
        let (first, second) = (one, other);
        let is_beside = |a: (&Corner, &Size), b: (&Corner, &Size)| a.0.x + a.1.width <= b.0.x;
        let is_above = |a: (&Corner, &Size), b: (&Corner, &Size)| a.0.y + a.1.height <= b.0.y;
        !(is_beside(first, second) || is_beside(second, first) || is_above(first, second) || is_above(second, first))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn boxes_stand_apart_and_edges_lead_to_the_right(
            heights in prop::collection::vec(1_u8..9, 1..40),
            edges in prop::collection::vec((0_usize..40, 0_usize..40), 0..80),
        ) {
            let size = |lines: &u8| Size { width: 80.0 + 3.0 * f64::from(*lines), height: 20.0 * f64::from(*lines) };
            let sizes: Vec<Size> = heights.iter().map(size).collect();
            let forward = |(from, to): (usize, usize)| (from.min(to), from.max(to));
            let edges: Vec<_> = edges.into_iter().map(forward).filter(|(from, to)| from != to && *to < sizes.len()).collect();
            let (corners, whole) = layered(&sizes, &edges);
            prop_assert_eq!(&(corners.clone(), whole), &layered(&sizes, &edges));
            for (at, corner) in corners.iter().enumerate() {
                prop_assert!(corner.x >= 0.0 && corner.x + sizes[at].width <= whole.width);
                prop_assert!(corner.y >= 0.0 && corner.y + sizes[at].height <= whole.height);
                for other in 0..at {
                    prop_assert!(!overlap((corner, &sizes[at]), (&corners[other], &sizes[other])), "{at} and {other}");
                }
            }
            for (from, to) in edges {
                prop_assert!(corners[from].x + sizes[from].width < corners[to].x, "{from} to {to}");
            }
        }
    }

    #[test]
    fn a_thousand_boxes_are_no_trouble() {
        let sizes = vec![Size { width: 120.0, height: 60.0 }; 1_000];
        let edges: Vec<_> =
            (1..1_000).flat_map(|to| [(to / 2, to), (to / 3, to)]).filter(|(from, to)| from != to).collect();
        let (corners, _) = layered(&sizes, &edges);
        assert_eq!(corners.len(), 1_000);
    }
}
