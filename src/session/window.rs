//! `--sample`: the stretch of event times that a run reads.

use chrono::{DateTime, Days, Months, TimeDelta, Utc};
use serde_json::{Value as Json, json};

use crate::base::Timestamp;
use crate::diagnostic::{Diagnostic, codes};

/// Reads `3 days` or `{start: …, end: …}`; gives `{start, end}` as SQL compares them.
///
/// # Errors
/// When it is neither.
pub(super) fn read(text: &str, now: Timestamp) -> Result<Json, Diagnostic> {
    let (start, end) = if text.trim_start().starts_with('{') {
        let spec: Json = serde_yaml::from_str(text).map_err(|error| wrong(text, &error.to_string()))?;
        let moment = |key: &str| {
            let time =
                spec.get(key).and_then(Json::as_str).ok_or_else(|| wrong(text, &format!("`{key}` is missing")))?;
            Timestamp::parse(time).ok_or_else(|| wrong(text, &format!("`{time}` is no time")))
        };
        (moment("start")?.0, moment("end")?.0)
    } else {
        let (count, unit) = text.trim().split_once(' ').ok_or_else(|| wrong(text, "it is not a number and a unit"))?;
        let count: u32 = count.trim().parse().map_err(|_| wrong(text, &format!("`{count}` is no whole number")))?;
        let end = now.0;
        let start = match unit.trim().to_lowercase().trim_end_matches('s') {
            "hour" => end.checked_sub_signed(TimeDelta::hours(i64::from(count))),
            "day" => end.checked_sub_days(Days::new(u64::from(count))),
            "month" => end.checked_sub_months(Months::new(count)),
            "year" => end.checked_sub_months(Months::new(count.saturating_mul(12))),
            other => return Err(wrong(text, &format!("`{other}` is none of `hour`, `day`, `month` and `year`"))),
        };
        (start.ok_or_else(|| wrong(text, "it starts before all times"))?, end)
    };
    if start >= end {
        return Err(wrong(text, "it ends before it starts"));
    }
    Ok(json!({ "start": shown(start), "end": shown(end) }))
}

/// A time as a text that SQL compares with times.
fn shown(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M:%S%.f").to_string()
}

fn wrong(text: &str, why: &str) -> Diagnostic {
    Diagnostic::error(codes::ARGUMENT, format!("`--sample {text}` cannot be used: {why}"))
        .help("write `--sample '3 days'` or `--sample '{start: 2026-01-01, end: 2026-02-01}'`")
}
