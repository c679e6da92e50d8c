//! Lineage as spreadsheets read it.

use super::Shown;
use crate::analyze::Edge;

/// A line for each edge, below one of titles.
#[must_use]
pub fn csv(shown: &Shown<'_>) -> String {
    let mut lines = ::csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = lines.write_record(["from_id", "from_column", "to_id", "to_column", "kind"]);
    for Edge { from, to, kind } in shown.edges() {
        let record = [from.node.as_str(), &from.column, to.node.as_str(), &to.column, kind.as_str()];
        let _ = lines.write_record(record);
    }
    let bytes = lines.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
