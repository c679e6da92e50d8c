//! Lists in `from`: `unnest` with the position of an element, `with ordinality` and `with offset`, the name of its column, and
//! Snowflake's `lateral flatten(input => list)`.
//!
//! `unnest(list) as x` names the column too, as PostgreSQL and BigQuery have it; `x` is the element and `x.sku` a field of it. An
//! ordinality counts from 1, BigQuery's offset and the index of `flatten` from 0.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectName, OrderByKind, Query, Select,
    SetExpr, Subscript, TableAlias, TableAliasColumnDef, TableFactor, TableWithJoins, VisitMut, VisitorMut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use super::names::{self, Place, folded, same};
use super::{build, operators};
use crate::engine::datafusion::functions::part_words;
use crate::engine::{EngineError, ErrorKind};

/// Translates a relation.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for an argument of `flatten` that changes what comes of it.
pub(super) fn translate(factor: &mut TableFactor) -> Result<(), EngineError> {
    let (list, positions, names, alias) = match factor {
        TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality } => {
            let [list] = array_exprs.as_slice() else { return Ok(()) };
            let (position, positions) = if *with_offset {
                let name = with_offset_alias.clone().unwrap_or_else(|| Ident::new("offset"));
                (name, format!("range(0, array_length({list}))"))
            } else if *with_ordinality {
                (Ident::new("ordinality"), format!("generate_series(1, array_length({list}))"))
            } else {
                if let Some(alias) = alias.as_mut().filter(|alias| alias.columns.is_empty()) {
                    alias.columns = vec![column(alias.name.clone())];
                }
                return Ok(());
            };
            let alias = alias.take().unwrap_or_else(|| named("unnest"));
            (list.to_string(), positions, [alias.name.clone(), position], alias)
        }
        TableFactor::Function { name, args, alias, .. } if is_flatten(name) => flattened(args, alias.take())?,
        TableFactor::TableFunction { expr: Expr::Function(call), alias } if is_flatten(&call.name) => {
            let FunctionArguments::List(list) = &call.args else { return Ok(()) };
            flattened(&list.args, alias.take())?
        }
        _ => return Ok(()),
    };
    let query = format!("select unnest({list}) as element, unnest({positions}) as position");
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(&query).and_then(|mut parser| parser.parse_query());
    // What is put together here of what was parsed can be parsed.
    let Ok(subquery) = parsed else { return Ok(()) };
    let columns = if alias.columns.is_empty() { names.map(column).to_vec() } else { alias.columns };
    let alias = Some(TableAlias { columns, ..alias });
    *factor = TableFactor::Derived { lateral: true, subquery, alias, sample: None };
    Ok(())
}

/// The list, its positions, the names of the columns, and that of the relation.
type Listed = (String, String, [Ident; 2], TableAlias);

fn is_flatten(name: &ObjectName) -> bool {
    matches!(name.0.as_slice(), [part] if part.as_ident().is_some_and(|name| folded(name) == "flatten"))
}

fn flattened(args: &[FunctionArg], alias: Option<TableAlias>) -> Result<Listed, EngineError> {
    let mut list = None;
    for arg in args {
        let (name, value) = match arg {
            FunctionArg::Named { name, arg: FunctionArgExpr::Expr(value), .. } => (folded(name), value),
            FunctionArg::ExprNamed { name: Expr::Identifier(name), arg: FunctionArgExpr::Expr(value), .. } => {
                (folded(name), value)
            }
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => ("input".to_owned(), value),
            _ => return Err(refused("such an argument")),
        };
        match (name.as_str(), value.to_string().to_lowercase().as_str()) {
            ("input", _) if list.is_none() => list = Some(value.to_string()),
            ("outer" | "recursive", "false") => {}
            _ => return Err(refused(&format!("`{name}`"))),
        }
    }
    let list = list.ok_or_else(|| refused("no `input`"))?;
    let positions = format!("range(0, array_length({list}))");
    let names = [Ident::new("value"), Ident::new("index")];
    Ok((list, positions, names, alias.unwrap_or_else(|| named("flatten"))))
}

fn refused(what: &str) -> EngineError {
    let error = EngineError::new(ErrorKind::Unsupported, format!("`flatten` with {what} is not supported"));
    error.help("write `lateral flatten(input => list)`, or `left join unnest(list) as x on true` to keep rows without elements")
}

fn named(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: Vec::new(), at: None }
}

fn column(name: Ident) -> TableAliasColumnDef {
    TableAliasColumnDef { name, data_type: None }
}

/// Lets the name of an element mean it in the order of a query, as [`name_elements`] does in its `select`.
pub(super) fn name_elements_of_order(query: &mut Query) {
    if let SetExpr::Select(select) = query.body.as_ref()
        && let Some(order) = &mut query.order_by
        && let OrderByKind::Expressions(columns) = &mut order.kind
    {
        let known = elements(select);
        columns.iter_mut().for_each(|column| name_in(column, &known));
    }
}

/// Lets the name of an element mean it, and what follows the name its field: `from orders as o, unnest(o.items) as item` has `item.sku`.
/// This comes before anything else becomes of the `from`.
pub(super) fn name_elements(select: &mut Select) {
    let mut known = Vec::new();
    for tables in &mut select.from {
        name_in(&mut tables.relation, &known);
        known.extend(Element::of(&tables.relation));
        for join in &mut tables.joins {
            name_in(&mut join.relation, &known);
            known.extend(Element::of(&join.relation));
            name_in(&mut join.join_operator, &known);
        }
    }
    if !known.is_empty() {
        let from = std::mem::take(&mut select.from);
        name_in(select, &known);
        select.from = from;
    }
}

/// The elements in the `from` of a `select`.
pub(super) fn elements(select: &Select) -> Vec<Element> {
    let joined = |tables: &TableWithJoins| tables.joins.iter().filter_map(|join| Element::of(&join.relation)).collect();
    let of = |tables: &TableWithJoins| Element::of(&tables.relation).into_iter().chain::<Vec<_>>(joined(tables));
    select.from.iter().flat_map(of).collect()
}

/// The element of a list in `from`.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) name: Ident,
    has_ordinality: bool,
}

impl Element {
    fn of(factor: &TableFactor) -> Option<Element> {
        let TableFactor::UNNEST { alias: Some(alias), array_exprs, with_ordinality, .. } = factor else { return None };
        let is_one = array_exprs.len() == 1 && alias.columns.is_empty();
        is_one.then(|| Element { name: alias.name.clone(), has_ordinality: *with_ordinality })
    }

    /// What the parts of a name mean, if they mean the element or a field of it.
    fn meant(&self, parts: &[Ident]) -> Option<Expr> {
        let (first, fields) = parts.split_first()?;
        let element = Expr::CompoundIdentifier(vec![self.name.clone(), self.name.clone()]);
        let own = |name: &Ident| same(name, &self.name) || (self.has_ordinality && folded(name) == "ordinality");
        let fields = match fields {
            _ if !same(first, &self.name) => return None,
            [] => return Some(element),
            [column] if own(column) => return None,
            [column, fields @ ..] if same(column, &self.name) => fields,
            fields => fields,
        };
        let field = |name: &Ident| AccessExpr::Subscript(Subscript::Index { index: build::text(folded(name)) });
        Some(Expr::CompoundFieldAccess { root: Box::new(element), access_chain: fields.iter().map(field).collect() })
    }
}

fn name_in(part: &mut impl VisitMut, known: &[Element]) {
    if !known.is_empty() {
        let _ = part.visit(&mut Naming { known, place: Place::default(), hiding: Vec::new() });
    }
}

/// Names elements: alone only in the query itself, with a field in queries in it, too, unless they have a relation of the name.
struct Naming<'a> {
    known: &'a [Element],
    place: Place,
    hiding: Vec<Vec<Ident>>,
}

impl VisitorMut for Naming<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        self.place.enter_query();
        self.hiding.push(names::of_query(query));
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> ControlFlow<()> {
        self.hiding.pop();
        self.place.leave_query();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        operators::fields(expr);
        // In `dateadd(day, 1, day)` the first is no element.
        part_words::quote(expr);
        self.place.enter(expr);
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        self.place.leave(expr);
        let parts = match expr {
            Expr::Identifier(name) if self.place.sees(name) => std::slice::from_ref(name),
            Expr::CompoundIdentifier(parts) => parts.as_slice(),
            _ => return ControlFlow::Continue(()),
        };
        let is_hidden = |name: &Ident| self.hiding.iter().flatten().any(|hiding| same(hiding, name));
        // The last of a name hides those before it.
        let meant = self.known.iter().rev().filter(|one| !is_hidden(&one.name)).find_map(|one| one.meant(parts));
        if let Some(meant) = meant {
            *expr = meant;
        }
        ControlFlow::Continue(())
    }
}
