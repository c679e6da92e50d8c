//! Aggregates.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, CastKind, DataType, DuplicateTreatment, Expr, Function, FunctionArgumentClause, FunctionArguments,
};

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
    ("json_agg(of)", "to_json(array_agg(of))"),
    ("jsonb_agg(of)", "to_json(array_agg(of))"),
    ("json_group_array(of)", "to_json(array_agg(of))"),
    // Pairs without a key or a value are left out, as Snowflake has it.
    (
        "object_agg(key, value)",
        "json_object_of(array_agg(named_struct('key', key, 'value', value)) \
         filter (where key is not null and value is not null))",
    ),
    ("json_object_agg(key, value)", OBJECT),
    ("jsonb_object_agg(key, value)", OBJECT),
    ("json_group_object(key, value)", OBJECT),
];

const OBJECT: &str = "json_object_of(array_agg(named_struct('key', key, 'value', value)))";

/// The calls that vary with what is given.
pub(super) fn varying(name: &str, args: &[Expr], call: &Function) -> Option<Expr> {
    match (name, args) {
        ("count", args) => count_of_rows(args, call),
        // With several columns it is the number that Snowflake's and SQL Server's name means.
        ("grouping_id", [_, ..]) => Some(build::call("grouping", args.to_vec())),
        ("percentile_disc", [part]) => percentile(part, call),
        _ => None,
    }
}

/// `percentile_disc(0.5) within group (order by x)`: the first value that so many of all are at or before.
fn percentile(part: &Expr, call: &Function) -> Option<Expr> {
    let [order] = call.within_group.as_slice() else { return None };
    if call.over.is_some() {
        return None;
    }
    let known = Expr::IsNotNull(Box::new(order.expr.clone()));
    let mut values = build::call("array_agg", [order.expr.clone()]);
    if let Expr::Function(values) = &mut values {
        values.filter = Some(Box::new(match &call.filter {
            Some(given) => build::and(given.as_ref().clone(), known),
            None => known,
        }));
        if let FunctionArguments::List(list) = &mut values.args {
            list.clauses.push(FunctionArgumentClause::OrderBy(call.within_group.clone()));
        }
    }
    let count = build::call("array_length", [values.clone()]);
    let passed = build::call("ceil", [build::binary(build::nested(part.clone()), BinaryOperator::Multiply, count)]);
    let position = build::call("greatest", [passed, build::number(1)]);
    let position = Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(position),
        data_type: DataType::BigInt(None),
        array: false,
        format: None,
    };
    Some(build::call("array_element", [values, position]))
}

/// `count(distinct a, b)`: how many different rows of values there are, none of them null.
fn count_of_rows(args: &[Expr], call: &Function) -> Option<Expr> {
    let FunctionArguments::List(list) = &call.args else { return None };
    if args.len() < 2 || list.duplicate_treatment != Some(DuplicateTreatment::Distinct) {
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
