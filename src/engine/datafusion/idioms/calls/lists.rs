//! Functions of lists and structs.

use datafusion::sql::sqlparser::ast::{Expr, Value};

use super::Definition;
use crate::engine::datafusion::idioms::build;

/// Lists count from 1.
pub(super) const DEFINED: &[Definition] = &[
    ("array_size(list)", "array_length(list)"),
    ("list_unique(list)", "array_length(array_compact(array_distinct(list)))"),
    ("array_intersection(one, other)", "array_intersect(one, other)"),
    ("arrays_overlap(one, other)", "array_has_any(one, other)"),
    ("array_flatten(list)", "flatten(list)"),
    ("generate_array(first, last)", "generate_series(first, last)"),
    ("generate_array(first, last, step)", "generate_series(first, last, step)"),
    ("sequence(first, last)", "generate_series(first, last)"),
    ("sequence(first, last, step)", "generate_series(first, last, step)"),
    ("array_generate_range(first, last)", "range(first, last)"),
    ("generate_date_array(first, last)", "generate_series(first, last, interval '1 day')"),
    ("generate_date_array(first, last, step)", "generate_series(first, last, step)"),
];

/// `list_aggregate(list, 'sum')`: the aggregate that is named, of the elements.
pub(super) fn varying(name: &str, args: &[Expr]) -> Option<Expr> {
    if !matches!(name, "list_aggregate" | "list_aggr" | "array_aggregate" | "array_aggr" | "aggregate") {
        return None;
    }
    let (list, Expr::Value(aggregate), rest) = (args.first()?, args.get(1)?, args.get(2..)?) else { return None };
    let Value::SingleQuotedString(aggregate) = &aggregate.value else { return None };
    let of = |function: &str, more: Option<Expr>| Some(build::call(function, [list.clone()].into_iter().chain(more)));
    match (aggregate.to_lowercase().as_str(), rest) {
        ("sum", []) => of("array_sum", None),
        ("min", []) => of("array_min", None),
        ("max", []) => of("array_max", None),
        ("avg" | "mean", []) => of("array_avg", None),
        ("product", []) => of("array_product", None),
        ("first", []) => of("array_element", Some(build::number(1))),
        ("last", []) => of("array_element", Some(build::number(-1))),
        ("count", []) => Some(build::call("array_length", [of("array_compact", None)?])),
        ("string_agg" | "group_concat" | "listagg", []) => of("array_to_string", Some(build::text(","))),
        ("string_agg" | "group_concat" | "listagg", [separator]) => of("array_to_string", Some(separator.clone())),
        _ => None,
    }
}
