//! Common table expressions that nothing reads.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{ObjectName, Query, Visit, Visitor};

/// A common table expression and where its name stands: line and column, from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusedCte {
    /// Its name.
    pub name: String,
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// The common table expressions of a statement that nothing in it reads, in order. One that is named like a relation or like another
/// expression counts as read where any of them is.
#[must_use]
pub fn unused_ctes(statement: &impl Visit) -> Vec<UnusedCte> {
    #[derive(Default)]
    struct Names {
        read: BTreeSet<String>,
        made: Vec<UnusedCte>,
    }
    impl Visitor for Names {
        type Break = ();

        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
                let start = cte.alias.name.span.start;
                let name = cte.alias.name.value.clone();
                self.made.push(UnusedCte { name, line: start.line, column: start.column });
            }
            ControlFlow::Continue(())
        }

        fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
            if let [part] = relation.0.as_slice() {
                self.read.extend(part.as_ident().map(|name| name.value.to_lowercase()));
            }
            ControlFlow::Continue(())
        }
    }
    let mut names = Names::default();
    let _ = statement.visit(&mut names);
    names.made.retain(|made| !names.read.contains(&made.name.to_lowercase()));
    names.made
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    use super::*;

    #[test]
    fn what_nothing_reads_is_found() {
        for (sql, unused) in [
            ("with a as (select 1) select 2", "a 1:6"),
            ("with a as (select 1), b as (select * from a) select * from b", ""),
            ("with a as (select 1), b as (select * from a)\nselect * from A", "b 1:23"),
            (
                "select * from (with x as (select 1) select 2) t where 1 in (with y as (select 1) select * from y)",
                "x 1:21",
            ),
            ("with recursive r as (select 1 union all select * from r) select * from r", ""),
            ("with a as (select 1) select * from t where exists (select 1 from a)", ""),
            ("with a as (select 1) update t set x = 1", "a 1:6"),
        ] {
            let found = unused_ctes(&Parser::parse_sql(&GenericDialect {}, sql).unwrap());
            let found: Vec<String> =
                found.iter().map(|cte| format!("{} {}:{}", cte.name, cte.line, cte.column)).collect();
            assert_eq!(found.join(", "), unused, "{sql}");
        }
    }
}
