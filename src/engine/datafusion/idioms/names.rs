//! The names of columns and relations in a statement: where a name means a column, and which relations a `from` has.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Ident, ObjectName, Query, SetExpr, TableAlias, TableFactor, TableWithJoins, VisitMut, VisitorMut,
};

use super::operators;
pub(super) use crate::sql::{folded, same};

/// Where in a part of a statement a visitor is: names in a query, and those that a lambda gives, mean something of their own.
#[derive(Default)]
pub(super) struct Place {
    queries: usize,
    parameters: Vec<Vec<Ident>>,
}

impl Place {
    pub(super) fn enter_query(&mut self) {
        self.queries += 1;
    }

    pub(super) fn leave_query(&mut self) {
        self.queries -= 1;
    }

    pub(super) fn enter(&mut self, expr: &Expr) {
        if let Expr::Lambda(lambda) = expr {
            self.parameters.push(lambda.params.iter().map(|parameter| parameter.name.clone()).collect());
        }
    }

    pub(super) fn leave(&mut self, expr: &Expr) {
        if let Expr::Lambda(_) = expr {
            self.parameters.pop();
        }
    }

    /// Whether a name means a column of the part.
    pub(super) fn sees(&self, name: &Ident) -> bool {
        self.queries == 0 && !self.parameters.iter().flatten().any(|parameter| same(parameter, name))
    }
}

/// Puts expressions in the place of columns, outside of queries and where no lambda has the name. It is asked for each column, as the
/// parts of its name, and gives what takes its place.
pub(super) fn replace(part: &mut impl VisitMut, replacement: impl FnMut(&[Ident]) -> Option<Expr>) {
    let _ = part.visit(&mut Replacing { place: Place::default(), replacement });
}

struct Replacing<F> {
    place: Place,
    replacement: F,
}

impl<F: FnMut(&[Ident]) -> Option<Expr>> VisitorMut for Replacing<F> {
    type Break = ();

    fn pre_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.place.enter_query();
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.place.leave_query();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        operators::fields(expr);
        self.place.enter(expr);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        self.place.leave(expr);
        let replacement = match expr {
            Expr::Identifier(name) if self.place.sees(name) => (self.replacement)(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) if parts.first().is_some_and(|first| self.place.sees(first)) => {
                (self.replacement)(parts)
            }
            _ => None,
        };
        if let Some(replacement) = replacement {
            *expr = replacement;
        }
        ControlFlow::Continue(())
    }
}

/// The name by which columns of a relation are called: its alias, else the parts of its own.
pub(super) fn of_relation(factor: &TableFactor) -> Option<Vec<Ident>> {
    match (alias(factor), factor) {
        (Some(alias), _) => Some(vec![alias.name.clone()]),
        (None, TableFactor::Table { name, args: None, .. }) => parts(name),
        _ => None,
    }
}

fn parts(name: &ObjectName) -> Option<Vec<Ident>> {
    name.0.iter().map(|part| part.as_ident().cloned()).collect()
}

fn alias(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. }
        | TableFactor::Pivot { alias, .. }
        | TableFactor::Unpivot { alias, .. } => alias.as_ref(),
        _ => None,
    }
}

/// The names of the relations of a `from`, those in brackets too.
pub(super) fn of_relations(from: &[TableWithJoins]) -> Vec<Vec<Ident>> {
    let mut names = Vec::new();
    for tables in from {
        for factor in std::iter::once(&tables.relation).chain(tables.joins.iter().map(|join| &join.relation)) {
            match factor {
                TableFactor::NestedJoin { table_with_joins, alias: None } => {
                    names.extend(of_relations(std::slice::from_ref(table_with_joins)));
                }
                other => names.extend(of_relation(other)),
            }
        }
    }
    names
}

/// The last names of the relations of a query's own `from`.
pub(super) fn of_query(query: &Query) -> Vec<Ident> {
    fn of(body: &SetExpr, names: &mut Vec<Ident>) {
        match body {
            SetExpr::Select(select) => {
                names.extend(of_relations(&select.from).into_iter().filter_map(|mut name| name.pop()))
            }
            SetExpr::SetOperation { left, right, .. } => {
                of(left, names);
                of(right, names);
            }
            _ => {}
        }
    }
    let mut names = Vec::new();
    of(&query.body, &mut names);
    names
}
