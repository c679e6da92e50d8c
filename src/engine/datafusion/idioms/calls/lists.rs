//! Functions of lists and structs.

use super::Definition;

/// Lists count from 1.
pub(super) const DEFINED: &[Definition] = &[
    ("array_size(list)", "cardinality(list)"),
    ("list_unique(list)", "cardinality(array_distinct(list))"),
    ("array_intersection(one, other)", "array_intersect(one, other)"),
    ("arrays_overlap(one, other)", "array_has_any(one, other)"),
    ("array_flatten(list)", "flatten(list)"),
    ("array_compact(list)", "array_remove_all(list, null)"),
    ("generate_array(first, last)", "generate_series(first, last)"),
    ("generate_array(first, last, step)", "generate_series(first, last, step)"),
    ("sequence(first, last)", "generate_series(first, last)"),
    ("sequence(first, last, step)", "generate_series(first, last, step)"),
    ("array_generate_range(first, last)", "range(first, last)"),
    ("generate_date_array(first, last)", "generate_series(first, last, interval '1 day')"),
    ("generate_date_array(first, last, step)", "generate_series(first, last, step)"),
];
