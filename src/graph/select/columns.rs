//! Columns as a graph, for selections by them.

use std::fmt;

use petgraph::Direction;

use crate::graph::Reach;
use crate::manifest::UniqueId;

/// Which columns are made of which. It is known on a floor above, where SQL is understood.
pub trait ColumnGraph: fmt::Debug + Sync {
    /// Whether a node or source has a column of this name.
    fn has(&self, node: &UniqueId, column: &str) -> bool;

    /// The nodes and sources that a column is made of ([`Direction::Incoming`]) or that are made of it, so many steps away.
    fn reached(&self, node: &UniqueId, column: &str, direction: Direction, reach: Reach) -> Vec<UniqueId>;
}
