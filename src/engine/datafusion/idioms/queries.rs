//! Parts of queries: `semi join`, `anti join`, `order by all`, `fetch first 5 rows only`, `select top 5`.

use datafusion::sql::sqlparser::ast::{
    Distinct, Expr, Fetch, JoinOperator, LimitClause, OrderBy, OrderByExpr, OrderByKind, Query, SelectItem, SetExpr,
    TableFactor, TableWithJoins, Top, TopQuantity, Value,
};

use super::build;

/// Translates the order and the limits of a query, and the joins of its `from`.
pub(super) fn translate(query: &mut Query) {
    order_by_all(query);
    if let Some(count) = count(query) {
        match &mut query.limit_clause {
            Some(LimitClause::LimitOffset { limit: limit @ None, .. }) => *limit = Some(count),
            Some(LimitClause::LimitOffset { limit: Some(limit), .. }) => {
                let outer = limit.clone();
                *limit = build::call("least", [outer, count]);
            }
            _ => {
                query.limit_clause =
                    Some(LimitClause::LimitOffset { limit: Some(count), offset: None, limit_by: Vec::new() });
            }
        }
    }
    select_joins(query.body.as_mut());
}

fn order_by_all(query: &mut Query) {
    if let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(columns) = &order.kind
        && let [OrderByExpr { expr: Expr::Identifier(all), options, with_fill: None }] = columns.as_slice()
        && all.quote_style.is_none()
        && all.value.eq_ignore_ascii_case("all")
    {
        order.kind = OrderByKind::All(*options);
    }
}

/// Lets `select distinct lower(x) … order by lower(x)` say the place of the column: the planner does not see that it is one.
pub(super) fn order_distinct(query: &mut Query) {
    let SetExpr::Select(select) = query.body.as_ref() else { return };
    let Some(OrderBy { kind: OrderByKind::Expressions(columns), .. }) = &mut query.order_by else { return };
    if !matches!(select.distinct, Some(Distinct::Distinct)) {
        return;
    }
    for column in columns.iter_mut().filter(|column| !matches!(column.expr, Expr::Identifier(_) | Expr::Value(_))) {
        let is_it = |item: &SelectItem| matches!(item, SelectItem::ExprWithAlias { expr, .. } if *expr == column.expr);
        // A wildcard before it may be many columns.
        let items = select.projection.iter().take_while(|item| !is_wildcard(item));
        let place = items.enumerate().find_map(|(at, item)| is_it(item).then_some(at + 1));
        if let Some(place) = place.and_then(|place| i64::try_from(place).ok()) {
            column.expr = build::number(place);
        }
    }
}

fn is_wildcard(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
}

/// Takes the number of `fetch` or `top` away.
fn count(query: &mut Query) -> Option<Expr> {
    if let Some(Fetch { with_ties: false, percent: false, quantity }) = &query.fetch {
        let count = quantity.clone().unwrap_or_else(|| build::number(1));
        query.fetch = None;
        return Some(count);
    }
    let SetExpr::Select(select) = query.body.as_mut() else { return None };
    let Some(Top { with_ties: false, percent: false, quantity: Some(quantity) }) = &select.top else { return None };
    let count = match quantity {
        TopQuantity::Constant(count) => Expr::value(Value::Number(count.to_string(), false)),
        TopQuantity::Expr(expr) => expr.clone(),
    };
    select.top = None;
    Some(count)
}

fn select_joins(body: &mut SetExpr) {
    match body {
        SetExpr::Select(select) => select.from.iter_mut().for_each(joins),
        SetExpr::SetOperation { left, right, .. } => {
            select_joins(left);
            select_joins(right);
        }
        _ => {}
    }
}

/// Translates the joins in brackets.
pub(super) fn translate_relation(factor: &mut TableFactor) {
    if let TableFactor::NestedJoin { table_with_joins, .. } = factor {
        joins(table_with_joins);
    }
}

fn joins(from: &mut TableWithJoins) {
    for join in &mut from.joins {
        match &join.join_operator {
            JoinOperator::Semi(on) => join.join_operator = JoinOperator::LeftSemi(on.clone()),
            JoinOperator::Anti(on) => join.join_operator = JoinOperator::LeftAnti(on.clone()),
            _ => {}
        }
    }
}
