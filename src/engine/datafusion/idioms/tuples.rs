//! `(a, b) in (select x, y from t)`: several columns among those of a query.
//!
//! It asks whether there is a row all of whose columns are equal; `not in`, whether no row could be equal, with a null for any value. What
//! SQL leaves unknown is false in both, which makes no difference where it decides about rows.

use datafusion::sql::sqlparser::ast::Expr;
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

/// Translates it, before what is in it.
pub(super) fn translate(expr: &mut Expr) {
    let Expr::InSubquery { expr: of, subquery, negated } = expr else { return };
    let Expr::Tuple(values) = of.as_ref() else { return };
    // A name that nobody writes: a column of the query could be in the way of one from outside.
    let names: Vec<String> = (0..values.len()).map(|at| format!("__listed_{at}")).collect();
    let equal = values.iter().zip(&names).map(|(value, name)| {
        let equal = format!("({name} = ({value}))");
        if *negated { format!("({equal} is not false)") } else { equal }
    });
    let (equal, names) = (equal.collect::<Vec<_>>().join(" and "), names.join(", "));
    let not = if *negated { "not " } else { "" };
    let exists = format!("{not}exists (select 1 from ({subquery}) as __listed ({names}) where {equal})");
    if let Ok(exists) = Parser::new(&GenericDialect {}).try_with_sql(&exists).and_then(|mut parser| parser.parse_expr())
    {
        *expr = exists;
    }
}
