//! `moment at time zone zone` becomes `timezone(zone, moment)`, which knows whether the moment has a zone.

use datafusion::sql::sqlparser::ast::{Expr, Function, Ident};

use super::build::{call, text};

/// Translates it. The moment of the statement is one of UTC, though its type has no zone.
pub(super) fn translate(expr: &mut Expr) {
    let Expr::AtTimeZone { timestamp, time_zone } = expr else { return };
    let moment = match timestamp.as_ref() {
        Expr::Function(now) if is_now(now) => call("timezone", [text("UTC"), timestamp.as_ref().clone()]),
        other => other.clone(),
    };
    *expr = call("timezone", [time_zone.as_ref().clone(), moment]);
}

fn is_now(function: &Function) -> bool {
    let named = |name: &Ident| matches!(name.value.to_lowercase().as_str(), "now" | "current_timestamp");
    matches!(function.name.0.as_slice(), [name] if name.as_ident().is_some_and(named))
}
