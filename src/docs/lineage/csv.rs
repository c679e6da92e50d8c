//! Lineage as spreadsheets read it.

use super::Shown;
use crate::analyze::Edge;

/// A line for each edge, below one of titles.
///
/// # Errors
/// Never, for it is written to memory.
pub fn csv(shown: &Shown<'_>) -> Result<String, ::csv::Error> {
    let mut lines = ::csv::Writer::from_writer(Vec::new());
    lines.write_record(["from_id", "from_column", "to_id", "to_column", "kind"])?;
    for Edge { from, to, kind } in shown.edges() {
        lines.write_record([from.node.as_str(), &from.column, to.node.as_str(), &to.column, kind.as_str()])?;
    }
    let bytes = lines.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
