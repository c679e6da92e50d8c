//! The offset at the end of a timestamp's text may be one digit, as PostgreSQL and DuckDB have it: `'2020-01-01 00:00:00-0'`. Arrow
//! reads two or more.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::Transformed;
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{Cast, Expr, LogicalPlan};
use datafusion::optimizer::AnalyzerRule;

use super::rewritten::rewritten;

/// Spells the offset out in texts that are cast to a timestamp.
#[derive(Debug)]
pub(super) struct Offsets;

impl AnalyzerRule for Offsets {
    fn name(&self) -> &'static str {
        "offsets"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        rewritten(plan, |expr| respelt_text(expr).is_some(), |expr, _| Ok(respelt(expr)))
    }
}

fn respelt(expr: Expr) -> Transformed<Expr> {
    let Some(text) = respelt_text(&expr) else { return Transformed::no(expr) };
    let Expr::Cast(Cast { field, .. }) = expr else { return Transformed::no(expr) };
    let literal = Expr::Literal(ScalarValue::Utf8(Some(text)), None);
    Transformed::yes(Expr::Cast(Cast { expr: Box::new(literal), field }))
}

/// The text that a cast of one to a timestamp is to be of instead.
fn respelt_text(expr: &Expr) -> Option<String> {
    let Expr::Cast(Cast { expr, field }) = expr else { return None };
    match (field.data_type(), expr.as_ref()) {
        (DataType::Timestamp(..), Expr::Literal(value, _)) => spelt_out(value.try_as_str()??),
        _ => None,
    }
}

/// The text with `-0` as `-00:00`.
fn spelt_out(text: &str) -> Option<String> {
    let trimmed = text.trim_end();
    let at = trimmed.rfind(['+', '-'])?;
    let (moment, offset) = trimmed.split_at(at);
    let (sign, hours) = offset.split_at(1);
    let is_digit = hours.len() == 1 && hours.chars().all(|c| c.is_ascii_digit());
    // The last part of a date is no offset.
    (is_digit && moment.contains(':')).then(|| format!("{moment}{sign}0{hours}:00"))
}

#[cfg(test)]
mod tests {
    use super::spelt_out;

    #[test]
    fn only_offsets_of_one_digit_are_respelt() {
        assert_eq!(spelt_out("2020-01-01 00:00:00-0").as_deref(), Some("2020-01-01 00:00:00-00:00"));
        assert_eq!(spelt_out("2020-01-01 00:00:00.5+2 ").as_deref(), Some("2020-01-01 00:00:00.5+02:00"));
        for text in ["2020-01-1", "2020-01-01 00:00:00-08", "2020-01-01 00:00:00", "-0", "2020-01-01 00:00:00+"] {
            assert_eq!(spelt_out(text), None, "{text}");
        }
    }
}
