//! The expressions that make the columns of a query, as its text says them.

use std::ops::ControlFlow;
use std::rc::Rc;

use sqlparser::ast::{
    Cte, ExcludeSelectItem, Expr, Ident, ObjectName, ObjectNamePart, Query, RenameSelectItem, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableAlias, TableFactor, TableWithJoins, Visit, Visitor,
    WildcardAdditionalOptions,
};

use super::{folded, same};
use crate::base::IndexMap;

/// The most bytes of an expression that are told: what is longer is looked at where it stands.
const LONGEST: usize = 2000;

/// The most expressions of a column that are told, for the same reason.
const MOST: usize = 12;

/// The expressions of the columns of a statement, by the columns' names.
///
/// An expression is told with the name of its column, and is followed by those of the subqueries and common table expressions that it
/// names. A column that a query only passes on has those of the one that it is; what is passed on from a relation has none. One of a union
/// has those of all its branches. The names in `inlined` are relations to whoever asks, though the statement defines them itself.
#[must_use]
pub fn expressions(statement: &Statement, inlined: &[&str]) -> IndexMap<String, Vec<String>> {
    let Statement::Query(query) = statement else { return IndexMap::default() };
    let made = Walk { inlined, known: Vec::new() }.query(query);
    let made = made.columns.into_iter().filter(|(_, expressions)| !expressions.is_empty());
    made.map(|(name, expressions)| (name, expressions.iter().map(ToString::to_string).collect())).collect()
}

/// The columns of a query that its text names.
#[derive(Clone, Default)]
struct Made {
    /// Their expressions; none for what is passed on from a relation.
    columns: IndexMap<String, Vec<Rc<str>>>,
    /// Whether these are all of its columns, in their order.
    is_whole: bool,
}

struct Walk<'a> {
    inlined: &'a [&'a str],
    /// The common table expressions that can be named, the innermost last.
    known: Vec<(&'a Ident, Rc<Made>)>,
}

/// What a query reads and the text says more of than a name.
type Reads<'a> = Vec<(&'a Ident, Rc<Made>)>;

impl<'a> Walk<'a> {
    fn query(&mut self, query: &'a Query) -> Made {
        let outside = self.known.len();
        for Cte { alias, query, .. } in query.with.iter().flat_map(|with| &with.cte_tables) {
            // One that reads itself begins with a branch that does not.
            let made = match self.inlined.contains(&alias.name.value.as_str()) || !alias.columns.is_empty() {
                true => Made::default(),
                false => self.query(query),
            };
            self.known.push((&alias.name, Rc::new(made)));
        }
        let made = self.body(&query.body);
        self.known.truncate(outside);
        made
    }

    fn body(&mut self, body: &'a SetExpr) -> Made {
        match body {
            SetExpr::Select(select) => self.select(select),
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { left, right, .. } => {
                let mut made = self.body(left);
                let other = self.body(right);
                let by_place = made.is_whole && other.is_whole;
                for (place, (name, expressions)) in made.columns.iter_mut().enumerate() {
                    let found = match by_place {
                        true => other.columns.get_index(place).map(|(_, found)| found),
                        false => other.columns.get(name),
                    };
                    add_new(expressions, found.into_iter().flatten());
                }
                made
            }
            _ => Made::default(),
        }
    }

    fn select(&mut self, select: &'a Select) -> Made {
        let mut reads = Reads::new();
        let mut is_known = true;
        for table in &select.from {
            is_known &= self.reads(table, &mut reads);
        }
        let mut made = Made { columns: IndexMap::default(), is_whole: true };
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => match path(expr).and_then(|path| path.last()) {
                    Some(name) => made.add(name, expression(expr, name, &reads)),
                    // The engine gives it a name of its own.
                    None => made.is_whole = false,
                },
                SelectItem::ExprWithAlias { expr, alias } => made.add(alias, expression(expr, alias, &reads)),
                SelectItem::Wildcard(options) => {
                    made.is_whole &= is_known;
                    reads.iter().for_each(|(_, read)| made.add_all(read, options, &reads));
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), options) => {
                    match named(name).and_then(|name| find(&reads, name)) {
                        Some(read) => made.add_all(read, options, &reads),
                        None => made.is_whole = false,
                    }
                }
                SelectItem::QualifiedWildcard(..) | SelectItem::ExprWithAliases { .. } => made.is_whole = false,
            }
        }
        made
    }

    /// Adds what the text says of the tables of a join; whether that is all that there is to know of their columns.
    fn reads(&mut self, table: &'a TableWithJoins, reads: &mut Reads<'a>) -> bool {
        // A join with `using` gives one of two columns.
        let mut is_known = table.joins.is_empty();
        for factor in std::iter::once(&table.relation).chain(table.joins.iter().map(|join| &join.relation)) {
            let (alias, read) = match factor {
                TableFactor::Table { name, alias, args: None, .. } => {
                    let cte = named(name).and_then(|name| self.known.iter().rev().find(|(cte, _)| same(cte, name)));
                    (alias, cte.map(|(name, made)| (*name, Rc::clone(made))))
                }
                TableFactor::Derived { subquery, alias, .. } => {
                    let made = Rc::new(self.query(subquery));
                    (alias, alias.as_ref().map(|alias| (&alias.name, made)))
                }
                TableFactor::NestedJoin { table_with_joins, alias: None } => {
                    is_known &= self.reads(table_with_joins, reads);
                    continue;
                }
                _ => (&None, None),
            };
            let read = match alias {
                Some(TableAlias { name, columns, .. }) if columns.is_empty() => read.map(|(_, made)| (name, made)),
                Some(_) => None,
                None => read,
            };
            is_known &= read.as_ref().is_some_and(|(_, made)| made.is_whole);
            reads.extend(read);
        }
        is_known
    }
}

impl Made {
    fn add(&mut self, name: &Ident, expressions: Vec<Rc<str>>) {
        self.columns.insert(folded(name), expressions);
    }

    /// Adds what a wildcard gives of the columns of one table.
    fn add_all(&mut self, read: &Made, options: &WildcardAdditionalOptions, reads: &Reads<'_>) {
        let replaced = options.opt_replace.iter().flat_map(|replace| &replace.items);
        let replaced: Vec<(String, Vec<Rc<str>>)> = replaced
            .map(|element| (folded(&element.column_name), expression(&element.expr, &element.column_name, reads)))
            .collect();
        let renamed: Vec<(String, String)> = match &options.opt_rename {
            Some(RenameSelectItem::Single(item)) => vec![(folded(&item.ident), folded(&item.alias))],
            Some(RenameSelectItem::Multiple(items)) => {
                items.iter().map(|item| (folded(&item.ident), folded(&item.alias))).collect()
            }
            None => Vec::new(),
        };
        let left_out = left_out(options);
        self.is_whole &= read.is_whole && options.opt_ilike.is_none();
        for (name, expressions) in read.columns.iter().filter(|(name, _)| !left_out.contains(*name)) {
            let expressions = match replaced.iter().find(|(known, _)| known == name) {
                Some((_, expressions)) => expressions.clone(),
                None => expressions.clone(),
            };
            let name = renamed.iter().find(|(known, _)| known == name).map_or(name, |(_, other)| other);
            self.columns.insert(name.clone(), expressions);
        }
    }
}

/// The columns that a wildcard leaves out.
fn left_out(options: &WildcardAdditionalOptions) -> Vec<String> {
    let names = |names: &[ObjectName]| names.iter().filter_map(named).map(folded).collect();
    let excluded: Vec<String> = match &options.opt_exclude {
        Some(ExcludeSelectItem::Single(name)) => names(std::slice::from_ref(name)),
        Some(ExcludeSelectItem::Multiple(all)) => names(all),
        None => Vec::new(),
    };
    let except = options.opt_except.iter();
    let except = except.flat_map(|except| std::iter::once(&except.first_element).chain(&except.additional_elements));
    excluded.into_iter().chain(except.map(folded)).collect()
}

/// The expressions of a column that is this one.
fn expression(expr: &Expr, column: &Ident, reads: &Reads<'_>) -> Vec<Rc<str>> {
    if let Some(path) = path(expr) {
        return of_column(path, reads).map_or_else(Vec::new, <[_]>::to_vec);
    }
    let mut all = vec![Rc::from(format!("{} AS {column}", shortened(expr.to_string())))];
    let mut names = Names::default();
    let _ = expr.visit(&mut names);
    names.paths.iter().for_each(|path| add_new(&mut all, of_column(path, reads).into_iter().flatten()));
    all.truncate(MOST);
    all
}

/// Those of a column that is read.
fn of_column<'r>(path: &[Ident], reads: &'r Reads<'_>) -> Option<&'r [Rc<str>]> {
    let found = match path {
        [column] => reads.iter().find_map(|(_, made)| made.columns.get(&folded(column))),
        [table, column] => find(reads, table).and_then(|made| made.columns.get(&folded(column))),
        _ => None,
    };
    found.map(Vec::as_slice)
}

fn add_new<'e>(expressions: &mut Vec<Rc<str>>, others: impl Iterator<Item = &'e Rc<str>>) {
    for other in others {
        if !expressions.contains(other) {
            expressions.push(Rc::clone(other));
        }
    }
}

/// The names of columns in an expression. In its subqueries they mean something else.
#[derive(Default)]
struct Names {
    paths: Vec<Vec<Ident>>,
    queries: usize,
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.queries -= 1;
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Some(path) = path(expr).filter(|_| self.queries == 0) {
            self.paths.push(path.to_vec());
        }
        ControlFlow::Continue(())
    }
}

/// The parts of a name, in however many brackets.
fn path(expr: &Expr) -> Option<&[Ident]> {
    match expr {
        Expr::Identifier(name) => Some(std::slice::from_ref(name)),
        Expr::CompoundIdentifier(path) => Some(path),
        Expr::Nested(inner) => path(inner),
        _ => None,
    }
}

fn find<'r>(reads: &'r Reads<'_>, name: &Ident) -> Option<&'r Rc<Made>> {
    reads.iter().find(|(known, _)| same(known, name)).map(|(_, made)| made)
}

/// A name that has one part.
fn named(name: &ObjectName) -> Option<&Ident> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(name)] => Some(name),
        _ => None,
    }
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    use super::*;

    #[test]
    fn expressions_are_found_where_columns_are_made() {
        for (sql, made) in [
            ("select a, b as c, (t.d) e from t", ""),
            ("select a + 1 as b, count(*) n, sum(x) from t", "b: a + 1; n: count(*)"),
            ("with l as (select price * n as net, n from t), f as (select * from l) select * from f", "net: price * n"),
            (
                "with l as (select a * 2 as B from t) select l.b as c, x.b d from l join l x on true",
                "c: a * 2 AS B; d: a * 2 AS B",
            ),
            (
                "with l as (select sum(p) as net, k from t group by k) select cast(l.net as int) net, l.k + k as k from l",
                "net: CAST(l.net AS INT) | sum(p); k: l.k + k",
            ),
            ("select s.b from (select a || 'x' as b, c from t) s join u on u.b = s.b", "b: a || 'x'"),
            ("with l as (select a + 1 as b, 2 as c from t) select * exclude (c) from l", "b: a + 1"),
            (
                "with l as (select a + 1 as b, 2 as c from t) select * except (b) replace (c + 1 as c) from l",
                "c: c + 1 | 2",
            ),
            ("with l as (select a + 1 as b from t) select * rename (b as z) from l", "z: a + 1 AS b"),
            ("select 1 as a, 'x' as b from t union all select a, upper(b) from u", "a: 1; b: 'x'"),
            ("select 'x' as b from t union all select upper(b) as c from u", "b: 'x' | upper(b) AS c"),
            ("select *, 1 as a from t union all select *, 2 as a from u", "a: 1 | 2"),
            ("with recursive r as (select 1 as n union all select n + 1 as n from r) select n from r", "n: 1 | n + 1"),
            ("with x as (select 1 as a) select a, a + 1 as b from x", "b: a + 1"),
            ("with l (k) as (select 1 as a) select k, a from l", ""),
            ("select \"A\" + 1 as \"B\", a - 1 as b from t", "B: \"A\" + 1 AS \"B\"; b: a - 1"),
            (
                "with l as (select 1 as m) select a.b.c.d, (select max(m) from u) as m from l",
                "m: (SELECT max(m) FROM u)",
            ),
            ("insert into t select 1 as a", ""),
        ] {
            let statement = Parser::parse_sql(&GenericDialect {}, sql).unwrap().remove(0);
            let found = expressions(&statement, &["x"]);
            let found = found.iter().map(|(name, expressions)| {
                // A column's own name is left out here.
                let own = format!(" AS {name}");
                let texts: Vec<&str> = expressions.iter().map(|text| text.strip_suffix(&own).unwrap_or(text)).collect();
                format!("{name}: {}", texts.join(" | "))
            });
            assert_eq!(found.collect::<Vec<_>>().join("; "), made, "{sql}");
        }
        let long = format!("select {}'é' as a", "'é' || ".repeat(1000));
        let statement = Parser::parse_sql(&GenericDialect {}, &long).unwrap().remove(0);
        let found = expressions(&statement, &[]);
        assert!(found["a"][0].len() <= LONGEST + 8 && found["a"][0].ends_with("… AS a"));
    }
}
