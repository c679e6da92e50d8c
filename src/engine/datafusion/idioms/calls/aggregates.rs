//! Aggregates.

use datafusion::sql::sqlparser::ast::{DuplicateTreatment, Expr, Function, FunctionArguments};

use super::Definition;
use crate::engine::datafusion::idioms::build;

/// Rows whose key is null count for nothing in `max_by` and `min_by`.
pub(super) const DEFINED: &[Definition] = &[
    ("max_by(of, key)", "first_value(of order by key desc nulls last) filter (where key is not null)"),
    ("arg_max(of, key)", "first_value(of order by key desc nulls last) filter (where key is not null)"),
    ("min_by(of, key)", "first_value(of order by key nulls last) filter (where key is not null)"),
    ("arg_min(of, key)", "first_value(of order by key nulls last) filter (where key is not null)"),
    ("count_if(condition)", "count(*) filter (where condition)"),
    ("countif(condition)", "count(*) filter (where condition)"),
    ("listagg(words)", "string_agg(cast(words as varchar), '')"),
    ("listagg(words, separator)", "string_agg(cast(words as varchar), separator)"),
    ("group_concat(words)", "string_agg(cast(words as varchar), ',')"),
    ("group_concat(words, separator)", "string_agg(cast(words as varchar), separator)"),
    ("string_agg(words)", "string_agg(cast(words as varchar), ',')"),
    ("logical_or(condition)", "bool_or(condition)"),
    ("logical_and(condition)", "bool_and(condition)"),
    ("boolor_agg(condition)", "bool_or(condition)"),
    ("booland_agg(condition)", "bool_and(condition)"),
    ("every(condition)", "bool_and(condition)"),
    ("approx_count_distinct(of)", "approx_distinct(of)"),
    ("variance(number)", "var_samp(number)"),
    ("var_sample(number)", "var_samp(number)"),
    ("list(of)", "array_agg(of)"),
    ("first(of)", "first_value(of)"),
    ("last(of)", "last_value(of)"),
    ("array_unique_agg(of)", "array_agg(distinct of)"),
    ("ratio_to_report(number)", "cast(number as double) / sum(number)"),
];

/// `count(distinct a, b)`: how many different rows of values there are, none of them null.
pub(super) fn varying(name: &str, args: &[Expr], call: &Function) -> Option<Expr> {
    let FunctionArguments::List(list) = &call.args else { return None };
    if name != "count" || args.len() < 2 || list.duplicate_treatment != Some(DuplicateTreatment::Distinct) {
        return None;
    }
    let known = args.iter().map(|arg| Expr::IsNotNull(Box::new(arg.clone()))).reduce(build::and)?;
    let row = build::case([(known, build::call("struct", args.to_vec()))], None);
    let mut counted = call.clone();
    if let FunctionArguments::List(list) = &mut counted.args {
        list.args = vec![build::argument(row)];
    }
    Some(Expr::Function(counted))
}
