//! `incremental_strategy: microbatch`: an incremental model built in batches of time.
//!
//! Each batch is the model over the rows of its inputs whose `event_time` lies in it, and takes the place of what the table holds of
//! that time. A batch that fails leaves the others as they are: the model has then succeeded in part.

use std::sync::Arc;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike};
use serde_json::{Value as Json, json};

use super::Job;
use crate::base::Timestamp;
use crate::compile::Compiled;
use crate::context::EventWindow;
use crate::diagnostic::{Diagnostic, codes};
use crate::engine::{Delete, Operation, Outcome, Rules};
use crate::run::{NodeResult, Status};
use crate::sql::statement;

/// The length of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Hour,
    Day,
    Month,
    Year,
}

impl Size {
    fn named(word: &str) -> Option<Self> {
        match word {
            "hour" => Some(Size::Hour),
            "day" => Some(Size::Day),
            "month" => Some(Size::Month),
            "year" => Some(Size::Year),
            _ => None,
        }
    }

    /// The start of the batch that holds a moment.
    fn floor(self, at: NaiveDateTime) -> NaiveDateTime {
        let date = match self {
            Size::Hour | Size::Day => at.date(),
            Size::Month => at.date().with_day(1).unwrap_or(at.date()),
            Size::Year => NaiveDate::from_ymd_opt(at.year(), 1, 1).unwrap_or(at.date()),
        };
        let hour = if self == Size::Hour { at.hour() } else { 0 };
        date.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default())
    }

    /// The first start of a batch at or after a moment.
    fn ceiling(self, at: NaiveDateTime) -> NaiveDateTime {
        let floor = self.floor(at);
        if floor == at { at } else { self.step(floor, 1) }
    }

    /// The start of the batch so many batches later.
    fn step(self, at: NaiveDateTime, by: i32) -> NaiveDateTime {
        let months = |count: i32| {
            let count = Months::new(count.unsigned_abs());
            if by < 0 { at.checked_sub_months(count) } else { at.checked_add_months(count) }
        };
        let moved = match self {
            Size::Hour => at.checked_add_signed(TimeDelta::hours(i64::from(by))),
            Size::Day if by < 0 => at.checked_sub_days(Days::new(u64::from(by.unsigned_abs()))),
            Size::Day => at.checked_add_days(Days::new(u64::from(by.unsigned_abs()))),
            Size::Month => months(by),
            Size::Year => months(by.saturating_mul(12)),
        };
        moved.unwrap_or(at)
    }

    fn batch_id(self, at: NaiveDateTime) -> String {
        let format = match self {
            Size::Hour => "%Y%m%dT%H",
            Size::Day => "%Y%m%d",
            Size::Month => "%Y%m",
            Size::Year => "%Y",
        };
        at.format(format).to_string()
    }
}

/// What the configs say.
struct Plan {
    event_time: String,
    size: Size,
    start: NaiveDateTime,
    end: NaiveDateTime,
}

impl Plan {
    fn of(job: &Job<'_>, is_incremental: bool) -> Result<Self, Diagnostic> {
        let values = &job.node.config.values;
        let text = |key: &str| values.get(key).and_then(Json::as_str).filter(|text| !text.is_empty());
        let wrong = |message: String| Diagnostic::error(codes::CONFIG_VALUE, message).at(job.node.span);
        let name = &job.node.name;
        let event_time = text("event_time").ok_or_else(|| {
            wrong(format!("microbatch model `{name}` needs an `event_time`: the column that tells when"))
        })?;
        let word = text("batch_size").ok_or_else(|| {
            wrong(format!("microbatch model `{name}` needs a `batch_size`: hour, day, month or year"))
        })?;
        let size = Size::named(word).ok_or_else(|| {
            wrong(format!("microbatch model `{name}`: `batch_size` is hour, day, month or year, not `{word}`"))
        })?;
        let session = job.runner.session();
        let flag = |flag: &str| session.flags.text(flag).and_then(|text| Timestamp::parse(&text));
        let end = size.ceiling(flag("event_time_end").unwrap_or(session.started_at).0.naive_utc());
        let start = match flag("event_time_start") {
            Some(start) => size.floor(start.0.naive_utc()),
            None if is_incremental => {
                let lookback = values.get("lookback").and_then(Json::as_i64).unwrap_or(1);
                let lookback = i32::try_from(lookback).unwrap_or(1);
                // The batch that is not over yet, and those before it.
                size.step(end, -lookback.saturating_add(1))
            }
            None => {
                let begin = values.get("begin").and_then(Json::as_str).ok_or_else(|| {
                    wrong(format!("microbatch model `{name}` needs a `begin`: the time of its first batch"))
                })?;
                let begin = Timestamp::parse(begin).ok_or_else(|| {
                    wrong(format!("microbatch model `{name}`: `begin` is a date or a time, not `{begin}`"))
                })?;
                size.floor(begin.0.naive_utc())
            }
        };
        Ok(Plan { event_time: event_time.to_owned(), size, start, end })
    }

    fn batches(&self) -> Vec<EventWindow> {
        let mut batches = Vec::new();
        let mut start = self.start;
        while start < self.end || batches.is_empty() {
            let end = self.size.step(start, 1).min(self.end.max(start));
            batches.push(EventWindow { id: self.size.batch_id(start), start: Some(start), end: Some(end) });
            start = self.size.step(start, 1);
        }
        batches
    }
}

/// Builds the batches, one after the other.
///
/// # Errors
/// When the configs are wrong; what fails in a batch is part of the result.
pub(super) async fn run(job: &Job<'_>) -> Result<NodeResult, Diagnostic> {
    let plan = Plan::of(job, job.compiled.is_incremental)?;
    let mut is_incremental = job.compiled.is_incremental;
    let (mut done, mut failed, mut rows) = (Vec::new(), Vec::new(), 0);
    let mut first_failure = None;
    for batch in plan.batches() {
        let period = json!([batch.start.map(iso), batch.end.map(iso)]);
        // Without a table there is nothing that the other batches could be added to.
        if !is_incremental && first_failure.is_some() {
            failed.push(period);
            continue;
        }
        match self::batch(job, &plan, batch, is_incremental).await {
            Ok(outcome) => {
                rows += outcome.rows.unwrap_or(0);
                is_incremental = true;
                done.push(period);
            }
            Err(diagnostic) if diagnostic.code == codes::CANCELLED => return Err(diagnostic),
            Err(diagnostic) => {
                failed.push(period);
                first_failure.get_or_insert(diagnostic);
            }
        }
    }
    let (count, bad) = (done.len() + failed.len(), failed.len());
    let results = Some(json!({ "successful": done, "failed": failed }));
    let result = match first_failure {
        None => {
            let words = format!("built {count} {}", if count == 1 { "batch" } else { "batches" });
            NodeResult { rows: Some(rows), ..NodeResult::new(job.node, Status::Success, words) }
        }
        Some(diagnostic) if bad == count => NodeResult::failed(job.node, diagnostic),
        Some(diagnostic) => {
            let words = format!("PARTIAL SUCCESS ({}/{count}): {}", count - bad, diagnostic.message);
            NodeResult {
                rows: Some(rows),
                diagnostic: Some(diagnostic),
                ..NodeResult::new(job.node, Status::PartialSuccess, words)
            }
        }
    };
    Ok(NodeResult { batch_results: results, ..result })
}

fn iso(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339()
}

async fn batch(job: &Job<'_>, plan: &Plan, batch: EventWindow, is_incremental: bool) -> Result<Outcome, Diagnostic> {
    let (compiler, node, window) = (job.runner.compiler.clone(), Arc::clone(job.node), batch.clone());
    let compiled: Compiled =
        job.runner.blocking(move || Ok(compiler.compile_window(&node, window, is_incremental)?)).await?;
    let query = statement(&compiled.sql).to_owned();
    let relation = job.relation()?;
    let job = Job { compiled: &compiled, ..*job };
    if !is_incremental {
        return job.apply(Operation::CreateTable { relation, query, rules: Rules::default() }).await;
    }
    let column = &plan.event_time;
    let bounds = batch.bounds(column);
    job.apply(Operation::DeleteInsert {
        relation,
        query,
        delete: Delete { unique_key: Vec::new(), predicates: bounds },
    })
    .await
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::{Plan, Size};
    use crate::base::Timestamp;

    fn at(text: &str) -> NaiveDateTime {
        Timestamp::parse(text).unwrap().0.naive_utc()
    }

    fn plan(size: Size, start: &str, end: &str) -> Vec<String> {
        let (start, end) = (at(start), at(end));
        let plan = Plan { event_time: "at".to_owned(), size, start, end };
        let batches = plan.batches();
        batches.iter().map(|batch| format!("{}..{}", batch.id, batch.end.unwrap())).collect()
    }

    #[test]
    fn batches_are_whole_and_end_at_the_end() {
        assert_eq!(
            plan(Size::Day, "2024-02-28", "2024-03-01"),
            ["20240228..2024-02-29 00:00:00", "20240229..2024-03-01 00:00:00"]
        );
        assert_eq!(
            plan(Size::Month, "2023-12-01", "2024-01-15"),
            ["202312..2024-01-01 00:00:00", "202401..2024-01-15 00:00:00"]
        );
        assert_eq!(plan(Size::Year, "2024-01-01", "2025-01-01"), ["2024..2025-01-01 00:00:00"]);
        assert_eq!(plan(Size::Hour, "2024-01-01T23:00", "2024-01-02"), ["20240101T23..2024-01-02 00:00:00"]);
    }

    #[test]
    fn moments_are_cut_to_batches() {
        let moment = at("2024-05-17T13:45:10");
        assert_eq!(Size::Month.floor(moment), at("2024-05-01"));
        assert_eq!(Size::Month.ceiling(moment), at("2024-06-01"));
        assert_eq!(Size::Day.ceiling(at("2024-05-17")), at("2024-05-17"));
    }
}
