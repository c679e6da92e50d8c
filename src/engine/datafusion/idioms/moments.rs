//! Dates and times as they are written: `timestamp '2024-01-01 10:00'`, `extract(dayofweek from d)`, `date_part(dow, d)`.
//!
//! A time without seconds is at the full minute. Days of the week count from Sunday, which is 0, as everywhere here.

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, TimezoneInfo, TypedString, Value,
};

use super::build;

/// Translates one expression, before what is in it.
pub(super) fn translate(expr: &mut Expr) {
    match expr {
        Expr::TypedString(TypedString { data_type, value, .. }) if is_moment(data_type) => complete(&mut value.value),
        Expr::Cast { expr, data_type, .. } if is_moment(data_type) => {
            if let Expr::Value(value) = expr.as_mut() {
                complete(&mut value.value);
            }
        }
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

fn is_moment(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(..) | DataType::TimestampNtz(_) | DataType::Datetime(_) => true,
        DataType::Custom(name, _) => {
            matches!(name.to_string().to_lowercase().as_str(), "timestamp_ntz" | "timestamp_tz" | "timestamp_ltz")
        }
        _ => false,
    }
}

/// Adds the seconds to `2024-01-01 10:00`, before a zone.
fn complete(value: &mut Value) {
    const MINUTES: &str = "dddd-dd-dd.dd:dd";
    let Value::SingleQuotedString(text) = value else { return };
    let written = text.trim();
    let fits = |(letter, shape): (char, char)| match shape {
        'd' => letter.is_ascii_digit(),
        '.' => matches!(letter, ' ' | 'T' | 't'),
        other => letter == other,
    };
    let is_whole = written.len() >= MINUTES.len() && written.chars().zip(MINUTES.chars()).all(fits);
    let Some((moment, zone)) = is_whole.then(|| written.split_at_checked(MINUTES.len())).flatten() else { return };
    if !zone.starts_with([':', '.']) && !zone.starts_with(|letter: char| letter.is_ascii_digit()) {
        *text = format!("{moment}:00{zone}");
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
