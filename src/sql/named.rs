//! What a statement names: the relations that it reads, and its common table expressions that nothing reads.

use std::ops::ControlFlow;

use sqlparser::ast::{Ident, ObjectName, ObjectNamePart, Query, Visit, Visitor};

/// A common table expression and where its name stands: line and column, from 1, the column in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedCte {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
    /// Its name.
    pub name: String,
}

/// What a statement names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The relations and table functions that it reads, each once as it is written.
    pub relations: Vec<ObjectName>,
    /// Its common table expressions that nothing in it reads, in order.
    pub unused: Vec<UnusedCte>,
}

impl Named {
    /// Looks through a statement. A name means a common table expression behind its definition, and within it where that is recursive.
    #[must_use]
    pub fn by(statement: &impl Visit) -> Self {
        let mut walk = Walk::default();
        let _ = statement.visit(&mut walk);
        walk.named.unused.sort_unstable();
        walk.named
    }
}

#[derive(Default)]
struct Walk {
    named: Named,
    /// Of the open queries, outermost first.
    scopes: Vec<Scope>,
}

/// The expressions of a query.
#[derive(Default)]
struct Scope {
    /// Their names, and whether something reads them.
    ctes: Vec<(Ident, bool)>,
    /// How many of them have a meaning yet.
    defined: usize,
}

impl Visitor for Walk {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let scope = match &query.with {
            Some(with) => {
                let ctes: Vec<_> = with.cte_tables.iter().map(|cte| (cte.alias.name.clone(), false)).collect();
                Scope { defined: if with.recursive { ctes.len() } else { 0 }, ctes }
            }
            None => Scope::default(),
        };
        self.scopes.push(scope);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        let scope = self.scopes.pop().unwrap_or_default();
        let unused = scope.ctes.into_iter().filter(|(_, is_read)| !is_read).map(|(name, _)| UnusedCte {
            line: name.span.start.line,
            column: name.span.start.column,
            name: name.value,
        });
        self.named.unused.extend(unused);
        // The queries that come first in a query are its expressions.
        if let Some(outer) = self.scopes.last_mut().filter(|outer| outer.defined < outer.ctes.len()) {
            outer.defined += 1;
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        let cte = match relation.0.as_slice() {
            [ObjectNamePart::Identifier(name)] => {
                let defined = self.scopes.iter_mut().rev().flat_map(|scope| scope.ctes[..scope.defined].iter_mut());
                defined.into_iter().find(|(cte, _)| same(cte, name))
            }
            _ => None,
        };
        match cte {
            Some((_, is_read)) => *is_read = true,
            None if self.named.relations.contains(relation) => {}
            None => self.named.relations.push(relation.clone()),
        }
        ControlFlow::Continue(())
    }
}

/// A name as SQL reads it: in lower case unless it is quoted. As in DataFusion, the case of other letters than those of ASCII counts.
#[must_use]
pub fn folded(name: &Ident) -> String {
    match name.quote_style {
        Some(_) => name.value.clone(),
        None => name.value.to_ascii_lowercase(),
    }
}

/// Whether two names mean the same.
#[must_use]
pub fn same(one: &Ident, other: &Ident) -> bool {
    match (one.quote_style, other.quote_style) {
        (None, None) => one.value.eq_ignore_ascii_case(&other.value),
        (Some(_), Some(_)) => one.value == other.value,
        _ => folded(one) == folded(other),
    }
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    use super::*;

    #[test]
    fn what_is_read_and_what_nothing_reads() {
        for (sql, relations, unused) in [
            ("with a as (select 1) select 2", "", "a 1:6"),
            ("with a as (select 1), b as (select * from a) select * from b", "", ""),
            (
                "with a as (select 1), b as (select * from a)\nselect * from A join l.s.t join l.s.t t",
                "l.s.t",
                "b 1:23",
            ),
            (
                "select * from (with x as (select 1) select 2) t where 1 in (with y as (select 1) select * from y)",
                "",
                "x 1:21",
            ),
            ("with recursive r as (select 1 union all select * from r) select * from r", "", ""),
            ("with r as (select * from r) select * from r", "r", ""),
            ("with r as (select * from r) select * from s.r", "r, s.r", "r 1:6"),
            ("with a as (select * from b), b as (select 1) select * from a", "b", "b 1:30"),
            ("with a as (with b as (select 1) select * from b) select * from a, b", "b", ""),
            ("with a as (select 1) select (with a as (select 2) select * from a) from t", "t", "a 1:6"),
            ("with a as (select 1) select * from t where exists (select 1 from a)", "t", ""),
            ("with \"A\" as (select 1) select * from a, \"A\"", "a", ""),
            ("with a as (select 1) update t set x = 1", "t", "a 1:6"),
        ] {
            let named = Named::by(&Parser::parse_sql(&GenericDialect {}, sql).unwrap());
            let found: Vec<String> = named.relations.iter().map(ToString::to_string).collect();
            assert_eq!(found.join(", "), relations, "{sql}");
            let found: Vec<String> =
                named.unused.iter().map(|cte| format!("{} {}:{}", cte.name, cte.line, cte.column)).collect();
            assert_eq!(found.join(", "), unused, "{sql}");
        }
    }
}
