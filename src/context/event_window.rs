//! A stretch of event time: which rows of inputs with an `event_time` are read.

use chrono::NaiveDateTime;

use crate::sql::Dialect;

/// From the start, inclusive, to the end, exclusive, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventWindow {
    /// What it is called: of a batch its start, as long as the batch is.
    pub id: String,
    /// The start; open without one.
    pub start: Option<NaiveDateTime>,
    /// The end; open without one.
    pub end: Option<NaiveDateTime>,
}

impl EventWindow {
    /// The conditions on a column that holds the time of an event.
    #[must_use]
    pub fn bounds(&self, column: &str, dialect: Dialect) -> Vec<String> {
        let column = dialect.moment(column);
        let bound = |at: Option<NaiveDateTime>, sign: &str| {
            at.map(|at| format!("{column} {sign} cast('{}' as timestamp)", at.format("%Y-%m-%d %H:%M:%S%.f")))
        };
        [bound(self.start, ">="), bound(self.end, "<")].into_iter().flatten().collect()
    }
}
