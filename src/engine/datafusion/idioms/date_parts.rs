//! Parts of dates and times as they are written: `extract(dayofweek from d)`, `date_part(dow, d)`.
//!
//! Days of the week count from Sunday, which is 0, as everywhere here.

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, TimezoneInfo, Value,
};

use super::build;

/// Translates one expression, before what is in it.
pub(super) fn translate(expr: &mut Expr) {
    match expr {
        Expr::Extract { field, expr: of, .. } => {
            let word = field.to_string().to_lowercase();
            if let Some(part) = part(&word) {
                *expr = build::call("date_part", [build::text(part), of.as_ref().clone()]);
            } else if let Some(data_type) = whole(&word) {
                *expr = cast(of.as_ref().clone(), data_type);
            }
        }
        Expr::Function(call) if matches!(build::name(call).as_deref(), Some("date_part" | "datepart")) => {
            if let FunctionArguments::List(list) = &mut call.args
                && let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(first))) = list.args.first_mut()
                && let Some(part) = word(first).and_then(|word| part(&word))
            {
                *first = build::text(part);
            }
        }
        _ => {}
    }
}

/// The word or the text of an argument.
fn word(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Identifier(word) if word.quote_style.is_none() => Some(word.value.to_lowercase()),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(word) => Some(word.to_lowercase()),
            _ => None,
        },
        _ => None,
    }
}

/// The planner's word for a part that it knows under another.
fn part(word: &str) -> Option<&'static str> {
    Some(match word {
        "dow" | "dayofweek" | "weekday" | "dw" => "dow",
        "isodow" | "dayofweekiso" | "dayofweek_iso" | "dow_iso" => "isodow",
        "doy" | "dayofyear" | "yearday" => "doy",
        "isoweek" | "weekiso" | "week_iso" | "weekofyear" => "week",
        "isoyear" | "yearofweek" | "yearofweekiso" => "isoyear",
        "dayofmonth" => "day",
        "epoch" | "epoch_second" | "epoch_seconds" => "epoch",
        _ => return None,
    })
}

/// The type of what is more than a part.
fn whole(word: &str) -> Option<DataType> {
    match word {
        "date" => Some(DataType::Date),
        "time" => Some(DataType::Time(None, TimezoneInfo::None)),
        _ => None,
    }
}

fn cast(expr: Expr, data_type: DataType) -> Expr {
    Expr::Cast { kind: CastKind::Cast, expr: Box::new(expr), data_type, array: false, format: None }
}
