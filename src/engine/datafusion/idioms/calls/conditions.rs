//! Functions that choose, divide and convert.

use datafusion::sql::sqlparser::ast::Expr;

use super::Definition;
use crate::engine::datafusion::idioms::build;

/// A division that is safe gives a fraction, also of whole numbers.
pub(super) const DEFINED: &[Definition] = &[
    ("iff(condition, one, other)", "case when condition then one else other end"),
    ("if(condition, one, other)", "case when condition then one else other end"),
    ("if(condition, one)", "case when condition then one end"),
    ("zeroifnull(number)", "coalesce(number, 0)"),
    ("nullifzero(number)", "nullif(number, 0)"),
    ("equal_null(one, other)", "one is not distinct from other"),
    ("div0(number, by)", "case when by = 0 then 0 else cast(number as double) / by end"),
    ("div0null(number, by)", "case when coalesce(by, 0) = 0 then 0 else cast(number as double) / by end"),
    ("safe_divide(number, by)", "cast(number as double) / nullif(by, 0)"),
    ("sign(number)", "case when number > 0 then 1 when number < 0 then -1 when number = 0 then 0 end"),
    ("square(number)", "number * number"),
    ("ceiling(number)", "ceil(number)"),
    ("truncate(number)", "trunc(number)"),
    ("truncate(number, digits)", "trunc(number, digits)"),
    ("rand()", "random()"),
    // Where the first bound is the greater one, buckets are counted downwards.
    (
        "width_bucket(number, first, last, count)",
        "case when first < last and number < first or first > last and number > first then 0 \
         when first < last and number >= last or first > last and number <= last then count + 1 \
         when first <> last then \
         cast(floor((cast(number as double) - first) * count / (cast(last as double) - first)) as bigint) + 1 end",
    ),
    ("to_number(words)", "cast(words as decimal(38, 0))"),
    ("to_number(words, $precision, $scale)", "cast(words as decimal($precision, $scale))"),
    ("to_decimal(words)", "cast(words as decimal(38, 0))"),
    ("to_decimal(words, $precision, $scale)", "cast(words as decimal($precision, $scale))"),
    ("to_numeric(words)", "cast(words as decimal(38, 0))"),
    ("to_numeric(words, $precision, $scale)", "cast(words as decimal($precision, $scale))"),
    ("to_double(words)", "cast(words as double)"),
    ("to_boolean(words)", "cast(words as boolean)"),
    ("try_to_number(words)", "try_cast(words as decimal(38, 0))"),
    ("try_to_number(words, $precision, $scale)", "try_cast(words as decimal($precision, $scale))"),
    ("try_to_decimal(words)", "try_cast(words as decimal(38, 0))"),
    ("try_to_decimal(words, $precision, $scale)", "try_cast(words as decimal($precision, $scale))"),
    ("try_to_numeric(words)", "try_cast(words as decimal(38, 0))"),
    ("try_to_numeric(words, $precision, $scale)", "try_cast(words as decimal($precision, $scale))"),
    ("try_to_double(words)", "try_cast(words as double)"),
    ("try_to_boolean(words)", "try_cast(words as boolean)"),
];

/// `decode(x, 1, 'a', 2, 'b', 'c')`, in which null is equal to null. With two arguments it is that of an encoding.
pub(super) fn varying(name: &str, args: &[Expr]) -> Option<Expr> {
    let (of, rest) = args.split_first().filter(|(_, rest)| name == "decode" && rest.len() > 1)?;
    let (pairs, other) = rest.as_chunks::<2>();
    let cases = pairs.iter().map(|[is, then]| (build::same(of.clone(), is.clone()), then.clone()));
    Some(build::case(cases, other.first().cloned()))
}
