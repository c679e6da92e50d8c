//! `join … using (id)`: the column `id` is one, of both sides.
//!
//! As SQL's standard has it, it is the left side's in an inner or left join, the right side's in a right join, and in a full join the one
//! of the two that is not null; `*` begins with it. DataFusion takes one side's whatever the join, and cannot tell in a chain of joins. So
//! the joins get conditions, and the name the expression that it stands for, everywhere in the query but in queries in it.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Distinct, Expr, GroupByExpr, Ident, Join, JoinConstraint, JoinOperator, ObjectName, OrderByKind,
    Query, ReplaceSelectElement, ReplaceSelectItem, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    Spanned, TableAlias, TableFactor, TableWithJoins, VisitMut, WildcardAdditionalOptions,
};

use super::{build, names, wildcards};
use crate::engine::datafusion::guard::place_of;
use crate::engine::{EngineError, ErrorKind};

/// Translates the joins of a query, those of a `union` each on its own.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for a right or full join of which cannot be told what the column is.
pub(super) fn translate(query: &mut Query) -> Result<(), EngineError> {
    if let SetExpr::Select(select) = query.body.as_mut() {
        let merged = in_select(select)?;
        if let Some(order) = &mut query.order_by
            && let OrderByKind::Expressions(columns) = &mut order.kind
        {
            // A name in an order is first that of a column of the result.
            let merged: Vec<Merged> =
                merged.into_iter().filter(|one| !gives(&select.projection, &one.column)).collect();
            columns.iter_mut().for_each(|column| put(column, &merged));
        }
        return Ok(());
    }
    in_set(&mut query.body)
}

fn in_set(body: &mut SetExpr) -> Result<(), EngineError> {
    match body {
        SetExpr::Select(select) => in_select(select).map(|_| ()),
        SetExpr::SetOperation { left, right, .. } => {
            in_set(left)?;
            in_set(right)
        }
        _ => Ok(()),
    }
}

/// A column of both sides, and what it stands for.
#[derive(Clone, Debug)]
struct Merged {
    column: Ident,
    value: Expr,
}

/// A relation and the columns of it that are merged with others.
#[derive(Debug)]
struct Relation {
    /// `None` where its columns cannot be named.
    name: Option<Vec<Ident>>,
    merged: Vec<Ident>,
}

/// What is on one side of a join.
#[derive(Debug, Default)]
struct Side {
    relations: Vec<Relation>,
    /// Those of the last join first.
    merged: Vec<Merged>,
    /// Whether a join was left as it was, since nobody knows which relation its column is of.
    is_opaque: bool,
    /// Whether it has a right or a full join by columns.
    is_outer: bool,
}

fn in_select(select: &mut Select) -> Result<Vec<Merged>, EngineError> {
    select.from.iter_mut().for_each(name_queries);
    let written = select.from.clone();
    let mut sides = Vec::new();
    for tables in &mut select.from {
        sides.push(side_of_tables(tables)?);
    }
    let is_outer = sides.iter().any(|side| side.is_outer);
    let merged: Vec<Merged> = sides.iter().flat_map(|side| side.merged.clone()).collect();
    if merged.is_empty() || (!is_outer && sides.iter().any(|side| side.is_opaque)) {
        select.from = written;
        return Ok(Vec::new());
    }
    if !wildcards_of(select, &sides, &merged)? {
        select.from = written;
    }
    for item in &mut select.projection {
        if let SelectItem::UnnamedExpr(Expr::Identifier(name)) = item
            && let Some(Merged { value, .. }) = merged.iter().find(|one| names::same(&one.column, name))
        {
            *item = match value {
                Expr::CompoundIdentifier(_) => SelectItem::UnnamedExpr(value.clone()),
                value => SelectItem::ExprWithAlias { expr: value.clone(), alias: name.clone() },
            };
        } else {
            put(item, &merged);
        }
    }
    for part in [&mut select.selection, &mut select.having, &mut select.qualify] {
        put(part, &merged);
    }
    if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
        keys.iter_mut().for_each(|key| put(key, &merged));
    }
    if let Some(Distinct::On(keys)) = &mut select.distinct {
        keys.iter_mut().for_each(|key| put(key, &merged));
    }
    select.named_window.iter_mut().for_each(|window| put(window, &merged));
    Ok(merged)
}

/// Names the queries without a name in a chain with a join by columns: their columns must be told from others.
fn name_queries(tables: &mut TableWithJoins) {
    let by_columns =
        |join: &mut Join| matches!(constraint(join), Some(JoinConstraint::Using(_) | JoinConstraint::Natural));
    let is_by_columns = tables.joins.iter_mut().any(by_columns);
    let joined = tables.joins.iter_mut().map(|join| &mut join.relation);
    for factor in std::iter::once(&mut tables.relation).chain(joined) {
        match factor {
            TableFactor::NestedJoin { table_with_joins, alias: None } => name_queries(table_with_joins),
            TableFactor::Derived { subquery, alias: alias @ None, .. } if is_by_columns => {
                // Two of them must not get the same name.
                let start = subquery.span().start;
                let name = Ident::new(format!("query_{}_{}", start.line, start.column));
                *alias = Some(TableAlias { explicit: true, name, columns: Vec::new(), at: None });
            }
            _ => {}
        }
    }
}

/// Puts what the columns stand for in the place of their names.
fn put(part: &mut impl VisitMut, merged: &[Merged]) {
    names::replace(part, |parts| match parts {
        [name] => merged.iter().find(|one| names::same(&one.column, name)).map(|one| one.value.clone()),
        _ => None,
    });
}

fn side_of_tables(tables: &mut TableWithJoins) -> Result<Side, EngineError> {
    let mut left = side_of(&mut tables.relation)?;
    for join in &mut tables.joins {
        let right = side_of(&mut join.relation)?;
        left = joined(left, right, join)?;
    }
    Ok(left)
}

fn side_of(factor: &mut TableFactor) -> Result<Side, EngineError> {
    if let TableFactor::NestedJoin { table_with_joins, alias: None } = factor {
        return side_of_tables(table_with_joins);
    }
    let relation = Relation { name: names::of_relation(factor), merged: Vec::new() };
    Ok(Side { relations: vec![relation], ..Side::default() })
}

/// The constraint of a join that keeps to columns or conditions.
fn constraint(join: &mut Join) -> Option<&mut JoinConstraint> {
    use JoinOperator::{
        Anti, FullOuter, Inner, Left, LeftAnti, LeftOuter, LeftSemi, Right, RightAnti, RightOuter, RightSemi, Semi,
    };
    match &mut join.join_operator {
        JoinOperator::Join(constraint)
        | Inner(constraint)
        | Left(constraint)
        | LeftOuter(constraint)
        | Right(constraint)
        | RightOuter(constraint)
        | FullOuter(constraint)
        | Semi(constraint)
        | LeftSemi(constraint)
        | RightSemi(constraint)
        | Anti(constraint)
        | LeftAnti(constraint)
        | RightAnti(constraint) => Some(constraint),
        _ => None,
    }
}

/// Which rows a join keeps, as far as its columns go by it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Inner and left joins: the left side has the column in every row.
    Left,
    Right,
    Full,
    /// Semi and anti joins, of which the other side is not seen.
    LeftOnly,
    RightOnly,
}

impl Kind {
    fn of(join: &Join) -> Kind {
        use JoinOperator::{Anti, LeftAnti, LeftSemi, RightAnti, RightOuter, RightSemi, Semi};
        match &join.join_operator {
            JoinOperator::Right(_) | RightOuter(_) => Kind::Right,
            JoinOperator::FullOuter(_) => Kind::Full,
            Semi(_) | LeftSemi(_) | Anti(_) | LeftAnti(_) => Kind::LeftOnly,
            RightSemi(_) | RightAnti(_) => Kind::RightOnly,
            _ => Kind::Left,
        }
    }

    fn is_outer(self) -> bool {
        matches!(self, Kind::Right | Kind::Full)
    }
}

/// Both sides of a join, whose constraint becomes a condition.
fn joined(mut left: Side, mut right: Side, join: &mut Join) -> Result<Side, EngineError> {
    let kind = Kind::of(join);
    let place = place_of(join.relation.span().start);
    let Some(constraint) = constraint(join) else { return Ok(both(left, right, kind, Vec::new())) };
    let columns = match constraint {
        JoinConstraint::On(condition) => {
            put(condition, &left.merged);
            put(condition, &right.merged);
            return Ok(both(left, right, kind, Vec::new()));
        }
        JoinConstraint::None => return Ok(both(left, right, kind, Vec::new())),
        JoinConstraint::Natural => {
            if kind.is_outer() || left.is_outer || right.is_outer {
                let message = "`natural` with a right or full join is not supported";
                let error = EngineError::new(ErrorKind::Unsupported, message);
                return Err(error.help("name the columns: `using (id)`").at(place));
            }
            left.is_opaque = true;
            return Ok(both(left, right, kind, Vec::new()));
        }
        JoinConstraint::Using(columns) => columns.iter().map(column).collect::<Option<Vec<Ident>>>(),
    };
    // What is no column is the planner's to refuse.
    let Some(columns) = columns else {
        left.is_opaque = true;
        return Ok(both(left, right, kind, Vec::new()));
    };
    let mut merged = Vec::new();
    let mut conditions = Vec::new();
    for column in &columns {
        let (Some(one), Some(other)) = (left.value(column), right.value(column)) else {
            return undecided(left, right, kind, column, join);
        };
        left.is_merged(column);
        right.is_merged(column);
        conditions.push(build::binary(one.clone(), BinaryOperator::Eq, other.clone()));
        let value = match kind {
            Kind::Left => one,
            Kind::Right => other,
            Kind::Full => build::call("coalesce", [one, other]),
            Kind::LeftOnly | Kind::RightOnly => continue,
        };
        merged.push(Merged { column: column.clone(), value });
    }
    if let Some(condition) = conditions.into_iter().reduce(|one, other| build::binary(one, BinaryOperator::And, other))
    {
        *constraint = JoinConstraint::On(condition);
    }
    left.is_outer |= kind.is_outer();
    Ok(both(left, right, kind, merged))
}

/// A join with a column of which nobody knows which of several relations has it: it stays as it is where that is right.
fn undecided(mut left: Side, right: Side, kind: Kind, column: &Ident, join: &Join) -> Result<Side, EngineError> {
    if kind.is_outer() || left.is_outer || right.is_outer {
        let message = format!("which table's column `{}` is meant cannot be told", column.value);
        let help = format!(
            "join with `on` and select `coalesce(a.{0}, b.{0}) as {0}`, with the names of the tables",
            column.value
        );
        let place = place_of(join.relation.span().start);
        return Err(EngineError::new(ErrorKind::Unsupported, message).help(help).at(place));
    }
    left.is_opaque = true;
    Ok(both(left, right, kind, Vec::new()))
}

/// What the join has of its sides.
fn both(left: Side, right: Side, kind: Kind, merged: Vec<Merged>) -> Side {
    let (mut side, other) = match kind {
        Kind::RightOnly => (right, left),
        _ => (left, right),
    };
    side.is_opaque |= other.is_opaque;
    side.is_outer |= other.is_outer;
    if matches!(kind, Kind::LeftOnly | Kind::RightOnly) {
        return side;
    }
    side.relations.extend(other.relations);
    let is_new = |one: &Merged| !merged.iter().any(|new| names::same(&new.column, &one.column));
    let before: Vec<Merged> = side.merged.into_iter().chain(other.merged).filter(is_new).collect();
    side.merged = merged.into_iter().chain(before).collect();
    side
}

impl Side {
    /// What a column of this side is: one that is merged already, or that of the only relation.
    fn value(&self, column: &Ident) -> Option<Expr> {
        if let Some(merged) = self.merged.iter().find(|merged| names::same(&merged.column, column)) {
            return Some(merged.value.clone());
        }
        let [Relation { name: Some(name), .. }] = self.relations.as_slice() else { return None };
        Some(Expr::CompoundIdentifier(name.iter().chain([column]).cloned().collect()))
    }

    /// Notes that the only relation has the column, unless it is merged already.
    fn is_merged(&mut self, column: &Ident) {
        let is_known = self.merged.iter().any(|merged| names::same(&merged.column, column));
        if let [relation] = self.relations.as_mut_slice()
            && !is_known
        {
            relation.merged.push(column.clone());
        }
    }
}

fn column(name: &ObjectName) -> Option<Ident> {
    match name.0.as_slice() {
        [part] => part.as_ident().cloned(),
        _ => None,
    }
}

/// Writes out what `*` means; says whether the joins can stay as they have become.
///
/// What stands behind a `*` and is about a column of one of the relations can only be left to the planner, which must then see the joins
/// as they were written.
fn wildcards_of(select: &mut Select, sides: &[Side], merged: &[Merged]) -> Result<bool, EngineError> {
    let is_merged = |name: &Ident| merged.iter().any(|one| names::same(&one.column, name));
    let is_wildcard = |item: &SelectItem| matches!(item, SelectItem::Wildcard(_));
    let Some(SelectItem::Wildcard(options)) = select.projection.iter().find(|item| is_wildcard(item)) else {
        return Ok(true);
    };
    let options = options.clone();
    let about_others = options.opt_ilike.is_some()
        || wildcards::excluded(&options).iter().any(|name| !is_merged(name))
        || options.opt_replace.iter().flat_map(|replace| &replace.items).any(|item| !is_merged(&item.column_name));
    let is_outer = sides.iter().any(|side| side.is_outer);
    let has_names = sides.iter().flat_map(|side| &side.relations).all(|relation| relation.name.is_some());
    if !about_others && has_names && sides.iter().all(|side| !side.is_opaque) {
        let at = select.projection.iter().position(is_wildcard).unwrap_or_default();
        let columns: Vec<SelectItem> = sides.iter().flat_map(|side| columns_of(side, &options)).collect();
        select.projection.splice(at..=at, columns);
        return Ok(true);
    }
    if !is_outer {
        return Ok(false);
    }
    let relations: usize = sides.iter().map(|side| side.relations.len()).sum();
    if relations > 2 || wildcards::excluded(&options).iter().any(is_merged) || options.opt_ilike.is_some() {
        let message = "`*` over these joins with `using` is not supported";
        let error = EngineError::new(ErrorKind::Unsupported, message);
        return Err(error.help("list the columns").at(place_of(select.span().start)));
    }
    for item in &mut select.projection {
        let SelectItem::Wildcard(options) = item else { continue };
        let replace = options.opt_replace.get_or_insert_with(|| ReplaceSelectItem { items: Vec::new() });
        for Merged { column, value } in merged {
            if !replace.items.iter().any(|item| names::same(&item.column_name, column)) {
                let column_name = wildcards::exact(column);
                replace.items.push(Box::new(ReplaceSelectElement {
                    expr: value.clone(),
                    column_name,
                    as_keyword: true,
                }));
            }
        }
    }
    Ok(false)
}

/// The columns of a side as items: those that are merged come first.
fn columns_of(side: &Side, options: &WildcardAdditionalOptions) -> Vec<SelectItem> {
    let excluded = wildcards::excluded(options);
    let mut items = Vec::new();
    for Merged { column, value } in &side.merged {
        if excluded.iter().any(|name| names::same(name, column)) {
            continue;
        }
        let replaced = options.opt_replace.iter().flat_map(|replace| &replace.items);
        let replaced = replaced.into_iter().find(|item| names::same(&item.column_name, column));
        items.push(match (replaced, value) {
            (Some(item), _) => SelectItem::ExprWithAlias { expr: item.expr.clone(), alias: column.clone() },
            (None, Expr::CompoundIdentifier(_)) => SelectItem::UnnamedExpr(value.clone()),
            (None, value) => SelectItem::ExprWithAlias { expr: value.clone(), alias: column.clone() },
        });
    }
    for Relation { name, merged } in &side.relations {
        let Some(name) = name else { continue };
        let mut options = WildcardAdditionalOptions::default();
        wildcards::exclude(&mut options, merged);
        let name = SelectItemQualifiedWildcardKind::ObjectName(ObjectName::from(name.clone()));
        items.push(SelectItem::QualifiedWildcard(name, options));
    }
    items
}

/// Whether the items give a column of this name.
fn gives(items: &[SelectItem], name: &Ident) -> bool {
    items.iter().any(|item| match item {
        SelectItem::ExprWithAlias { alias, .. } => names::same(alias, name),
        SelectItem::UnnamedExpr(Expr::Identifier(last)) => names::same(last, name),
        SelectItem::UnnamedExpr(Expr::CompoundIdentifier(parts)) => {
            parts.last().is_some_and(|last| names::same(last, name))
        }
        SelectItem::Wildcard(_) => true,
        _ => false,
    })
}
