//! `unnest` in `from`: the position of an element, `with ordinality` and `with offset`, and the name of its column.
//!
//! `unnest(list) as x` names the column too, as PostgreSQL and BigQuery have it. An ordinality counts from 1, BigQuery's offset from 0.

use datafusion::sql::sqlparser::ast::{Ident, TableAlias, TableAliasColumnDef, TableFactor};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

/// Translates it.
pub(super) fn translate(factor: &mut TableFactor) {
    let TableFactor::UNNEST { alias, array_exprs, with_offset, with_offset_alias, with_ordinality } = factor else {
        return;
    };
    let [list] = array_exprs.as_slice() else { return };
    let (position, positions) = if *with_offset {
        let name = with_offset_alias.clone().unwrap_or_else(|| Ident::new("offset"));
        (name, format!("range(0, array_length({list}))"))
    } else if *with_ordinality {
        (Ident::new("ordinality"), format!("generate_series(1, array_length({list}))"))
    } else {
        if let Some(alias) = alias.as_mut().filter(|alias| alias.columns.is_empty()) {
            alias.columns = vec![column(alias.name.clone())];
        }
        return;
    };
    let query = format!("select unnest({list}) as element, unnest({positions}) as position");
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(&query).and_then(|mut parser| parser.parse_query());
    let Ok(subquery) = parsed else { return };
    let mut alias = alias.take().unwrap_or_else(|| TableAlias {
        explicit: true,
        name: Ident::new("unnest"),
        columns: Vec::new(),
        at: None,
    });
    if alias.columns.is_empty() {
        alias.columns = vec![column(alias.name.clone()), column(position)];
    }
    *factor = TableFactor::Derived { lateral: true, subquery, alias: Some(alias), sample: None };
}

fn column(name: Ident) -> TableAliasColumnDef {
    TableAliasColumnDef { name, data_type: None }
}
