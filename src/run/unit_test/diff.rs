//! How two sets of rows differ: rows that are on one side only, and rows that are nearly the same on both.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::util::pretty::pretty_format_batches;

use crate::base::HashMap;

/// A row as it is shown; `None` is null.
pub(super) type Row = Vec<Option<String>>;

/// A row of either side, or of both.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Line {
    /// On both sides.
    Same(Row),
    /// What was expected, and what came instead.
    Changed(Row, Row),
    /// Was expected and did not come.
    Missing(Row),
    /// Came without being expected.
    Added(Row),
}

/// How what came differs from what was expected: the expected rows in their order, then those that came besides.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    lines: Vec<Line>,
}

/// So many lines are shown.
const SHOWN: usize = 50;

/// So many pairs of rows are compared cell by cell, to find those that belong together.
const PAIRS: usize = 1_000_000;

impl Difference {
    /// Compares the sides; `None` when they have the same rows, each as often.
    pub(super) fn of(actual: Vec<Row>, expected: Vec<Row>) -> Option<Self> {
        let mut found: HashMap<Row, usize> = HashMap::default();
        for row in &actual {
            *found.entry(row.clone()).or_default() += 1;
        }
        // What is left of `found` behind this are rows that nobody expected.
        let mut is_missing = |row: &Row| match found.get_mut(row).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                false
            }
            None => true,
        };
        let lines: Vec<Line> = expected
            .into_iter()
            .map(|row| if is_missing(&row) { Line::Missing(row) } else { Line::Same(row) })
            .collect();
        let mut is_extra = |row: &Row| match found.get_mut(row).filter(|count| **count > 0) {
            Some(count) => {
                *count -= 1;
                true
            }
            None => false,
        };
        let extra: Vec<Row> = actual.into_iter().filter(|row| is_extra(row)).collect();
        let is_same = extra.is_empty() && lines.iter().all(|line| matches!(line, Line::Same(_)));
        (!is_same).then(|| Difference { lines: paired(lines, extra) })
    }

    /// The difference as a table: in front of each row stands what is with it.
    pub(super) fn table(&self, columns: &[&str]) -> String {
        let is_shown = |line: &&Line| self.lines.len() <= SHOWN || !matches!(line, Line::Same(_));
        let shown: Vec<Vec<String>> = self.lines.iter().filter(is_shown).take(SHOWN).map(Line::cells).collect();
        let fields = std::iter::once(&"@@").chain(columns).map(|name| Field::new(*name, DataType::Utf8, false));
        let cells = (0..=columns.len()).map(|at| {
            let cells: StringArray = shown.iter().map(|row| row.get(at).map(String::as_str)).collect();
            Arc::new(cells) as ArrayRef
        });
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let table = RecordBatch::try_new(schema, cells.collect()).and_then(|batch| {
            let table = pretty_format_batches(&[batch])?;
            Ok(table.to_string())
        });
        let table = table.unwrap_or_else(|error| error.to_string());
        match self.lines.len() - shown.len() {
            0 => table,
            others => format!("{table}\n… and {}", crate::base::counted(others, "more row")),
        }
    }
}

/// The lines with extra rows put beside the missing ones that they are most like; the others come last.
fn paired(mut lines: Vec<Line>, extra: Vec<Row>) -> Vec<Line> {
    let missing: Vec<usize> = (0..lines.len()).filter(|at| matches!(lines[*at], Line::Missing(_))).collect();
    let mut pairs: Vec<(usize, usize, usize)> = Vec::new();
    if missing.len().saturating_mul(extra.len()) <= PAIRS {
        for at in &missing {
            let alike = extra.iter().enumerate().map(|(other, row)| (lines[*at].likeness(row), *at, other));
            pairs.extend(alike.filter(|(likeness, ..)| *likeness > 0));
        }
    }
    pairs.sort_by_key(|(likeness, ..)| std::cmp::Reverse(*likeness));
    let mut extra: Vec<Option<Row>> = extra.into_iter().map(Some).collect();
    for (_, at, other) in pairs {
        if let Line::Missing(expected) = &lines[at]
            && let Some(actual) = extra[other].take()
        {
            lines[at] = Line::Changed(expected.clone(), actual);
        }
    }
    lines.extend(extra.into_iter().flatten().map(Line::Added));
    lines
}

impl Line {
    /// How many cells are the same in a row; the first column, which is mostly the key, breaks ties.
    fn likeness(&self, row: &Row) -> usize {
        let (Line::Same(own) | Line::Changed(own, _) | Line::Missing(own) | Line::Added(own)) = self;
        let same = own.iter().zip(row).filter(|(one, other)| one == other).count();
        2 * same + usize::from(own.first() == row.first())
    }

    /// The cells of the line, behind the mark of what is with it.
    fn cells(&self) -> Vec<String> {
        let text = |cell: &Option<String>| match cell.as_deref() {
            None => "null".to_owned(),
            // A text with nothing in it would not be seen.
            Some("") => "''".to_owned(),
            Some(text) => text.to_owned(),
        };
        let (mark, cells): (&str, Vec<String>) = match self {
            Line::Same(row) => ("", row.iter().map(text).collect()),
            Line::Added(row) => ("+++", row.iter().map(text).collect()),
            Line::Missing(row) => ("---", row.iter().map(text).collect()),
            Line::Changed(expected, actual) => {
                let cells = expected.iter().zip(actual).map(|(expected, actual)| match expected == actual {
                    true => text(expected),
                    false => format!("{} → {}", text(expected), text(actual)),
                });
                ("→", cells.collect())
            }
        };
        std::iter::once(mark.to_owned()).chain(cells).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<Row> {
        let cell = |cell: &str| (cell != "null").then(|| cell.to_owned());
        text.split(';').filter(|row| !row.is_empty()).map(|row| row.split(' ').map(cell).collect()).collect()
    }

    fn difference(actual: &str, expected: &str) -> Option<Vec<String>> {
        let difference = Difference::of(rows(actual), rows(expected))?;
        Some(difference.lines.iter().map(|line| line.cells().join(" ").trim().to_owned()).collect())
    }

    #[test]
    fn order_does_not_matter_and_nulls_are_equal() {
        assert_eq!(difference("1 a;2 null", "2 null;1 a"), None);
        assert_eq!(difference("", ""), None);
    }

    #[test]
    fn how_often_a_row_is_there_matters() {
        assert_eq!(difference("1;1", "1"), Some(vec!["1".to_owned(), "+++ 1".to_owned()]));
        assert_eq!(difference("1", "1;1"), Some(vec!["1".to_owned(), "--- 1".to_owned()]));
    }

    #[test]
    fn a_row_is_put_beside_the_one_that_it_is_most_like() {
        let found = difference("1 a x;2 b y;9 q q", "2 b z;1 a null;3 c z");
        let lines = ["→ 2 b z → y", "→ 1 a null → x", "--- 3 c z", "+++ 9 q q"];
        assert_eq!(found, Some(lines.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_long_difference_is_cut() {
        let many: Vec<Row> = (0..60).map(|number| vec![Some(number.to_string())]).collect();
        let table = Difference::of(many, Vec::new()).map(|difference| difference.table(&["id"]));
        assert!(table.is_some_and(|table| table.ends_with("… and 10 more rows")));
    }
}
