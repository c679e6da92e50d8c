//! `array(select …)`: the values of a query as a list; an empty one where there are none.
//!
//! A query over the elements of a list, `array(select x * 2 from unnest(list) as x where x > 1)`, becomes functions of the list, which need
//! no join. Any other is an aggregate in the order of the query.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, FunctionArgumentClause, FunctionArguments, GroupByExpr, Ident, OrderByExpr, OrderByKind, Query,
    Select, SelectItem, SetExpr, Subscript, TableFactor, Value,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::build;
use super::names::{self, folded, same};

/// Translates it, before what is in it.
pub(super) fn translate(expr: &mut Expr) {
    let Expr::Function(call) = expr else { return };
    let FunctionArguments::Subquery(query) = &call.args else { return };
    if build::name(call).as_deref() != Some("array") {
        return;
    }
    if let Some(list) = over_elements(query).or_else(|| aggregated(query)) {
        *expr = list;
    }
}

/// The one `select` of a query that has nothing else than rows: no groups, no different ones, no limit.
fn plain(query: &Query) -> Option<&Select> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let has_groups = !matches!(&select.group_by, GroupByExpr::Expressions(keys, _) if keys.is_empty());
    let is_plain = query.with.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && select.top.is_none()
        && select.distinct.is_none()
        && select.having.is_none()
        && select.qualify.is_none()
        && !has_groups;
    is_plain.then_some(select)
}

/// The value of the one column.
fn value(select: &Select) -> Option<(&Expr, Option<&Ident>)> {
    match select.projection.as_slice() {
        [SelectItem::UnnamedExpr(expr)] => Some((expr, None)),
        [SelectItem::ExprWithAlias { expr, alias }] => Some((expr, Some(alias))),
        _ => None,
    }
}

fn over_elements(query: &Query) -> Option<Expr> {
    let select = plain(query).filter(|_| query.order_by.is_none())?;
    let (value, _) = value(select)?;
    let [tables] = select.from.as_slice() else { return None };
    let TableFactor::UNNEST { alias: Some(alias), array_exprs, with_offset: false, with_ordinality: false, .. } =
        &tables.relation
    else {
        return None;
    };
    let [list] = array_exprs.as_slice() else { return None };
    if !tables.joins.is_empty() || !alias.columns.is_empty() {
        return None;
    }
    let element = &alias.name;
    let over = |function: &str, list: Expr, mut body: Expr| {
        names::replace(&mut body, |parts| field(element, parts));
        build::call(function, [list, build::lambda(element.clone(), body)])
    };
    let mut list = build::call("coalesce", [list.clone(), build::call("make_array", [])]);
    if let Some(condition) = &select.selection {
        list = over("array_filter", list, condition.clone());
    }
    if !matches!(value, Expr::Identifier(name) if same(name, element)) {
        list = over("array_transform", list, value.clone());
    }
    Some(list)
}

/// A field of the element.
fn field(element: &Ident, parts: &[Ident]) -> Option<Expr> {
    let (first, fields) = parts.split_first()?;
    if fields.is_empty() || !same(first, element) {
        return None;
    }
    let access = |name: &Ident| AccessExpr::Subscript(Subscript::Index { index: build::text(folded(name)) });
    let root = Box::new(Expr::Identifier(element.clone()));
    Some(Expr::CompoundFieldAccess { root, access_chain: fields.iter().map(access).collect() })
}

fn aggregated(query: &Query) -> Option<Expr> {
    let Some(order) = &query.order_by else {
        let list = format!("(select coalesce(array_agg(element), make_array()) from ({query}) as elements (element))");
        return Parser::new(&GenericDialect {}).try_with_sql(&list).ok()?.parse_expr().ok();
    };
    // The order is of rows that are there no more once they are different ones, or groups.
    let select = plain(query)?;
    let (value, alias) = value(select)?;
    let OrderByKind::Expressions(keys) = &order.kind else { return None };
    let key = |key: &OrderByExpr| {
        let is_value = match &key.expr {
            Expr::Identifier(name) => alias.is_some_and(|alias| same(alias, name)),
            Expr::Value(place) => matches!(&place.value, Value::Number(number, _) if number == "1"),
            _ => false,
        };
        OrderByExpr { expr: if is_value { value.clone() } else { key.expr.clone() }, ..key.clone() }
    };
    let mut list = build::call("array_agg", [value.clone()]);
    if let Expr::Function(call) = &mut list
        && let FunctionArguments::List(args) = &mut call.args
    {
        args.clauses.push(FunctionArgumentClause::OrderBy(keys.iter().map(key).collect()));
    }
    let mut select = select.clone();
    select.projection = vec![SelectItem::UnnamedExpr(build::call("coalesce", [list, build::call("make_array", [])]))];
    let query = Query { order_by: None, body: Box::new(SetExpr::Select(Box::new(select))), ..query.clone() };
    Some(Expr::Subquery(Box::new(query)))
}
