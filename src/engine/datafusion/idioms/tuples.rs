//! `(a, b) in (select x, y from t)`: several columns among those of a query.
//!
//! Where it decides about rows it asks whether there is a row all of whose columns are equal; that what SQL leaves unknown is false then
//! makes no difference. Elsewhere it would, and for `not in` it would take a look at every pair of rows, so those are refused.

use datafusion::sql::sqlparser::ast::{BinaryOperator, Expr, Ident, Query, Select, SelectItem, SetExpr};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::engine::{EngineError, ErrorKind};

/// Translates it where a `select` chooses rows.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for `not in`, [`ErrorKind::Plan`] for another number of columns.
pub(super) fn translate(select: &mut Select) -> Result<(), EngineError> {
    [&mut select.selection, &mut select.qualify].into_iter().flatten().try_for_each(decided)
}

/// Refuses what is left of it.
///
/// # Errors
/// [`ErrorKind::Unsupported`] for several columns among those of a query.
pub(super) fn refuse(expr: &Expr) -> Result<(), EngineError> {
    match expr {
        Expr::InSubquery { expr, .. } if matches!(expr.as_ref(), Expr::Tuple(_)) => {
            let message = "`(a, b) in (select …)` can only stand in a `where`, and not in an expression there";
            Err(EngineError::new(ErrorKind::Unsupported, message)
                .help("join with the query, and ask whether a column of it is null"))
        }
        _ => Ok(()),
    }
}

/// The parts of a condition, of which all or one have to be true.
fn decided(condition: &mut Expr) -> Result<(), EngineError> {
    match condition {
        Expr::Nested(inner) => decided(inner),
        Expr::BinaryOp { left, op: BinaryOperator::And | BinaryOperator::Or, right } => {
            decided(left)?;
            decided(right)
        }
        Expr::InSubquery { expr, subquery, negated } => {
            let Expr::Tuple(values) = expr.as_ref() else { return Ok(()) };
            if *negated {
                let message = "`(a, b) not in (select …)` is not supported";
                return Err(EngineError::new(ErrorKind::Unsupported, message).help(
                    "write `not exists (select 1 from … where x = a and y = b)`, which takes a null for different",
                ));
            }
            *condition = exists(values, subquery)?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn exists(values: &[Expr], query: &Query) -> Result<Expr, EngineError> {
    // Names that nobody writes: a column of the query could be in the way of one from outside.
    let names: Vec<Ident> = (0..values.len()).map(|at| Ident::new(format!("__listed_{at}"))).collect();
    let mut query = query.clone();
    let list = match name(&mut query.body, &names)? {
        true => format!("({query}) as __listed"),
        false => format!("({query}) as __listed ({})", written(names.iter().map(ToString::to_string), ", ")),
    };
    let equal = values.iter().zip(&names).map(|(value, name)| format!("{name} = ({value})"));
    let exists = format!("exists (select 1 from {list} where {})", written(equal, " and "));
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(&exists).and_then(|mut parser| parser.parse_expr());
    parsed.map_err(|error| EngineError::new(ErrorKind::Unsupported, error.to_string()))
}

fn written(parts: impl Iterator<Item = String>, between: &str) -> String {
    parts.collect::<Vec<_>>().join(between)
}

/// Names the columns of a query where they are written one by one: two may have the same name.
fn name(body: &mut SetExpr, names: &[Ident]) -> Result<bool, EngineError> {
    let select = match body {
        SetExpr::Select(select) => select,
        SetExpr::SetOperation { left, .. } => return name(left, names),
        SetExpr::Query(query) => return name(&mut query.body, names),
        _ => return Ok(false),
    };
    let columns = select.projection.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr.clone()),
        _ => None,
    });
    let Some(columns) = columns.collect::<Option<Vec<_>>>() else { return Ok(false) };
    if columns.len() != names.len() {
        let message = format!("{} columns are looked for among {}", names.len(), columns.len());
        return Err(EngineError::new(ErrorKind::Plan, message).help("select as many as stand before `in`"));
    }
    let named = columns.into_iter().zip(names);
    select.projection = named.map(|(expr, alias)| SelectItem::ExprWithAlias { expr, alias: alias.clone() }).collect();
    Ok(true)
}
