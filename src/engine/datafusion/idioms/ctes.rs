//! Common table expressions that only give a name: models begin with imports, `with orders as (select * from lake.main.orders)`, and
//! end with `select * from final`.
//!
//! DataFusion plans each as a query of its own, and puts a name and a type to every column of it, to take it out again when it
//! optimizes. In usual models that is two fifths of the planning. So what an import stands for is read under its name, and the last
//! expression of a statement takes the place of the query that selects all of it. What is planned, the columns that a name sees, and the
//! places that errors have stay the same.

use std::collections::HashSet;
use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Cte, Expr, Ident, ObjectName, ObjectNamePart, Query, SelectItem, SetExpr, TableAlias, TableFactor, VisitMut,
    VisitorMut, With,
};

use super::names::{folded, same};
use crate::sql::is_ephemeral_name;

/// Reads the relations that the imports of a query stand for.
pub(super) fn translate(query: &mut Query) {
    // What else can have imports changes relations: it must name them itself.
    let is_query = matches!(
        query.body.as_ref(),
        SetExpr::Select(_) | SetExpr::SetOperation { .. } | SetExpr::Query(_) | SetExpr::Values(_)
    );
    let Some(mut with) = query.with.take_if(|with| is_query && have_names_that_differ(with)) else { return };
    read_imports(query, &mut with);
    query.with = (!with.cte_tables.is_empty()).then_some(with);
}

/// Puts the last expression of a whole statement in the place of the query that selects all of it, where its columns have names that
/// differ: else it is an error that they are put together under one name. In a query within another, the outer one sees what its columns
/// are columns of.
pub(super) fn translate_whole(query: &mut Query) {
    let Some(mut with) = query.with.take_if(|with| have_names_that_differ(with)) else { return };
    let is_recursive = with.recursive;
    let last = with.cte_tables.pop_if(|last| !is_recursive && is_all_of(query, last) && has_columns_that_differ(last));
    if let Some(last) = last {
        query.body = last.query.body;
    }
    query.with = (!with.cte_tables.is_empty()).then_some(with);
}

/// Whether no name is given twice, which is an error.
fn have_names_that_differ(with: &With) -> bool {
    let mut names = HashSet::new();
    with.cte_tables.iter().all(|cte| names.insert(folded(&cte.alias.name)))
}

/// Reads the relations that imports stand for, where these are read.
fn read_imports(query: &mut Query, with: &mut With) {
    let mut imports = Imports::default();
    let mut before: Vec<Ident> = Vec::new();
    for cte in &mut with.cte_tables {
        imports.read_in(&mut cte.query);
        let relation = imported(cte).filter(|relation| match relation.0.as_slice() {
            [ObjectNamePart::Identifier(name)] => before.iter().any(|cte| same(cte, name)),
            parts => parts.len() > 1,
        });
        if let Some(relation) = relation {
            let name = cte.alias.name.clone();
            imports.all.push(Import { name, relation, is_replaced: false, is_needed: false });
        }
        before.push(cte.alias.name.clone());
    }
    imports.read_in(query);
    with.cte_tables.retain(|cte| {
        let import = imports.all.iter().find(|import| same(&import.name, &cte.alias.name));
        // What nothing reads is planned all the same: it may be wrong.
        import.is_none_or(|import| import.is_needed || !import.is_replaced)
    });
}

/// The relation that an expression has all columns and rows of.
fn imported(cte: &Cte) -> Option<ObjectName> {
    if !is_plain(cte) {
        return None;
    }
    let (relation, form) = all_of(&cte.query)?;
    (cte.query.to_string() == form).then(|| relation.clone())
}

/// The relation of `select * from relation`, if the query begins so, and how that is written with nothing else in it.
fn all_of(query: &Query) -> Option<(&ObjectName, String)> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let ([SelectItem::Wildcard(_)], [from]) = (select.projection.as_slice(), select.from.as_slice()) else {
        return None;
    };
    let TableFactor::Table { name, alias, .. } = &from.relation else { return None };
    let alias = match alias {
        Some(alias) if !alias.columns.is_empty() => return None,
        Some(alias) => format!(" {alias}"),
        None => String::new(),
    };
    Some((name, format!("SELECT * FROM {name}{alias}")))
}

/// Whether an expression has nothing but a name and a query, and is no ephemeral model: of those, the plan tells which column is whose.
fn is_plain(cte: &Cte) -> bool {
    let is_ephemeral = is_ephemeral_name(&cte.alias.name.value);
    !is_ephemeral && cte.alias.columns.is_empty() && cte.from.is_none() && cte.materialized.is_none()
}

/// An expression that stands for a relation.
struct Import {
    name: Ident,
    relation: ObjectName,
    /// Whether the relation was put in its place.
    is_replaced: bool,
    /// Whether it is read where the relation was not.
    is_needed: bool,
}

/// Puts relations in the place of the imports that stand for them.
#[derive(Default)]
struct Imports {
    all: Vec<Import>,
    /// The names that the open queries give something else.
    hidden: Vec<HashSet<String>>,
}

impl Imports {
    fn read_in(&mut self, query: &mut Query) {
        if !self.all.is_empty() {
            let _ = query.visit(self);
        }
    }

    fn find(&mut self, name: &ObjectName) -> Option<&mut Import> {
        let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else { return None };
        self.all.iter_mut().find(|import| same(&import.name, name))
    }

    fn is_hidden(&self, name: &ObjectName) -> bool {
        let [ObjectNamePart::Identifier(name)] = name.0.as_slice() else { return false };
        self.hidden.iter().any(|names| names.contains(&folded(name)))
    }
}

impl VisitorMut for Imports {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(with) = &query.with {
            self.hidden.push(with.cte_tables.iter().map(|cte| folded(&cte.alias.name)).collect());
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if query.with.is_some() {
            self.hidden.pop();
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Table { name, alias, args: None, .. } = factor else { return ControlFlow::Continue(()) };
        let Some(relation) = self.find(name).map(|import| import.relation.clone()) else {
            return ControlFlow::Continue(());
        };
        if self.is_hidden(name) || self.is_hidden(&relation) {
            return ControlFlow::Continue(());
        }
        if let (None, [ObjectNamePart::Identifier(name)]) = (&alias, name.0.as_slice()) {
            *alias = Some(TableAlias { explicit: false, name: name.clone(), columns: Vec::new(), at: None });
        }
        if let Some(import) = self.find(name) {
            import.is_replaced = true;
        }
        *name = relation;
        ControlFlow::Continue(())
    }

    /// This comes behind `pre_visit_table_factor`: what was replaced there has a name by now that is no import's.
    fn pre_visit_relation(&mut self, name: &mut ObjectName) -> ControlFlow<()> {
        if let Some(import) = self.find(name) {
            import.is_needed = true;
        }
        ControlFlow::Continue(())
    }
}

/// Whether a query is `select * from` an expression that is a `select` alone.
fn is_all_of(query: &Query, cte: &Cte) -> bool {
    let is_it = |name: &ObjectName| match name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => same(name, &cte.alias.name),
        _ => false,
    };
    let selects_it = all_of(query).is_some_and(|(name, form)| is_it(name) && query.to_string() == form);
    selects_it && is_plain(cte) && is_bare(&cte.query)
}

/// Whether a query has nothing but a body.
fn is_bare(query: &Query) -> bool {
    let Query {
        with,
        body: _,
        order_by,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    let is_ordered = order_by.is_some() || limit_clause.is_some() || fetch.is_some();
    let is_special = for_clause.is_some() || settings.is_some() || format_clause.is_some();
    with.is_none() && !is_ordered && !is_special && locks.is_empty() && pipe_operators.is_empty()
}

fn has_columns_that_differ(cte: &Cte) -> bool {
    let SetExpr::Select(select) = cte.query.body.as_ref() else { return false };
    let mut names = HashSet::new();
    select.projection.iter().all(|item| match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) | SelectItem::ExprWithAlias { alias: name, .. } => {
            names.insert(folded(name))
        }
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => {
            parts.last().is_some_and(|name| names.insert(folded(name)))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use datafusion::sql::sqlparser::ast::Statement;
    use datafusion::sql::sqlparser::dialect::GenericDialect;
    use datafusion::sql::sqlparser::parser::Parser;

    use super::{translate, translate_whole};

    #[test]
    fn what_only_gives_a_name_is_taken_out() {
        let cases = [
            ("with a as (select * from l.s.t) select a.x from A", "SELECT a.x FROM l.s.t A"),
            ("with a as (select * from s.t as u) select * from a as b", "SELECT * FROM s.t AS b"),
            (
                "with a as (select * from s.t), b as (select * from a) select 1 from a join b on exists (select 1 from b)",
                "SELECT 1 FROM s.t a JOIN s.t b ON EXISTS (SELECT 1 FROM s.t b)",
            ),
            (
                "with a as (select 1 as x), b as (select * from a) select b.x from b",
                "WITH a AS (SELECT 1 AS x) SELECT b.x FROM a b",
            ),
            ("with final as (select t.x, y as z from s.t) select * from final", "SELECT t.x, y AS z FROM s.t"),
            (
                "with a as (select * from s.t), f as (select x from a union all select x from a) select * from f",
                "WITH f AS (SELECT x FROM s.t a UNION ALL SELECT x FROM s.t a) SELECT * FROM f",
            ),
            // A name that a query in it gives something else.
            (
                "with a as (select * from s.t) select 1 from a where x in (with a as (select 2 as x) select x from a)",
                "WITH a AS (SELECT * FROM s.t) SELECT 1 FROM s.t a WHERE x IN (WITH a AS (SELECT 2 AS x) SELECT x FROM a)",
            ),
            (
                "with b as (select 1 as x), a as (select * from b) select (with b as (select 2 as x) select x from a)",
                "WITH b AS (SELECT 1 AS x), a AS (SELECT * FROM b) SELECT (WITH b AS (SELECT 2 AS x) SELECT x FROM a)",
            ),
        ];
        for (sql, expected) in cases {
            assert_eq!(translated(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_does_more_stays() {
        for sql in [
            "WITH a AS (SELECT * FROM s.t) SELECT 1",
            "WITH a AS (SELECT * FROM t) SELECT x FROM a",
            "WITH a AS (SELECT * FROM t), t AS (SELECT 1 AS x) SELECT x FROM a",
            "WITH a AS (SELECT DISTINCT * FROM s.t) SELECT x FROM a",
            "WITH a AS (SELECT * FROM s.t WHERE x) SELECT x FROM a",
            "WITH a AS (SELECT * FROM s.t LIMIT 1) SELECT x FROM a",
            "WITH a AS (SELECT * FROM s.t, s.u) SELECT x FROM a",
            "WITH a AS (SELECT * FROM s.t AS t (x)) SELECT x FROM a",
            "WITH a (x) AS (SELECT * FROM s.t) SELECT x FROM a",
            "WITH a AS (SELECT * EXCLUDE (y) FROM s.t) SELECT x FROM a",
            "WITH a AS (SELECT * FROM s.f(1)) SELECT x FROM a",
            "WITH f AS (SELECT a.x, b.x FROM s.t AS a, s.t AS b) SELECT * FROM f",
            "WITH f AS (SELECT x, * FROM s.t) SELECT * FROM f",
            "WITH f AS (SELECT x + 1 FROM s.t) SELECT * FROM f",
            "WITH f AS (SELECT x FROM s.t LIMIT 1) SELECT * FROM f",
            "WITH f AS (SELECT x FROM s.t) SELECT * FROM f ORDER BY x",
            "WITH f AS (SELECT x FROM s.t), g AS (SELECT y FROM s.t) SELECT * FROM f",
            "WITH RECURSIVE f AS (SELECT x FROM s.t) SELECT * FROM f",
            "WITH a AS (SELECT * FROM s.t), a AS (SELECT 1 AS x) SELECT * FROM a",
            "WITH __dbt__cte__a AS (SELECT * FROM s.t) SELECT x FROM __dbt__cte__a",
            "WITH __dbt__cte__a AS (SELECT x FROM s.t) SELECT * FROM __dbt__cte__a",
            "WITH É AS (SELECT * FROM s.t), é AS (SELECT 1 AS x) SELECT x FROM é",
            "WITH a AS (SELECT * FROM s.t) DELETE FROM a WHERE x = 1",
        ] {
            assert_eq!(translated(sql), sql);
        }
    }

    fn translated(sql: &str) -> String {
        let mut statements = Parser::parse_sql(&GenericDialect {}, sql).unwrap();
        let Some(Statement::Query(query)) = statements.first_mut() else { panic!("{sql} is no query") };
        translate_whole(query);
        translate(query);
        query.to_string()
    }
}
