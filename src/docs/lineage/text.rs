//! Lineage as people read it: a tree below each column.

use std::fmt::Write as _;

use super::{Shown, ShownColumn, name};
use crate::analyze::{ColumnId, Direction, Fact};
use crate::base::{IndexSet, plain_text};

/// A tree below each column. What stands above already is not followed again.
#[must_use]
pub fn text(shown: &Shown<'_>) -> String {
    let mut tree = Tree { shown, seen: IndexSet::default(), text: String::new() };
    for column in &shown.columns {
        let data_type = column.data_type.as_deref().map(|data_type| format!(" {data_type}")).unwrap_or_default();
        let _ = writeln!(tree.text, "{}{data_type}", name(&column.id));
        tree.facts(column);
        tree.branches(&column.id, 1);
    }
    tree.text.truncate(tree.text.trim_end().len());
    tree.text
}

struct Tree<'a> {
    shown: &'a Shown<'a>,
    /// The columns that were followed.
    seen: IndexSet<&'a ColumnId>,
    text: String,
}

impl<'a> Tree<'a> {
    /// What the project says of a column, a line each.
    fn facts(&mut self, column: &ShownColumn<'_>) {
        let Some(facts) = column.facts else { return };
        if let Some(description) = &facts.description {
            let first = description.value.trim().lines().next().unwrap_or_default();
            self.fact("description", first, description);
        }
        for (key, value) in &facts.meta {
            self.fact(key, &plain_text(&value.value), value);
        }
        for (tag, fact) in &facts.tags {
            self.fact("tag", tag, fact);
        }
    }

    fn fact<T>(&mut self, what: &str, written: &str, fact: &Fact<T>) {
        let origin = fact.origin.as_ref().map(|origin| format!(" (from {})", name(origin))).unwrap_or_default();
        let _ = writeln!(self.text, "  {what}: {}{origin}", written.replace(char::is_control, " "));
    }

    fn branches(&mut self, column: &ColumnId, level: usize) {
        let Shown { lineage, direction, depth, .. } = *self.shown;
        if level > depth {
            return;
        }
        let arrow = if direction == Direction::Upstream { "←" } else { "→" };
        for edge in lineage.of(column, direction) {
            let next = edge.end(direction);
            let leads_on = level < depth && lineage.of(next, direction).next().is_some();
            let is_new = leads_on && self.seen.insert(next);
            let above = if leads_on && !is_new { " …" } else { "" };
            let indent = "  ".repeat(level);
            let _ = writeln!(self.text, "{indent}{arrow} {} ({}){above}", name(next), edge.kind.as_str());
            if is_new {
                self.branches(next, level + 1);
            }
        }
    }
}
