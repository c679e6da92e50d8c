//! What a column is called that has no name: `select id::bigint, trim(name), s.f` gives `id`, `trim(name)` and `f`.
//!
//! DataFusion calls it by what became of the expression, with the names of the tables. Here it is called by what was written: a cast by
//! what is cast, a field by its name, a query by its column, and anything else by its text.

use datafusion::sql::sqlparser::ast::{AccessExpr, Expr, Ident, Query, Select, SelectItem, SetExpr, Subscript, Value};

use super::names::{self, folded, same};
use super::{build, unnest};

/// The names of the items of a `select` that need one. One that is not all of the text gives way to the text where another column may
/// have it, too; and where even the text is that of two, the planner is left to refuse them.
pub(super) fn unnamed(select: &Select) -> Vec<Option<String>> {
    // What follows the name of an element is a field of it.
    let elements = unnest::elements(select);
    let is_element =
        |name: &Vec<Ident>| matches!(name.as_slice(), [name] if elements.iter().any(|one| same(&one.name, name)));
    let mut relations = names::of_relations(&select.from);
    relations.retain(|name| !is_element(name));
    let is_wildcard = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..));
    let may_be_others = select.projection.iter().any(is_wildcard);
    let short: Vec<Option<String>> = select.projection.iter().map(|item| name(item, name_of)).collect();
    let long: Vec<Option<String>> = select.projection.iter().map(|item| name(item, text)).collect();
    let is_alone = |all: &[Option<String>], name: &String| all.iter().flatten().filter(|one| *one == name).count() < 2;
    let items = select.projection.iter().zip(short.iter().zip(&long));
    let names = items.map(|(item, (name, text))| match item {
        SelectItem::UnnamedExpr(expr) if !is_named(expr, &relations) => {
            let name = name.clone().filter(|name| !may_be_others && is_alone(&short, name));
            name.or_else(|| text.clone().filter(|text| is_alone(&long, text)))
        }
        _ => None,
    });
    names.collect()
}

/// Gives the items their names.
pub(super) fn give(select: &mut Select, names: Vec<Option<String>>) {
    for (item, name) in select.projection.iter_mut().zip(names) {
        if let (SelectItem::UnnamedExpr(expr), Some(name)) = (&item, name) {
            let alias = Ident::with_quote('"', name);
            *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
        }
    }
}

/// The name that an item has, or that its expression gives it.
fn name(item: &SelectItem, given: fn(&Expr) -> String) -> Option<String> {
    match item {
        SelectItem::UnnamedExpr(Expr::Identifier(name)) => Some(folded(name)),
        SelectItem::UnnamedExpr(expr) => Some(given(expr)),
        SelectItem::ExprWithAlias { alias, .. } => Some(folded(alias)),
        _ => None,
    }
}

/// Whether the planner names it well: columns, values, and what may become several columns.
fn is_named(expr: &Expr, relations: &[Vec<Ident>]) -> bool {
    match expr {
        Expr::CompoundIdentifier(parts) => is_column(parts, relations),
        Expr::Nested(inner) => is_named(inner, relations),
        Expr::Function(call) => build::name(call).as_deref() == Some("unnest"),
        Expr::Identifier(_) | Expr::Value(_) | Expr::Wildcard(_) | Expr::QualifiedWildcard(..) => true,
        _ => false,
    }
}

/// Whether what stands before the last part is a relation; else that is a field.
fn is_column(parts: &[Ident], relations: &[Vec<Ident>]) -> bool {
    let Some((_, relation)) = parts.split_last() else { return false };
    relations.iter().any(|known| {
        let ends = known.len().checked_sub(relation.len()).map(|at| &known[at..]);
        ends.is_some_and(|ends| ends.iter().zip(relation).all(|(one, other)| same(one, other)))
    })
}

fn name_of(expr: &Expr) -> String {
    match expr {
        Expr::Identifier(name) => folded(name),
        Expr::CompoundIdentifier(parts) => parts.last().map(folded).unwrap_or_default(),
        Expr::CompoundFieldAccess { access_chain, .. } => match access_chain.last() {
            Some(AccessExpr::Dot(Expr::Identifier(name))) => folded(name),
            Some(AccessExpr::Subscript(Subscript::Index { index: Expr::Value(index) })) => match &index.value {
                Value::SingleQuotedString(field) => field.clone(),
                _ => text(expr),
            },
            _ => text(expr),
        },
        Expr::Cast { expr, .. } | Expr::Nested(expr) => name_of(expr),
        Expr::Subquery(query) => of_query(query).unwrap_or_else(|| text(expr)),
        other => text(other),
    }
}

/// The name of a query's first column.
fn of_query(query: &Query) -> Option<String> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    name(select.projection.first()?, name_of)
}

fn text(expr: &Expr) -> String {
    expr.to_string().to_lowercase()
}
