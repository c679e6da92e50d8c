//! What a query counts, where that can be counted beside other things in one pass over a relation.
//!
//! Only queries of a few plain forms are known, those that the usual data tests have. Whether a query has such a form is told by writing
//! the form with the query's own parts: when that gives the query again, there is nothing else in it.

use std::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Cte, Expr, FunctionArguments, GroupByExpr, Query, Select, SelectItem, SetExpr, Statement,
    TableFactor, UnaryOperator, Value, ValueWithSpan, Visit, Visitor, visit_expressions,
};
use sqlparser::parser::Parser;

use super::Dialect;

/// The rows of a query, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What it reads, as it stands behind `from`.
    pub relation: String,
    /// What its rows are.
    pub rows: CountedRows,
}

/// What the rows of a query are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountedRows {
    /// The rows of the relation for which a condition holds.
    Where(String),
    /// At least one when there is a row for which a condition holds, else none.
    AnyWhere(String),
    /// The values of an expression that several rows have, among those for which a condition holds.
    Repeated {
        /// The expression.
        key: String,
        /// The condition.
        among: Option<String>,
    },
}

impl Counted {
    /// Understands a query; `None` when it has another form.
    #[must_use]
    pub fn of(sql: &str, dialect: Dialect) -> Option<Self> {
        let statements = Parser::parse_sql(dialect.parser(), sql).ok()?;
        let [Statement::Query(query)] = statements.as_slice() else { return None };
        match &query.with {
            None => plain(query).or_else(|| repeated(query)),
            Some(with) => {
                let [group] = with.cte_tables.as_slice() else { return None };
                values(query, group)
            }
        }
    }
}

/// `select … from relation where condition`, with nothing selected that could be wrong: one column that the condition names, too.
fn plain(query: &Query) -> Option<Counted> {
    let select = select(query)?;
    let (relation, condition) = (relation(select)?, select.selection.as_ref()?);
    let [item] = select.projection.as_slice() else { return None };
    let is_sure = match item {
        SelectItem::UnnamedExpr(Expr::Value(_)) => true,
        SelectItem::UnnamedExpr(column) | SelectItem::ExprWithAlias { expr: column, .. } => names(condition, column),
        item => item.to_string() == "*",
    };
    let form = format!("SELECT {item} FROM {relation} WHERE {condition}");
    let is_it = is_sure && form == query.to_string() && is_condition(condition) && !has_query(condition);
    is_it.then(|| Counted { relation, rows: CountedRows::Where(condition.to_string()) })
}

/// `select … from relation [where condition] group by key having count(*) > 1`.
fn repeated(query: &Query) -> Option<Counted> {
    let select = select(query)?;
    let (relation, key, among) = (relation(select)?, key(select)?, select.selection.as_ref());
    let condition = among.map(|condition| format!(" WHERE {condition}")).unwrap_or_default();
    let columns = key_and_count(select, key)?;
    let form =
        |count: &str| format!("SELECT {columns} FROM {relation}{condition} GROUP BY {key} HAVING {count}(*) > 1");
    let text = query.to_string();
    let is_it = (form("count") == text || form("COUNT") == text) && !has_query(key) && !among.is_some_and(has_query);
    let rows = || CountedRows::Repeated { key: key.to_string(), among: among.map(ToString::to_string) };
    is_it.then(|| Counted { relation, rows: rows() })
}

/// `with groups as (select key as name, count(*) … from relation group by key) select * from groups where name not in (…)`.
fn values(query: &Query, group: &Cte) -> Option<Counted> {
    let (inner, outer) = (select(&group.query)?, select(query)?);
    let (relation, key) = (relation(inner)?, key(inner)?);
    let columns = key_and_count(inner, key)?;
    let Some(Expr::InList { expr, list, negated: true }) = &outer.selection else { return None };
    let named = inner.projection.iter().any(|column| match column {
        SelectItem::ExprWithAlias { expr: named, alias } => named == key && **expr == Expr::Identifier(alias.clone()),
        _ => false,
    });
    let name = &group.alias.name;
    let form = format!(
        "WITH {name} AS (SELECT {columns} FROM {relation} GROUP BY {key}) SELECT * FROM {name} WHERE {expr} NOT IN ({})",
        list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    );
    let is_constant = |value: &Expr| matches!(value, Expr::Value(_));
    let is_it = named && form == query.to_string() && !has_query(key) && list.iter().all(is_constant);
    let found = Expr::InList { expr: Box::new(Expr::Nested(Box::new(key.clone()))), list: list.clone(), negated: true };
    is_it.then(|| Counted { relation, rows: CountedRows::AnyWhere(found.to_string()) })
}

fn select(query: &Query) -> Option<&Select> {
    match query.body.as_ref() {
        SetExpr::Select(select) => Some(select),
        _ => None,
    }
}

/// The one relation that is read, which has a name.
fn relation(select: &Select) -> Option<String> {
    let [from] = select.from.as_slice() else { return None };
    let is_named =
        matches!(from.relation, TableFactor::Table { args: None, sample: None, .. }) && from.joins.is_empty();
    is_named.then(|| from.relation.to_string())
}

/// The one expression that is grouped by; a number would be the place of a column, and `rollup` makes several groups of a row.
fn key(select: &Select) -> Option<&Expr> {
    match &select.group_by {
        GroupByExpr::Expressions(keys, _) => match keys.as_slice() {
            [key @ (Expr::Identifier(_) | Expr::CompoundIdentifier(_) | Expr::BinaryOp { .. } | Expr::Function(_))] => {
                Some(key)
            }
            _ => None,
        },
        GroupByExpr::All(_) => None,
    }
}

/// The columns, as they stand behind `select`, when they are what is grouped by and the count, each once at most.
fn key_and_count(select: &Select, key: &Expr) -> Option<String> {
    let column = |item: &SelectItem| match item {
        SelectItem::UnnamedExpr(column) | SelectItem::ExprWithAlias { expr: column, .. } => Some(column.clone()),
        _ => None,
    };
    let columns = select.projection.iter().map(column).collect::<Option<Vec<_>>>()?;
    let keys = columns.iter().filter(|column| *column == key).count();
    let counts = columns.iter().filter(|column| is_count(column)).count();
    let is_it = keys <= 1 && counts <= 1 && keys + counts == columns.len();
    is_it.then(|| select.projection.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

/// Whether a condition names a column.
fn names(condition: &Expr, column: &Expr) -> bool {
    let is_column = matches!(column, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
    is_column
        && visit_expressions(condition, |part| match part == column {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
        .is_break()
}

/// Whether an expression is true or false: in a `case`, other values could be taken for that.
fn is_condition(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_condition(inner),
        Expr::UnaryOp { op, .. } => *op == UnaryOperator::Not,
        Expr::BinaryOp { op, .. } => matches!(
            op,
            BinaryOperator::And
                | BinaryOperator::Or
                | BinaryOperator::Eq
                | BinaryOperator::NotEq
                | BinaryOperator::Lt
                | BinaryOperator::LtEq
                | BinaryOperator::Gt
                | BinaryOperator::GtEq
        ),
        _ => matches!(
            expression,
            Expr::IsNull(_)
                | Expr::IsNotNull(_)
                | Expr::IsTrue(_)
                | Expr::IsNotTrue(_)
                | Expr::IsFalse(_)
                | Expr::IsNotFalse(_)
                | Expr::IsDistinctFrom(..)
                | Expr::IsNotDistinctFrom(..)
                | Expr::Between { .. }
                | Expr::InList { .. }
                | Expr::Like { .. }
                | Expr::ILike { .. }
        ),
    }
}

fn is_count(column: &Expr) -> bool {
    match column {
        Expr::Function(function) => {
            let is_plain = function.over.is_none() && function.filter.is_none();
            let arguments = matches!(&function.args, FunctionArguments::List(list) if list.to_string() == "*");
            is_plain && arguments && function.name.to_string().eq_ignore_ascii_case("count")
        }
        _ => false,
    }
}

/// Whether an expression asks a query of its own.
fn has_query(expression: &Expr) -> bool {
    struct Queries;
    impl Visitor for Queries {
        type Break = ();

        fn pre_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
            ControlFlow::Break(())
        }

        fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
            // What is yet to be put in has no meaning beside other texts.
            if matches!(value.value, Value::Placeholder(_)) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
    expression.visit(&mut Queries).is_break()
}

#[cfg(test)]
mod tests {
    use super::{Counted, CountedRows};
    use crate::sql::Dialect;

    fn counted(sql: &str) -> String {
        match Counted::of(sql, Dialect::Generic) {
            None => "-".to_owned(),
            Some(Counted { relation, rows: CountedRows::Where(condition) }) => format!("{relation}: {condition}"),
            Some(Counted { relation, rows: CountedRows::AnyWhere(condition) }) => {
                format!("{relation}: any {condition}")
            }
            Some(Counted { relation, rows: CountedRows::Repeated { key, among } }) => {
                format!("{relation}: repeated {key} among {}", among.unwrap_or_default())
            }
        }
    }

    #[test]
    fn the_usual_tests_are_understood_and_nothing_that_does_more() {
        let cases = [
            ("select id\nfrom \"l\".\"s\".\"t\"\nwhere id is null\n", "\"l\".\"s\".\"t\": id IS NULL"),
            ("select 1 from t where not(a > b or f(c) = 2)", "t: NOT (a > b OR f(c) = 2)"),
            ("select * from t as m where m.a < 0", "t AS m: m.a < 0"),
            (
                "select id as unique_field, count(*) as n_records from t where id is not null group by id having count(*) > 1",
                "t: repeated id among id IS NOT NULL",
            ),
            ("select a || b from t group by a || b having count(*) > 1", "t: repeated a || b among "),
            ("select count(*) as n from t group by a || b having count(*) > 1", "t: repeated a || b among "),
            (
                "with all_values as (select status as value_field, count(*) as n_records from t group by status)
                 select * from all_values where value_field not in ('a', 'b')",
                "t: any (status) NOT IN ('a', 'b')",
            ),
            ("select other from t where id is null", "-"),
            ("select id, id from t where id is null", "-"),
            ("select * exclude (other) from t where id is null", "-"),
            ("select id from t where id", "-"),
            ("select other, count(*) from t group by id having count(*) > 1", "-"),
            ("select id, count(*), count(*) from t group by id having count(*) > 1", "-"),
            ("select id from t group by rollup (id) having count(*) > 1", "-"),
            ("select id from t", "-"),
            ("select max(id) from t where id is null", "-"),
            ("select id from t where id is null limit 1", "-"),
            ("select distinct id from t where id is null", "-"),
            ("select id from t, u where id is null", "-"),
            ("select id from t join u using (id) where id is null", "-"),
            ("select id from (select * from t) where id is null", "-"),
            ("select id from t where id not in (select id from u)", "-"),
            ("select id from t where id is null group by id", "-"),
            ("select id from f(1) where id is null", "-"),
            ("select id from t group by 1 having count(*) > 1", "-"),
            ("select id from t group by id having count(*) > 2", "-"),
            ("select id from t group by id, a having count(*) > 1", "-"),
            ("select id from t where id is null union all select 1", "-"),
            ("with v as (select a as x, count(*) from t group by a) select * from v where x not in (select 1)", "-"),
            ("with v as (select a as x from t where b group by a) select * from v where x not in (1)", "-"),
            ("select id from t where id = ?", "-"),
            ("selct", "-"),
        ];
        for (sql, expected) in cases {
            assert_eq!(counted(sql), expected, "{sql}");
        }
    }
}
